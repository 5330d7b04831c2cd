"""Does a 2.3.0 client that we did not write register with us, read our tokens and leave?

It is made for one hub, and departs from the specification elsewhere (see docs/ocpi.md): objects
without last_updated, CDRs at a URL of their own. What it does so is refused in a way that it reads.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.usecases.agreement.find import EVERY_CPO
from chalicelib.usecases.connection.invite import Invitation, invite
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.token.issue import issue
from tests.contract.answering import Answer, Asked, answering
from tests.contract.ocpi_rig import CPO, Meeting, meeting
from tests.interop.peer import python_of
from tests.unit.token.terms import agreed

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ROLES = [{"role": "CPO", "party_id": "CHG", "country_code": "CL"}]
VERSION = "2.3.0"


@dataclass
class Client:
    channel: Meeting
    invitation: Invitation
    ours: str  # the CPO's versions URL
    process: "subprocess.Popen[str]"

    def call(self, name: str, *args: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"call": name, "args": args}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def register(self) -> dict[str, Any]:
        return self.call("register_credentials", self.invitation.token, self.ours, ROLES)


@pytest.fixture
def client() -> Iterator[Client]:
    script = Path(__file__).parent / "peers" / "latam_calls.py"
    with meeting() as channel, answering(_cpo) as ours:
        invitation = invite(channel.ports, CPO, {"CL*CHG": CPO})
        base = f"{channel.ports.public_url}/ocpi/{VERSION}"
        with subprocess.Popen(  # noqa: S603 - our own script
            [str(python_of("latam")), str(script), base],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield Client(channel, invitation, f"{ours}/versions", process)
            assert process.stdin is not None
            process.stdin.close()


def _cpo(asked: Asked) -> Answer:
    """The library is a client only: versions and details, as its user would serve them."""
    here = f"http://{asked.headers['Host']}"
    data: Any = [{"version": VERSION, "url": f"{here}/details"}]
    if asked.path.startswith("/details"):
        modules = ("locations", "tariffs", "sessions", "cdrs")
        endpoints = [{"identifier": m, "role": "SENDER", "url": f"{here}/{m}"} for m in modules]
        others = [("commands", "RECEIVER"), ("credentials", "RECEIVER")]
        endpoints += [{"identifier": m, "role": r, "url": f"{here}/{m}"} for m, r in others]
        data = {"version": VERSION, "endpoints": endpoints}
    body = {"status_code": 1000, "timestamp": "2026-11-20T08:00:00Z", "data": data}
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def state(client: Client) -> ConnectionState:
    peer_id: PeerId = client.invitation.connection.id
    return connection_of(client.channel.ports, peer_id).state


def test_it_registers_with_a_raw_token_and_leaves(client: Client) -> None:
    registered = client.register()
    assert registered["value"]["token"] != client.invitation.token
    assert registered["value"]["roles"][0]["role"] == "EMSP"
    assert state(client) is ConnectionState.REGISTERED
    assert connection_of(client.channel.ports, client.invitation.connection.id).version == VERSION
    assert client.call("terminate_credentials", registered["value"]["token"]) == {"value": None}
    assert state(client) is not ConnectionState.REGISTERED


def test_it_reads_our_tokens(client: Client) -> None:
    token = client.register()["value"]["token"]
    ports, partner = client.channel.ports, PartyId("par_app")
    agreed(ports, partner, EVERY_CPO, ports.clock.now() - timedelta(days=1))
    issue(ports, partner, "driver 7", "pm_1")
    listed = client.call("get_tokens", token)
    assert listed["value"]["total"] == 1
    (told,) = listed["value"]["tokens"]
    assert (told["country_code"], told["party_id"], told["valid"]) == ("DE", "PLG", True)


@pytest.mark.parametrize(
    ("call", "args", "http"),
    [
        ("get_tokens", ["wrong"], 401),
        ("register_credentials", ["wrong", "http://127.0.0.1:9/v", ROLES], 401),
    ],
)
def test_it_reads_why_it_is_refused(client: Client, call: str, args: list[Any], http: int) -> None:
    assert client.call(call, *args) == {"status": 2000, "http": http}
    assert state(client) is ConnectionState.INVITED
