"""Do an eMSP and a CPO that know only OCPI charge through us? All three over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import httpx
import pytest

from chalicelib.adapters.ocpi_client.emsp import EmspClient
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.usecases.connection.close import close
from chalicelib.usecases.connection.invite import invite, invite_emsp
from chalicelib.usecases.connection.read import connection_of, connections
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.pull import pull_peer
from sandbox.memory.emsp import MemoryEmsp
from sandbox.memory.world import CPO, PARTNERS, World
from sandbox.peers.emsp.server import application
from tests.contract.ocpi_rig import Meeting, capable_places, meeting, served

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PARTNER = PARTNERS[PaymentMethod.PREPAID]
EMSP = {"country_code": "NL", "party_id": "APP", "name": "App", "now": "2026-11-20T07:00:00Z"}
PAIRS = [("2.1.1", "2.2.1"), ("2.2.1", "2.3.0"), ("2.3.0", "2.2.1"), ("2.3.0", "2.3.0")]
HERE = {"location_id": "L1", "evse_uid": "L1-1", "connector_id": "1"}


@dataclass
class Three:
    """The channel in the middle: it speaks with `met.sim`, the CPO, and with the eMSP.

    `version` is that of the eMSP, `cpos` the CPO's.
    """

    world: World
    met: Meeting
    emsp_url: str
    version: str
    cpos: str

    def emsp(self, what: str, **body: Any) -> Any:
        answer = self.met.sim_client.post(f"{self.emsp_url}/sim/{what}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reserve(self) -> Any:
        """A charger for half an hour; what the CPO has of it."""
        self.emsp("token", uid="CARD1")
        wish = {"uid": "CARD1", "url": self.commands_url, "expiry_date": "2026-11-20T08:30:00Z"}
        wish |= {"reservation_id": "R-1", "location_id": "L1", "evse_uid": "L1-1"}
        assert self.emsp("reserve", **wish)["data"]["result"] == "ACCEPTED"
        self.world.settle()
        return self.met.state()["reservations"]

    @property
    def told(self) -> Any:
        return self.met.sim_client.get(f"{self.emsp_url}/sim/state").json()

    @property
    def results(self) -> list[tuple[str, str]]:
        return [(one["command"], one["result"]) for one in self.told["results"]]

    @property
    def commands_url(self) -> str:
        return f"{self.emsp_url}/ocpi/emsp/{self.version}"

    def start(self, **other: Any) -> Any:
        self.emsp("token", uid="CARD1")
        body = {"uid": "CARD1", "url": self.commands_url, **HERE, **other}
        answer = self.emsp("start", **body)
        self.world.settle()
        return answer["data"]

    def until(self, now: str) -> Session:
        """Everything that the CPO sends until then, and what follows from it here."""
        at = f"2026-11-20T{now}:00Z"
        self.met.tick(at)
        self.emsp("tick", now=at)
        for _ in range(2):
            self.world.settle()
            sweep(self.world.ports)
        dump = self.world.ports.store.dump()
        (name,) = {name.split("#")[1].split("/")[0] for name in dump if "session#ses_" in name[:13]}
        return self.world.session(name)


@pytest.fixture(params=PAIRS, ids=" ".join)
def three(request: pytest.FixtureRequest) -> Iterator[Three]:
    world, (cpos, emsps) = World(), request.param
    with (
        meeting(world.ports, versions=[cpos], locations=capable_places()) as met,
        served(application({**EMSP, "version": emsps})) as emsp_url,
    ):
        world.ports.emsps = cast("MemoryEmsp", EmspClient(world.ports.secrets, allow_private=True))
        made = Three(world, met, emsp_url, emsps, cpos)
        _connect_cpo(made)
        invited = invite_emsp(world.ports, PARTNER, ["NL*APP"])
        about = {"versions_url": invited.versions_url, "token": invited.token}
        assert made.emsp("connect", **about, url=f"{emsp_url}/ocpi/emsp/versions")["connected"]
        yield made
        assert made.told["complaints"] == []
        assert met.state()["complaints"] == []


def _connect_cpo(three: Three) -> None:
    invited = invite(three.world.ports, CPO, {"DE*ALF": CPO})
    about = {"versions_url": invited.versions_url, "token": invited.token}
    three.met.sim("connect", {**about, "url": three.met.versions_url})
    peer = connection_of(three.world.ports, invited.connection.id)
    pulled = pull_peer(three.world.ports, peer)
    assert (pulled.refused, pulled.failed) == ((), ())


def bill_of(session: Session) -> Decimal:
    assert session.state is SessionState.BILLED
    assert session.bill is not None
    return session.bill.gross.exact


def gross_of(cdr: Any) -> Decimal:
    cost = cdr["total_cost"]
    parts = (
        [cost["before_taxes"], *(tax["amount"] for tax in cost["taxes"])]
        if "taxes" in cost
        else [cost["incl_vat"]]
    )
    return sum((Decimal(str(part)) for part in parts), Decimal(0))


def test_an_emsp_reads_the_cpos_network(three: Three) -> None:
    places = three.emsp("pull", module="locations")["found"]
    assert [one["id"] for one in places] == ["L1", "L2", "L3", "L4", "L5"]
    tariffs = three.emsp("pull", module="tariffs")["found"]
    # An element of 2.1.1 decides for all dimensions; of one dimension, later versions say the same.
    assert [one["id"] for one in tariffs] == ["AC"]


def test_a_driver_starts_by_the_emsps_app(three: Three) -> None:
    three.met.sim("plan", {"energy_kwh": "10", "duration_s": 900})
    assert three.start(authorization_reference="app-1")["result"] == "ACCEPTED"
    session = three.until("12:00")
    assert bill_of(session) == Decimal("5.83")
    told = three.told
    assert [one["result"] for one in told["results"]] == ["ACCEPTED"]
    (kept,) = told["kept"]["sessions"].values()
    (cdr,) = told["kept"]["cdrs"].values()
    assert (kept["status"], kept["authorization_reference"]) == ("COMPLETED", "app-1")
    assert gross_of(cdr) == Decimal("5.83")
    assert three.emsp("pull", module="cdrs")["found"] == [cdr]


def test_a_driver_holds_the_emsps_card_to_a_charger(three: Three) -> None:
    three.emsp("token", uid="CARD1")
    three.met.sim("pull-tokens")
    three.met.sim("plan", {"energy_kwh": "10", "duration_s": 900})
    answer = three.met.sim("card", {"uid": "CARD1", **HERE})
    assert answer["data"]["allowed"] == "ALLOWED"
    assert three.told["asked"][0]["from"] == "DE*ALF"
    for minute in (5, 10, 15, 30, 45):
        session = three.until(f"08:{minute:02}")
    session = three.until("12:00")
    assert bill_of(session) == Decimal("5.83")
    (kept,) = three.told["kept"]["sessions"].values()
    assert (kept["status"], kept["auth_method"]) == ("COMPLETED", "AUTH_REQUEST")
    assert len(three.told["kept"]["cdrs"]) == 1


def test_a_card_that_its_emsp_blocks_charges_nowhere(three: Three) -> None:
    three.emsp("token", uid="CARD1")
    three.emsp("says", uid="CARD1", info={"allowed": "BLOCKED"})
    three.met.sim("pull-tokens")
    assert three.met.sim("card", {"uid": "CARD1", **HERE})["data"]["allowed"] == "BLOCKED"
    assert three.met.state()["sessions"] == []


def test_an_emsp_stops_its_drivers_charge(three: Three) -> None:
    three.met.sim("plan", {"energy_kwh": "50", "duration_s": 7200})
    three.start()
    three.until("08:10")
    (kept,) = three.told["kept"]["sessions"].values()
    stopped = three.emsp("stop", session_id=kept["id"], url=three.commands_url)
    assert stopped["data"]["result"] == "ACCEPTED"
    three.world.settle()
    session = three.until("10:00")
    assert session.energy_kwh < Decimal(50)
    assert [one["command"] for one in three.told["results"]] == ["START_SESSION", "STOP_SESSION"]


def test_an_emsp_keeps_a_charger_free_until_its_driver_charges(three: Three) -> None:
    (reserved,) = three.reserve().values()
    assert reserved == {"evse_uid": "L1-1", "until": "2026-11-20T08:30:00Z"}
    three.met.tick("2026-11-20T08:01:00Z")
    three.world.settle()
    assert three.results == [("RESERVE_NOW", "ACCEPTED")]
    three.met.sim("plan", {"energy_kwh": "10", "duration_s": 900})
    assert three.start()["result"] == "ACCEPTED"
    assert bill_of(three.until("12:00")) == Decimal("5.83")


def test_an_emsp_gives_a_charger_back_where_the_cpos_version_can(three: Three) -> None:
    assert len(three.reserve()) == 1
    three.met.tick("2026-11-20T08:01:00Z")
    back = three.emsp("cancel", reservation_id="R-1", url=three.commands_url)
    assert back["data"]["result"] == "ACCEPTED"
    three.world.settle()
    can = three.cpos != "2.1.1"  # else it lapses
    assert three.results[1] == ("CANCEL_RESERVATION", "ACCEPTED" if can else "NOT_SUPPORTED")
    assert len(three.met.state()["reservations"]) == (0 if can else 1)


def test_a_drivers_wishes_reach_the_charger_where_the_cpos_version_can(three: Three) -> None:
    three.met.sim("plan", {"energy_kwh": "50", "duration_s": 7200})
    three.start()
    three.until("08:10")
    (kept,) = three.told["kept"]["sessions"].values()
    answers = []
    for wishes in ({}, {}, {"departure_time": "2026-11-20T12:00:00Z"}):
        preferences = {"profile_type": "GREEN", **wishes}
        answer = three.emsp("prefer", session_id=kept["id"], preferences=preferences)
        answers.append((answer["http"], answer["data"]))
        three.world.settle()
    said = ["ACCEPTED", "DEPARTURE_REQUIRED", "ACCEPTED"]
    none = [(404, None)] * 3
    assert answers == (none if three.cpos == "2.1.1" else [(200, word) for word in said])


def test_a_cpo_that_leaves_is_told(three: Three) -> None:
    known = three.emsp("pull", module="hubclientinfo")["found"]
    assert [(one["party_id"], one["status"]) for one in known] == [("ALF", "CONNECTED")]
    three.met.tick("2026-11-20T08:05:00Z")
    (cpo,) = connections(three.world.ports)
    close(three.world.ports, cpo.id)
    three.world.settle()
    (told,) = three.told["kept"]["hubclientinfo"].values()
    assert (told["party_id"], told["status"]) == ("ALF", "SUSPENDED")
    assert three.emsp("pull", module="hubclientinfo")["found"] == [told]


def test_a_status_and_a_price_are_told_at_once(three: Three) -> None:
    three.met.tick("2026-11-20T08:05:00Z")
    element = {"price_components": [{"type": "ENERGY", "price": 0.59, "vat": 19, "step_size": 1}]}
    three.met.sim("tariff", {"id": "AC", "currency": "EUR", "elements": [element]})
    three.met.sim("evse", {"location_id": "L1", "evse_uid": "L1-1", "status": "OUTOFORDER"})
    three.world.settle()
    kept = three.told["kept"]
    assert list(kept["tariffs"]) == ["DE/ALF/AC"]
    assert list(kept["locations"]) == ["DE/ALF/L1"]  # not the EVSE alone: it had not read any
    assert kept["locations"]["DE/ALF/L1"]["evses"][0]["status"] == "OUTOFORDER"
    three.met.tick("2026-11-20T08:06:00Z")
    three.met.sim("evse", {"location_id": "L1", "evse_uid": "L1-1", "status": "AVAILABLE"})
    three.world.settle()
    assert three.told["kept"]["locations"]["DE/ALF/L1/L1-1"]["status"] == "AVAILABLE"


def test_what_an_emsp_missed_while_it_was_away_is_told_when_it_is_back(three: Three) -> None:
    three.met.sim("plan", {"energy_kwh": "10", "duration_s": 900})
    three.start()
    three.emsp("outage", requests=20)
    session = three.until("09:00")
    assert bill_of(session) == Decimal("5.83")
    assert "cdrs" not in three.told["kept"]
    three.emsp("outage", requests=0)
    three.until("18:00")
    three.until("23:00")
    assert len(three.told["kept"]["cdrs"]) == 1


def test_the_channel_is_asked_by_nobody_without_credentials(three: Three) -> None:
    with httpx.Client() as stranger:
        answer = stranger.get(f"{three.emsp_url}/ocpi/emsp/versions")
        assert answer.json()["status_code"] == 2000
