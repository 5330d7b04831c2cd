"""How does the channel's small world meet a CPO made of extrawest-ocpi, and charge there?"""

import base64
import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.session.session import Session
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.network.pull import pull_peer
from chalicelib.usecases.network.search import Found
from sandbox.memory.world import World
from tests.contract.ocpi_rig import Meeting
from tests.interop import driver, told
from tests.interop.peer import Peer

# Its versions endpoint decodes tokens in every version, unless what comes out is no UTF-8.
TOKEN_A = "/////w=="
_ANSWERS_S = 20


@dataclass
class Met:
    """`peer_id` is the connection's; whoever began it."""

    version: str
    peer: Peer
    world: World
    channel: Meeting
    connection: Connection

    @property
    def now(self) -> Connection:
        return connection_of(self.world.ports, self.connection.id)

    def publish(self) -> None:
        self.peer.put("locations", "LOC1", told.location(self.version))
        self.peer.put("tariffs", "T1", told.tariff(self.version))

    def pull(self) -> None:
        pulled = pull_peer(self.world.ports, self.now)
        assert (pulled.refused, pulled.failed) == ((), ())

    def push(self, module: str, id_: str, value: dict[str, Any]) -> int:
        """The library's own client sends an object of its records; the HTTP status it got."""
        self.peer.put(module, id_, value)
        state = self.peer.state()
        url = f"{self.channel.ports.public_url}/ocpi/{self.version}"
        receiver = {"endpoints_url": url, "auth_token": state["client"]["token"]}
        shown = state["token_c"]
        if self.version != "2.1.1":
            shown = base64.b64encode(shown.encode()).decode()
        answer = self.peer.client.post(
            f"{self.peer.url}/push/{self.version}",
            json={"module_id": module, "object_id": id_, "receivers": [receiver]},
            headers={"Authorization": f"Token {shown}"},
        )
        answer.raise_for_status()
        (got,) = answer.json()["receiver_responses"]
        if module != "cdrs":
            assert got["response"]["status_code"] == 1000, got
        status: int = got["status_code"]
        self.world.settle()
        return status

    def ask(self, method: str, module: str, path: str = "", **more: Any) -> Any:
        """What the library has shapes and no client for: `sends` `body`, `reads`, by name."""
        asked = {"method": method, "module": module, "path": path, **more}
        answer = self.peer.sim("ask", asked)
        self.world.settle()
        return answer

    def found(self) -> Found:
        return driver.found(self.world)

    def begin(self) -> Session:
        return driver.begin(self.world)

    def command(self, name: str) -> dict[str, Any]:
        """The one command of this name that the library read."""
        sent = [one["data"] for one in self.peer.state()["commands"] if one["command"] == name]
        (data,) = sent
        found: dict[str, Any] = data
        return found

    def started(self) -> tuple[dict[str, Any], str]:
        """Token and reference, as the library read them in START_SESSION."""
        command = self.command("START_SESSION")
        token = command["token"]
        return token, command.get("authorization_reference") or token["auth_id"]

    def tell(self, status: str, kwh: int, at: str) -> Session:
        """The whole session, pushed at the instant that it is of; ours after it."""
        self.world.ports.clock.at = datetime.fromisoformat(at)
        value = told.session(self.version, *self.started(), status, kwh, at)
        assert self.push("sessions", "SES1", value) == 200
        return self.ours()

    def ours(self) -> Session:
        return driver.session(self.world)

    def charger_answers(self, command: str, result: str) -> Session:
        """The charger's own word, which the library POSTs later; ours once that was answered."""
        before = len(self._results(command))
        self.peer.sim("answer", result=result)
        until = time.monotonic() + _ANSWERS_S
        while len(self._results(command)) == before:
            assert time.monotonic() < until, f"no result of {command} came"
            time.sleep(0.02)
        assert self._results(command) == [1000] * (before + 1)
        self.world.settle()
        return self.ours()

    def _results(self, command: str) -> list[int]:
        """How each result of a command was answered at the response_url that it was given."""
        path = self.command(command)["response_url"].removeprefix(self.channel.ports.public_url)
        return [
            json.loads(body)["status_code"]
            for method, asked, body in self.channel.answered
            if (method, asked) == ("POST", path)
        ]
