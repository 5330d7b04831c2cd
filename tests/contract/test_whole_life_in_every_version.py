"""Does a charge come from the quote to the bill at a CPO of every OCPI version, whoever is lost?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PeerId
from chalicelib.domain.network.place import public_id
from chalicelib.domain.session.preferences import Preferences, Profile
from chalicelib.domain.session.reservation import ReservationState
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ocpi.language import VERSIONS
from chalicelib.usecases.connection.invite import invite
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.pull import pull_peer
from chalicelib.usecases.network.read import location_of
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.reservation.ask import (
    Wanted,
    ask_reservation,
    cancel_reservation,
    read_reservation,
)
from chalicelib.usecases.session.prefer import prefer
from chalicelib.usecases.session.start import start
from chalicelib.usecases.session.stop import stop
from chalicelib.usecases.session.unlock import unlock
from sandbox.memory.world import CPO, PARTNERS, World
from tests.contract.ocpi_rig import Meeting, capable_places, meeting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PARTNER = PARTNERS[PaymentMethod.CARD]


@dataclass
class Life:
    """The channel's small world, and a CPO over HTTP in place of the one in memory."""

    world: World
    met: Meeting
    peer_id: PeerId
    version: str

    def pull(self) -> None:
        pulled = pull_peer(self.world.ports, connection_of(self.world.ports, self.peer_id))
        assert (pulled.refused, pulled.failed) == ((), ())

    def begin(self, **plan: object) -> Session:
        """A driver of the app asks for 10 kWh at L1, and starts."""
        self.met.sim("plan", {"energy_kwh": "10", "duration_s": 900, **plan})
        location = location_of(self.world.ports, self.peer_id, "DE", "ALF", "L1")
        assert location is not None
        evse = location.evses[0]
        quote = make_quote(
            self.world.ports,
            PARTNER,
            public_id(location),
            evse.uid,
            evse.connectors[0].id,
            Decimal(10),
            900,
        )
        session = start(self.world.ports, PARTNER, quote.id, "tok_card", "k1", "h")
        self.world.settle()
        return self.world.session(session.id)

    def until(self, now: str) -> Session:
        """Everything that the CPO sends until then, and what follows from it here."""
        self.met.tick(now)
        self.world.settle()
        sweep(self.world.ports)
        self.world.settle()
        session = next(iter(self.met.state()["sessions"]))
        return self.world.session(session["authorization_reference"])


@pytest.fixture(params=VERSIONS)
def life(request: pytest.FixtureRequest) -> Iterator[Life]:
    world = World()
    with meeting(world.ports, versions=[request.param], locations=capable_places()) as met:
        invitation = invite(world.ports, CPO, {"DE*ALF": CPO})
        body = {
            "versions_url": invitation.versions_url,
            "token": invitation.token,
            "url": met.versions_url,
        }
        assert met.sim("connect", body)["version"] == request.param
        made = Life(world, met, invitation.connection.id, request.param)
        made.pull()
        yield made
        assert met.state()["complaints"] == []


def test_a_charger_is_reserved_and_given_back(life: Life) -> None:
    ports = life.world.ports
    location = location_of(ports, life.peer_id, "DE", "ALF", "L1")
    assert location is not None
    until = ports.clock.now() + timedelta(minutes=30)
    wanted = Wanted(public_id(location), location.evses[0].uid, "tok_card", until)
    asked = ask_reservation(ports, PARTNER, wanted, "k")
    life.world.settle()
    assert len(life.met.state()["reservations"]) == 1
    life.met.tick("2026-11-20T08:01:00Z")
    assert read_reservation(ports, PARTNER, asked.id).state is ReservationState.HELD
    cancel_reservation(ports, PARTNER, asked.id)
    life.world.settle()
    life.met.tick("2026-11-20T08:02:00Z")
    assert read_reservation(ports, PARTNER, asked.id).state is ReservationState.CANCELLED
    left = len(life.met.state()["reservations"])
    assert left == (1 if life.version == "2.1.1" else 0)  # which cannot cancel: it lapses


def test_wishes_reach_the_charger_where_the_version_knows_them(life: Life) -> None:
    life.begin()
    session = life.until("2026-11-20T08:05:00Z")
    prefer(life.world.ports, PARTNER, session.id, Preferences(Profile.REGULAR))
    life.world.settle()
    told = [str(body) for name, body in life.world.ports.store.dump().items() if "event" in name]
    answer = "NOT_SUPPORTED" if life.version == "2.1.1" else "DEPARTURE_REQUIRED"
    assert [text for text in told if "session.preferences" in text and answer in text]


def test_a_locked_cable_is_freed_after_the_charge(life: Life) -> None:
    life.begin()
    session = life.until("2026-11-20T08:05:00Z")
    stop(life.world.ports, PARTNER, session.id)
    life.world.settle()
    assert life.until("2026-11-20T08:10:00Z").ended_at is not None
    unlock(life.world.ports, PARTNER, session.id)
    life.world.settle()
    life.until("2026-11-20T08:11:00Z")
    told = [str(body) for name, body in life.world.ports.store.dump().items() if "event" in name]
    (answer,) = [text for text in told if "session.unlock_answered" in text]
    assert "ACCEPTED" in answer


def test_a_charge_is_billed_to_the_cent(life: Life) -> None:
    started = life.begin()
    assert started.state is SessionState.STARTING
    session = life.until("2026-11-20T12:00:00Z")
    assert (session.state, session.energy_kwh) == (SessionState.BILLED, Decimal(10))
    assert session.bill is not None
    assert session.bill.gross.minor == 583  # 10 kWh · 0.49 · 1.19 = 5.831
    assert session.payment.captured == session.bill.gross


FAULTS = ("session_lost", "put_lost", "cdr_not_pushed", "repeated", "late")


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_is_lost_is_found_by_the_pull(life: Life, fault: str) -> None:
    life.begin(fault=fault)
    life.until("2026-11-20T12:00:00Z")
    life.pull()
    session = life.until("2026-11-20T12:05:00Z")
    assert session.bill is not None
    assert (session.state, session.bill.gross.minor) == (SessionState.BILLED, 583)
