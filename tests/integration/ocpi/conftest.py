"""What does a peer see of us? Chalice's own test client over a port bundle in memory."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import PartyId
from chalicelib.ocpi.language import VERSIONS
from chalicelib.usecases.connection.invite import invite
from chalicelib.usecases.connection.read import connection_record
from sandbox.memory.ports import MemoryPorts

CPO = PartyId("cpo_north")


@dataclass(frozen=True)
class Answer:
    http: int
    status: int
    data: Any
    message: str
    headers: dict[str, str]
    text: str


class Peer:
    """A CPO's system: shows a token, sends what it is told to.

    What a test writes for 2.2.1 is sent in `version` too: 2.3.0 takes the same forms.
    """

    def __init__(
        self, client: Client, token: str, connection: Connection, version: str = "2.2.1"
    ) -> None:
        self.client, self.token, self.connection = client, token, connection
        self.version = version

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        authorization: str | None = None,
    ) -> Answer:
        shown = authorization
        if shown is None:
            shown = f"Token {b64encode(self.token.encode()).decode()}"
        content = raw if raw is not None else b""
        if body is not None:
            content = json.dumps(body).encode()
        sent = {"Authorization": shown, "Content-Type": "application/json", **(headers or {})}
        path = path.replace("/ocpi/2.2.1", f"/ocpi/{self.version}")
        answer = self.client.http.request(method, path, headers=sent, body=content)
        envelope = json.loads(answer.body)
        written = f"/ocpi/{self.version}", "/ocpi/2.2.1"
        headers_ = {name: str(value).replace(*written) for name, value in answer.headers.items()}
        return Answer(
            answer.status_code,
            envelope["status_code"],
            envelope.get("data"),
            envelope.get("status_message", ""),
            headers_,
            answer.body.decode(),
        )


@pytest.fixture
def ports() -> Iterator[MemoryPorts]:
    bundle = MemoryPorts()
    wiring.use(bundle)
    yield bundle
    wiring.use(None)


@pytest.fixture
def client(ports: MemoryPorts) -> Iterator[Client]:
    assert ports.public_url
    with Client(app) as client:
        yield client


@pytest.fixture(params=["2.2.1", "2.3.0"])
def version(request: pytest.FixtureRequest, ports: MemoryPorts) -> str:
    ports.cpos.versions = VERSIONS
    return str(request.param)


@pytest.fixture
def invited(ports: MemoryPorts, client: Client, version: str) -> Peer:
    invitation = invite(ports, CPO, {"DE*NRD": CPO})
    return Peer(client, invitation.token, invitation.connection, version)


@pytest.fixture
def peer(ports: MemoryPorts, invited: Peer) -> Peer:
    record = connection_record(ports, invited.connection.id)
    registered = replace(record.value, state=ConnectionState.REGISTERED)
    ports.store.write(record.put(registered))
    return Peer(invited.client, invited.token, registered, invited.version)
