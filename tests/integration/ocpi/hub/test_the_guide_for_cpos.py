"""Does each command of docs/connecting.md do what the page says, in its order?"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.domain.ids import PartyId
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import SessionState
from chalicelib.ocpi.language import VERSIONS
from chalicelib.usecases.connection.invite import invite
from sandbox.__main__ import commands
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Answer, Peer
from tests.tidy.trees import ROOT

_BLOCK = re.compile(r"^```bash\n(?P<lines>.*?)^```", re.MULTILINE | re.DOTALL)
_TOKEN = re.compile(r"\$\(printf %s \"\$(?P<name>\w+)\" \| base64\)")


@dataclass(frozen=True)
class Command:
    method: str
    url: str
    token: str  # which one is shown
    body: Any

    def play(self, peer: Peer) -> Answer:
        return peer.send(self.method, self.url, self.body)


def _commands(known: Mapping[str, str]) -> Iterator[Command]:
    """The page's curls as a shell would read them, with what the reader knows by then."""
    page = (ROOT / "docs" / "connecting.md").read_text()
    for block in _BLOCK.finditer(page):
        for text in re.split(r"^(?=curl )", block["lines"], flags=re.MULTILINE):
            if text.startswith("curl "):
                shown = _TOKEN.search(text)
                assert shown is not None, text
                yield _command(_TOKEN.sub("...", text), shown["name"], known)


def _command(text: str, token: str, known: Mapping[str, str]) -> Command:
    for name in sorted(known, key=len, reverse=True):
        text = text.replace(f"${name}", known[name])
    words = shlex.split(text.replace("\\\n", " "))
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
    (url,) = (word for word in words if word.startswith("/"))
    return Command(method, url, token, body)


@pytest.fixture
def played(world: World, cpo: Peer) -> tuple[World, Peer, list[Command]]:
    """The commands behind the handshake: of the world's own CPO, whose charger a driver starts."""
    session = world.start()
    start = world.ports.cpos.starts[-1]
    known = {
        "CHANNEL": "",
        "RESPONSE_URL": start.response_url.removeprefix(world.ports.public_url),
        "TOKEN_UID": start.token.uid,
        "CONTRACT": start.token.contract_id,
        "REFERENCE": session.authorization_reference,
        "TOKEN_B": "b",
    }
    text = json.dumps([vars(command) for command in _commands(known)]).replace("ABC", "RHE")
    return world, cpo, [Command(**command) for command in json.loads(text)]


def test_the_handshake_ends_with_token_c(world: World, cpo: Peer) -> None:
    world.ports.cpos.versions = VERSIONS
    invitation = invite(world.ports, PartyId("cpo_abc"), {"DE*ABC": PartyId("cpo_abc")})
    invited = Peer(cpo.client, invitation.token, invitation.connection)
    known = {"CHANNEL": "", "TOKEN_B": "b", "RESPONSE_URL": "/later"}
    versions, credentials = (one for one in _commands(known) if one.token == "TOKEN_A")
    assert {each["version"] for each in versions.play(invited).data} == set(VERSIONS)
    answer = credentials.play(invited)
    assert answer.status == 1000, answer.message
    assert answer.data["token"] != invitation.token


def test_what_follows_the_handshake_ends_with_a_paid_bill(
    played: tuple[World, Peer, list[Command]],
) -> None:
    world, cpo, commands = played
    told = [command for command in commands if command.token == "TOKEN_C"]
    assert len(told) == 8
    for command in told:
        if command.url.endswith("/cdrs"):
            world.ports.clock.forward(hours=2)
        answer = command.play(cpo)
        assert (answer.http // 100, answer.status) == (2, 1000), (command, answer.message)
        if "authorize" in command.url:
            assert answer.data["allowed"] == "ALLOWED"
        world.settle()
    (session_id,) = {start.authorization_reference for start in world.ports.cpos.starts}
    session = world.session(session_id)
    assert (session.state, session.payment.state) == (SessionState.BILLED, PaymentState.CAPTURED)
    assert session.bill is not None
    assert str(session.bill.gross) == "17.49 EUR"


def test_the_looks_beforehand_are_commands_that_exist() -> None:
    page = (ROOT / "docs" / "connecting.md").read_text().replace("\\\n", " ")
    told = re.findall(r"^python -m sandbox (ocpi-check .*)$", page, re.MULTILINE)
    looks = [commands(words).parse_args(words) for words in map(shlex.split, told)]
    assert [(bool(one.register), bool(one.commands)) for one in looks] == [
        (False, False),
        (True, True),
    ]
