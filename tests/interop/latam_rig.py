"""How does a CPO or eMSP made of latam-evra-ocpi's client meet the channel?

The library calls; its user listens.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.usecases.connection.invite import Invitation, invite
from chalicelib.usecases.connection.read import connection_of
from sandbox.memory.world import CPO, World
from tests.contract.answering import Answer, Asked, answering
from tests.contract.ocpi_rig import Meeting, meeting
from tests.interop.peer import python_of

PARTY = {"country_code": "DE", "party_id": "LEA"}
ROLES = [{"role": "CPO", **PARTY}]
VERSION = "2.3.0"


@dataclass
class Client:
    """`call` is any of the library's, or of what is put around it."""

    world: World
    channel: Meeting
    invitation: Invitation
    process: "subprocess.Popen[str]"
    roles: list[dict[str, str]]
    url: str = ""  # of its own version list
    commands: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    told: dict[str, list[Any]] = field(default_factory=dict)  # to an eMSP, by module

    def call(self, name: str, *args: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"call": name, "args": args}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.world.settle()
        return answer

    def value(self, name: str, *args: Any) -> Any:
        """What a call gives that is not refused."""
        answer = self.call(name, *args)
        assert "value" in answer, answer
        return answer["value"]

    def register(self) -> dict[str, Any]:
        return self.call("register_credentials", self.invitation.token, self.url, self.roles)

    def find(self) -> str:
        """Versions, details, credentials; the token that it shows from now on."""
        self.value("show", self.invitation.token)
        assert VERSION in [one["version"] for one in self.value("get_versions")]
        names = {one["identifier"] for one in self.value("get_details")["endpoints"]}
        assert names >= {"credentials", "locations", "tariffs", "sessions", "cdrs", "tokens"}
        token: str = self.register()["value"]["token"]
        assert self.connection.state is ConnectionState.REGISTERED
        return token

    @property
    def connection(self) -> Connection:
        return connection_of(self.world.ports, self.invitation.connection.id)

    def answer(self, asked: Asked) -> Answer:
        """Versions, details, commands, what an eMSP is told: as the library's user serves them."""
        here = f"http://{asked.headers['Host']}"
        data: Any = [{"version": VERSION, "url": f"{here}/details"}]
        if asked.path == "/details":
            data = {"version": VERSION, "endpoints": _endpoints(here, self.roles[0]["role"])}
        elif asked.path.startswith("/commands/"):
            kind, told = asked.path.rpartition("/")[2], json.loads(asked.body)
            self.commands.append((kind, told))
            data = self.value("take_command", kind, told, _receiver(asked))
        elif asked.method in {"PUT", "POST"}:
            self.told.setdefault(asked.path.split("/")[1], []).append(json.loads(asked.body))
        body = {"status_code": 1000, "timestamp": "2026-11-20T08:00:00Z", "data": data}
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def _receiver(asked: Asked) -> dict[str, str]:
    """Whose the charger is: the library's shape of a command has it, OCPI's headers tell it."""
    names = {"country_code": "ocpi-to-country-code", "party_id": "ocpi-to-party-id"}
    headers = {name.lower(): value for name, value in asked.headers.items()}
    return {member: headers[name] for member, name in names.items()}


def _endpoints(here: str, role: str) -> list[dict[str, str]]:
    """A CPO sends what an eMSP receives."""
    ours, theirs = ("SENDER", "RECEIVER") if role == "CPO" else ("RECEIVER", "SENDER")
    roles = dict.fromkeys(("locations", "tariffs", "sessions", "cdrs"), ours)
    roles |= {"commands": theirs, "credentials": "RECEIVER"}
    return [
        {"identifier": name, "role": role, "url": f"{here}/{name}"} for name, role in roles.items()
    ]


@contextmanager
def latam(*, elsewhere: bool) -> Iterator[Client]:
    """A CPO, invited. `elsewhere` lets it find our endpoints; else it calls us as its hub."""
    world = World()
    with meeting(world.ports) as channel:
        invitation = invite(world.ports, CPO, {"DE*LEA": CPO})
        with calling(world, channel, invitation, ROLES, elsewhere=elsewhere) as client:
            yield client


@contextmanager
def calling(
    world: World,
    channel: Meeting,
    invitation: Invitation,
    roles: list[dict[str, str]],
    *,
    elsewhere: bool,
) -> Iterator[Client]:
    script = Path(__file__).parent / "peers" / "latam_calls.py"
    base = f"{channel.ports.public_url}/ocpi/{VERSION}"
    urls = [base, invitation.versions_url] if elsewhere else [base]
    with subprocess.Popen(  # noqa: S603 - our own script
        [str(python_of("latam")), str(script), *urls],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        client = Client(world, channel, invitation, process, roles)
        with answering(client.answer) as served:
            client.url = f"{served}/versions"
            yield client
        assert process.stdin is not None
        process.stdin.close()
