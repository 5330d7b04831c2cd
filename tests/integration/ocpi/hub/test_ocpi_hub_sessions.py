"""How does a charge go that an eMSP starts by OCPI? As by the API, told in OCPI's objects."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.adapters.ocpi_client.emsp import EmspClient
from chalicelib.adapters.ocpi_client.http import Answer
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import instant_text
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ports.cpo import CommandAnswer, CpoUnavailable
from chalicelib.ports.store import Delete
from chalicelib.usecases import keys
from chalicelib.usecases.connection.invite import invite_emsp
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.token.list import partner_tokens
from chalicelib.usecases.webhook_endpoint.read import every
from sandbox.memory.world import PARTNERS, World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.emsp_scene import EMSP_CREDENTIALS, PARTNER, TOKEN

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
    sent: list[tuple[str, str, Mapping[str, str], Any]] = field(default_factory=list)

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Answer:
        if self.down:
            raise CpoUnavailable("app.example")
        self.sent.append((method, url, headers, json.loads(dump(body))))
        return Answer(b'{"status_code": 1000, "timestamp": "2026-11-16T08:00:00Z"}', "")

    def to(self, word: str) -> list[Any]:
        return [body for _, url, _, body in self.sent if word in url]


@pytest.fixture
def wire(world: World) -> Wire:
    client, wire = EmspClient(world.ports.secrets, allow_private=False), Wire()
    client._http = wire  # type: ignore[assignment]
    world.ports.emsps = client  # type: ignore[assignment] # the real client in memory's place
    return wire


class Charge:
    """A charge as the CPO tells it, of the session that was started last."""

    def __init__(self, world: World, cpo: Peer) -> None:
        self.world, self.cpo = world, cpo
        self.started = world.ports.cpos.starts[-1]
        self.began = world.ports.clock.now()
        self.ended = ""
        self.path = "/ocpi/2.2.1/sessions/DE/RHE/S-1"

    def put(self, status: str, kwh: float, minutes: int) -> None:
        self.world.ports.clock.forward(minutes=minutes)
        now = instant_text(self.world.ports.clock.now())
        body = {
            "country_code": "DE",
            "party_id": "RHE",
            "id": "S-1",
            "kwh": kwh,
            "start_date_time": instant_text(self.began),
            "cdr_token": {"uid": self.started.token.uid, "type": "APP_USER", "contract_id": "c"},
            "auth_method": "COMMAND",
            "authorization_reference": self.started.authorization_reference,
            "location_id": "L1",
            "evse_uid": "E1",
            "connector_id": "1",
            "currency": "EUR",
            "status": status,
            "last_updated": now,
        }
        if status == "COMPLETED":
            body["end_date_time"] = now
        assert self.cpo.send("PUT", self.path, body).status == 1000
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
            "authorization_reference": self.started.authorization_reference,
            "cdr_token": {"uid": self.started.token.uid, "type": "APP_USER", "contract_id": "c"},
            "auth_method": "COMMAND",
            "cdr_location": {"id": "L1", "evse_uid": "E1", "connector_id": "1"},
            "charging_periods": [period],
            "signed_data": {"encoding_method": "OCMF", "signed_values": []},
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
        return self.world.session(self.started.authorization_reference)


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


def test_a_whole_life_from_start_to_cdr(world: World, cpo: Peer, emsp: Peer, wire: Wire) -> None:
    charge = whole(world, cpo, emsp)
    session = charge.session
    assert (session.state, session.payment.method) == (SessionState.BILLED, PaymentMethod.PREPAID)
    assert charge.started.token.uid != TOKEN["uid"]  # to the CPO the driver is ours
    assert wire.to("/results/1") == [{"result": "ACCEPTED"}]
    told = wire.to("sessions.RECEIVER/DE/RHE/")
    assert [one["status"] for one in told] == ["ACTIVE", "COMPLETED", "COMPLETED"]
    names = {"id": session.id, "authorization_reference": "app-ref-7", "location_id": "L1"}
    assert all(names.items() <= one.items() for one in told)
    assert all(one["cdr_token"]["uid"] == TOKEN["uid"] for one in told)
    assert [one["last_updated"] for one in told] == sorted(one["last_updated"] for one in told)
    (cdr,) = wire.to("cdrs.RECEIVER")
    assert session.bill is not None
    assert cdr["total_cost"] == {"excl_vat": 14.7, "incl_vat": 17.49}
    assert Decimal(str(cdr["total_cost"]["incl_vat"])) == session.bill.gross.exact
    assert (cdr["id"], cdr["session_id"]) == ("C-1", session.id)
    assert cdr["cdr_token"] == {
        name: TOKEN[name] for name in ("country_code", "party_id", "uid", "type", "contract_id")
    }
    assert cdr["signed_data"]["encoding_method"] == "OCMF"
    assert cdr["cdr_location"]["address"] == "Domplatz 1"
    assert [one["id"] for one in cdr["tariffs"]] == ["T1"]
    assert cdr["total_energy_cost"] == {"excl_vat": 14.7, "incl_vat": 17.49}


def test_every_push_is_routed_from_the_cpo_to_the_emsp(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    whole(world, cpo, emsp)
    routed = {
        "OCPI-from-country-code": "DE",
        "OCPI-from-party-id": "RHE",
        "OCPI-to-country-code": "NL",
        "OCPI-to-party-id": "APP",
    }
    assert len(wire.sent) == 5
    assert all(routed.items() <= headers.items() for _, _, headers, _ in wire.sent)
    methods = {method for method, url, *_ in wire.sent if "sessions" in url}
    assert methods == {"PUT"}


def test_the_money_is_that_of_a_session_by_the_api(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    ours = whole(world, cpo, emsp).session
    theirs = world.bill(world.charge(PaymentMethod.PREPAID), incl="17.49")
    assert wire.sent
    assert ours.bill is not None
    assert ours.bill == theirs.bill
    splits = [
        sorted((str(part.account), part.money.minor) for part in sale.postings)
        for sale in (world.entries(session)["sale"] for session in (ours, theirs))
    ]
    assert splits[0] == splits[1]


def test_a_cpo_that_asks_for_more_is_told_to_the_emsp_at_the_published_price(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    session = whole(world, cpo, emsp, excl=20, incl=23.8).session
    (cdr,) = wire.to("cdrs.RECEIVER")
    assert session.bill is not None
    assert session.bill.claim is not None
    assert cdr["total_cost"] == {"excl_vat": 14.7, "incl_vat": 17.49}
    assert "total_energy_cost" not in cdr  # it would not add up
    assert "The published price counts" in cdr["remark"]


def test_a_bill_that_its_cpo_took_back_is_taken_back_from_the_emsp(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = whole(world, cpo, emsp)
    world.ports.clock.forward(minutes=1)
    charge.cdr(-14.7, -17.49, id="C-2", credit=True, credit_reference_id="C-1")
    assert charge.session.state is SessionState.CREDITED
    world.ports.clock.forward(minutes=1)
    charge.cdr(9.8, 11.66, 20, id="C-3")
    told = wire.to("cdrs.RECEIVER")
    names = ("id", "credit", "credit_reference_id")
    assert [tuple(one.get(name) for name in names) for one in told] == [
        ("C-1", None, None),
        ("C-2", True, "C-1"),
        ("C-3", None, None),
    ]
    assert [one["total_cost"]["incl_vat"] for one in told] == [17.49, -17.49, 11.66]
    assert emsp.send("GET", f"{BASE}/cdrs").data == told
    assert len(emsp.send("GET", f"{BASE}/cdrs?limit=2").data) == 2


def test_what_was_pushed_can_be_read(world: World, cpo: Peer, emsp: Peer, wire: Wire) -> None:
    whole(world, cpo, emsp)
    world.bill(world.charge(PaymentMethod.PREPAID))  # by the API: nothing of it is told here
    sessions = emsp.send("GET", f"{BASE}/sessions?{SINCE}")
    assert sessions.data == wire.to("sessions.RECEIVER")[-1:]
    assert sessions.headers["X-Total-Count"] == "1"
    assert emsp.send("GET", f"{BASE}/cdrs").data == wire.to("cdrs.RECEIVER")
    assert emsp.send("GET", f"{BASE}/cdrs?date_from=2026-11-17T00:00:00Z").data == []
    assert emsp.send("GET", f"{BASE}/sessions?date_from=2026-11-17T00:00:00Z").data == []
    assert "date_from" in emsp.send("GET", f"{BASE}/sessions").message
    to = {"OCPI-to-country-code": "DE", "OCPI-to-party-id": "RHE"}
    assert len(emsp.send("GET", f"{BASE}/cdrs", headers=to).data) == 1
    assert len(emsp.send("GET", f"{BASE}/sessions?{SINCE}", headers=to).data) == 1


def test_a_driver_whose_data_was_erased_is_told_without_a_name(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    session = whole(world, cpo, emsp).session
    world.ports.personal.write(Delete(keys.emsp_token(session.token_id)))
    (cdr,) = emsp.send("GET", f"{BASE}/cdrs").data
    assert (cdr["cdr_token"]["uid"], cdr["cdr_token"]["party_id"]) == ("#NA", "APP")
    assert wire.sent


def test_another_emsp_sees_and_stops_nothing_of_it(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 1)
    other = second_emsp(world, emsp, PARTNERS[PaymentMethod.INVOICE])
    assert other.send("GET", f"{BASE}/sessions?{SINCE}").data == []
    body = {"session_id": charge.session.id, "response_url": RESULT_URL}
    assert other.send("POST", STOP, body).data["result"] == "UNKNOWN_SESSION"
    foreign = other.send("POST", START, COMMAND)
    assert "identity_not_bound" in foreign.data["message"][0]["text"]
    assert charge.session.state is SessionState.CHARGING
    assert wire.sent


def second_emsp(world: World, emsp: Peer, partner: Any) -> Peer:
    invitation = invite_emsp(world.ports, partner, ["FR*TWO"])
    other = Peer(emsp.client, invitation.token, invitation.connection)
    role = {**EMSP_CREDENTIALS["roles"][0], "country_code": "FR", "party_id": "TWO"}
    answer = other.send("POST", "/ocpi/2.2.1/credentials", {**EMSP_CREDENTIALS, "roles": [role]})
    other.token = answer.data["token"]
    other.connection = connection_of(world.ports, other.connection.id)
    return other


def test_a_stop_is_asked_of_the_charger_and_answered_when_it_has_stopped(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 1)
    body = {"session_id": charge.session.id, "response_url": "https://app.example/results/stop"}
    assert emsp.send("POST", STOP, body).data["result"] == "ACCEPTED"
    world.settle()
    assert world.ports.cpos.stops == ["S-1"]
    charge.put("COMPLETED", 2, 1)
    assert wire.to("/results/stop") == [{"result": "ACCEPTED"}]
    again = emsp.send("POST", STOP, body).data
    assert (again["result"], "ended already" in again["message"][0]["text"]) == ("REJECTED", True)


def test_the_same_start_is_one_start_until_its_session_is_over(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = start(world, cpo, emsp)
    start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 20)
    start(world, cpo, emsp)
    assert len(world.ports.cpos.starts) == 1
    charge.put("COMPLETED", 30, 20)
    start(world, cpo, emsp)
    assert len(world.ports.cpos.starts) == 2
    assert wire.sent


def test_a_charger_that_refuses_is_told_by_a_result(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    world.ports.cpos.answer = CommandAnswer.REJECTED
    charge = start(world, cpo, emsp)
    assert charge.session.state is SessionState.REFUSED
    (result,) = wire.to("/results/1")
    assert result == {
        "result": "REJECTED",
        "message": [{"language": "en", "text": "start_rejected"}],
    }
    assert wire.to("sessions.RECEIVER") == []
    assert emsp.send("GET", f"{BASE}/sessions?{SINCE}").data == []


def test_what_the_emsp_missed_is_delivered_later(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    wire.down = True
    whole(world, cpo, emsp)
    assert wire.sent == []
    wire.down = False
    for _ in range(3):
        world.ports.clock.forward(minutes=20)
        sweep(world.ports)
        world.settle()
    assert {one["status"] for one in wire.to("sessions.RECEIVER")} == {"COMPLETED"}
    assert len(wire.to("cdrs.RECEIVER")) == 1
    assert wire.to("/results/1") == [{"result": "ACCEPTED"}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"location_id": "L9"}, "location_unknown"),
        ({"evse_uid": "E9", "connector_id": "1"}, "evse_uid"),
        ({"connector_id": "9"}, "connector_id"),
        ({"token": {**TOKEN, "valid": False}}, "invalid (token)"),
        ({"token": {**TOKEN, "party_id": "XYZ"}}, "identity_not_bound"),
        ({"response_url": "https://127.0.0.1/x"}, "response_url"),
        ({"response_url": "http://app.example/x"}, "response_url"),
        ({"response_url": "https://user@app.example/x"}, "response_url"),
    ],
)
def test_a_start_that_cannot_be_is_rejected_with_its_reason(
    world: World, emsp: Peer, change: dict[str, Any], code: str
) -> None:
    before = world.ports.store.dump()
    answer = emsp.send("POST", START, {**COMMAND, **change})
    assert (answer.http, answer.status, answer.data["result"]) == (200, 1000, "REJECTED")
    assert code in answer.data["message"][0]["text"]
    assert world.ports.store.dump() == before


def test_a_command_without_a_reading_is_refused(world: World, emsp: Peer) -> None:
    before = world.ports.store.dump()
    for body in ({}, {**COMMAND, "token": "x"}, {**COMMAND, "location_id": ["x"]}):
        assert (emsp.send("POST", START, body).http, emsp.send("POST", STOP, body).status) == (
            200,
            2001,
        )
    assert emsp.send("POST", START, raw=b"{").http == 400
    for name in ("RESERVE_NOW", "UNLOCK_CONNECTOR"):
        answer = emsp.send("POST", f"{BASE}/commands/{name}", {})
        assert answer.data["result"] == "NOT_SUPPORTED"
    assert emsp.send("POST", f"{BASE}/commands/EXPLODE", {}).status == 2001
    unknown = {"session_id": "ses_other", "response_url": RESULT_URL}
    assert emsp.send("POST", STOP, unknown).data["result"] == "UNKNOWN_SESSION"
    assert world.ports.store.dump() == before


def test_cards_cannot_pay_over_ocpi(world: World, emsp: Peer) -> None:
    other = second_emsp(world, emsp, PARTNERS[PaymentMethod.CARD])
    token = {**TOKEN, "country_code": "FR", "party_id": "TWO"}
    answer = other.send("POST", START, {**COMMAND, "token": token})
    assert answer.data["result"] == "REJECTED"
    assert "card_over_ocpi" in answer.data["message"][0]["text"]


def test_a_balance_that_does_not_suffice_is_a_rejection(cpo: Peer, emsp: Peer) -> None:
    commands = [{**COMMAND, "authorization_reference": f"r{number}"} for number in range(40)]
    answers = [emsp.send("POST", START, command).data for command in commands]
    assert answers[0]["result"] == "ACCEPTED"
    assert answers[-1]["result"] == "REJECTED"
    assert "balance" in answers[-1]["message"][0]["text"]
    assert cpo.token


def test_the_emsps_connection_is_no_webhook_endpoint_of_the_partner(
    world: World, emsp: Peer
) -> None:
    assert every(world.ports, PARTNER) == []
    assert emsp.send("DELETE", "/ocpi/2.2.1/credentials").status == 1000
    assert not [name for name in world.ports.store.dump() if "endpoint#ocpi" in name]


def test_an_unknown_token_in_a_start_is_taken_and_kept(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    start(world, cpo, emsp)
    ours, _ = partner_tokens(world.ports, PARTNER, "", 10)
    assert len([token for token in ours if token.uid.startswith("PLG")]) == 1
    invalid = {**TOKEN, "valid": False, "last_updated": "2026-11-16T07:30:00Z"}
    path = f"{BASE}/tokens/NL/APP/0482AB"
    assert emsp.send("PUT", path, invalid).status == 1000
    refused = emsp.send("POST", START, {**COMMAND, "authorization_reference": "other"})
    assert refused.data["result"] == "REJECTED"
    assert not wire.to("cdrs")
