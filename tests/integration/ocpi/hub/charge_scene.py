"""A charge that an eMSP starts by OCPI, as its CPO tells it; and what is sent to the eMSP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.adapters.ocpi_client.http import Answer
from chalicelib.domain.codec import instant_text
from chalicelib.domain.session.session import Session
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ports.cpo import CpoUnavailable
from chalicelib.usecases.connection.invite import invite_emsp
from chalicelib.usecases.connection.read import connection_of
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.emsp_scene import EMSP_CREDENTIALS, TOKEN

BASE = "/ocpi/2.2.1/cpo"
START = f"{BASE}/commands/START_SESSION"
STOP = f"{BASE}/commands/STOP_SESSION"
RESULT_URL = "https://app.example/results/1"
COMMAND: dict[str, Any] = {
    "response_url": RESULT_URL,
    "token": TOKEN,
    "location_id": "L1",
    "evse_uid": "E1",
    "connector_id": "1",
    "authorization_reference": "app-ref-7",
}
SINCE = "date_from=2026-11-16T00:00:00Z"


@dataclass
class Wire:
    """What the channel sends to the eMSP, in place of the network."""

    down: bool = False
    says: Any = None  # the data of every answer
    status: int = 1000
    sent: list[tuple[str, str, Mapping[str, str], Any]] = field(default_factory=list)

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Answer:
        if self.down:
            raise CpoUnavailable("app.example")
        self.sent.append((method, url, headers, json.loads(dump(body))))
        envelope = {"status_code": self.status, "timestamp": "2026-11-16T08:00:00Z"}
        return Answer(json.dumps({**envelope, "data": self.says}).encode(), "")

    def to(self, word: str) -> list[Any]:
        return [body for _, url, _, body in self.sent if word in url]


class Charge:
    """A charge as the CPO tells it: by default of the session that was commanded last."""

    def __init__(self, world: World, cpo: Peer, by_card: str = "") -> None:
        self.world, self.cpo = world, cpo
        self.echoes = True
        self.method = "AUTH_REQUEST" if by_card else "COMMAND"
        if by_card:  # the session's reference, as the CPO was answered
            self.reference, self.uid, self.type = by_card, str(TOKEN["uid"]), "RFID"
        else:
            started = world.ports.cpos.starts[-1]
            self.reference, self.uid = started.authorization_reference, started.token.uid
            self.type = started.token.type
        self.began = world.ports.clock.now()
        self.ended = ""

    @property
    def echo(self) -> dict[str, str]:
        """Not every CPO echoes the reference that it was given."""
        return {"authorization_reference": self.reference} if self.echoes else {}

    def put(self, status: str, kwh: float, minutes: int, id_: str = "S-1") -> None:
        self.world.ports.clock.forward(minutes=minutes)
        now = instant_text(self.world.ports.clock.now())
        body = {
            "country_code": "DE",
            "party_id": "RHE",
            "id": id_,
            "kwh": kwh,
            "start_date_time": instant_text(self.began),
            "cdr_token": {"uid": self.uid, "type": self.type, "contract_id": "c"},
            "auth_method": self.method,
            **self.echo,
            "location_id": "L1",
            "evse_uid": "E1",
            "connector_id": "1",
            "currency": "EUR",
            "status": status,
            "last_updated": now,
        }
        if status == "COMPLETED":
            body["end_date_time"] = now
        path = f"/ocpi/2.2.1/sessions/DE/RHE/{id_}"
        assert self.cpo.send("PUT", path, body).status == 1000
        self.world.settle()

    def cdr(self, excl: float = 14.7, incl: float = 17.49, kwh: float = 30, **other: Any) -> None:
        now = instant_text(self.world.ports.clock.now())
        self.ended = self.ended or now
        began = instant_text(self.began)
        period = {"start_date_time": began, "dimensions": [{"type": "ENERGY", "volume": kwh}]}
        body = {
            "country_code": "DE",
            "party_id": "RHE",
            "id": "C-1",
            "session_id": "S-1",
            "start_date_time": began,
            "end_date_time": self.ended,
            "currency": "EUR",
            **self.echo,
            "cdr_token": {"uid": self.uid, "type": self.type, "contract_id": "c"},
            "auth_method": self.method,
            "cdr_location": {"id": "L1", "evse_uid": "E1", "connector_id": "1"},
            "charging_periods": [period],
            "signed_data": {
                "encoding_method": "OCMF",
                "signed_values": [{"nature": "End", "plain_data": "p", "signed_data": "s"}],
            },
            "total_cost": {"excl_vat": excl, "incl_vat": incl},
            "total_energy_cost": {"excl_vat": excl, "incl_vat": incl},
            "total_energy": kwh,
            "total_time": 1.0,
            "last_updated": now,
            **other,
        }
        answer = self.cpo.send("POST", "/ocpi/2.2.1/cdrs", body)
        assert answer.status == 1000, answer.message
        self.world.settle()

    @property
    def session(self) -> Session:
        return self.world.session(self.reference)


def start(world: World, cpo: Peer, emsp: Peer, **other: Any) -> Charge:
    answer = emsp.send("POST", START, {**COMMAND, **other})
    assert (answer.status, answer.data) == (1000, {"result": "ACCEPTED", "timeout": 300})
    world.settle()
    return Charge(world, cpo)


def whole(world: World, cpo: Peer, emsp: Peer, **costs: float) -> Charge:
    charge = start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 1)
    charge.put("COMPLETED", 30, 59)
    charge.cdr(**costs)
    return charge


def second_emsp(world: World, emsp: Peer, partner: Any) -> Peer:
    invitation = invite_emsp(world.ports, partner, ["FR*TWO"])
    other = Peer(emsp.client, invitation.token, invitation.connection)
    role = {**EMSP_CREDENTIALS["roles"][0], "country_code": "FR", "party_id": "TWO"}
    answer = other.send("POST", "/ocpi/2.2.1/credentials", {**EMSP_CREDENTIALS, "roles": [role]})
    other.token = answer.data["token"]
    other.connection = connection_of(world.ports, other.connection.id)
    return other
