"""What does a partner's engineer hold? A key, and the API in front of a channel in memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.access.key import ALL_SCOPES, Scope
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.usecases.access.issue_key import issue_key
from sandbox.memory.world import PARTNERS, World


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Api:
    """One partner's view. `send` is as raw as a partner's mistakes."""

    world: World
    http: Any
    partner_id: PartyId
    headers: dict[str, str] = field(default_factory=dict)

    def as_partner(self, method: PaymentMethod, *scopes: Scope) -> "Api":
        partner_id = PARTNERS[method]
        key = issue_key(self.world.ports, partner_id, scopes=scopes or ALL_SCOPES)
        headers = {"Authorization": f"Bearer {key.text}"}
        return Api(self.world, self.http, partner_id, headers)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answered:
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        got = self.http.request(method, path, headers=sent, body=body)
        return Answered(got.status_code, dict(got.headers), got.body.decode())

    def get(self, path: str) -> Answered:
        return self.send("GET", path)

    def delete(self, path: str) -> Answered:
        return self.send("DELETE", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Answered:
        raw = b"" if body is None else json.dumps(body).encode()
        return self.send("POST", path, raw, Content_Type="application/json", **headers)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    """The app partner, whose drivers pay by card, with a key for everything."""
    wiring.use(world.ports)
    nobody = Api(world, Client(app).http, PARTNERS[PaymentMethod.CARD])
    yield nobody.as_partner(PaymentMethod.CARD)
    wiring.use(None)
