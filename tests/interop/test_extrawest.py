"""Does a session live its whole life with a CPO whose software we did not write?

The peer serves what we pull, takes our commands, answers them later, and pushes by its own client.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.money import Money
from chalicelib.domain.network.area import Circle
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.network.place import Point
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.connection.register import register
from chalicelib.usecases.network.pull import pull_peer
from chalicelib.usecases.network.search import Found, Wanted, search
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.session.start import start
from sandbox.memory.world import CPO, EUR, PARTNERS, World
from tests.contract.ocpi_rig import Meeting, meeting
from tests.interop import told
from tests.interop.peer import Peer, extrawest

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
# Its versions endpoint decodes tokens in every version, unless what comes out is no UTF-8.
TOKEN_A = "/////w=="
PARTNER = PARTNERS[PaymentMethod.CARD]
HERE = Circle(Point.at(Decimal("50.938"), Decimal("6.960")), 2000)


@dataclass
class Met:
    version: str
    peer: Peer
    world: World
    channel: Meeting
    connection: Connection

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
        return status

    def found(self) -> Found:
        (found,) = search(self.world.ports, PARTNER, Wanted(HERE)).found
        return found

    def begin(self) -> Session:
        """Quoted and started by the partner; the effects have run."""
        ports, place = self.world.ports, self.found()
        evse = place.location.evses[0]
        where = (place.location_id, evse.uid, evse.connectors[0].id)
        quote = make_quote(ports, PARTNER, *where, Decimal(told.KWH), 1800)
        started = start(ports, PARTNER, quote.id, "tok_card", "k1", "h")
        self.world.settle()
        return self.world.session(started.id)


@pytest.fixture(params=["2.2.1", "2.1.1"])
def met(request: pytest.FixtureRequest) -> Iterator[Met]:
    version, world = request.param, World()
    with extrawest(version, TOKEN_A) as peer, meeting(world.ports) as channel:
        peer.put("locations", "LOC1", told.location(version))
        peer.put("tariffs", "T1", told.tariff(version))
        url = f"{peer.url}/ocpi/versions"
        connection = register(world.ports, CPO, {"DE*EXW": CPO}, url, TOKEN_A)
        assert connection.raw_token is (version == "2.1.1")  # which it takes, we find out
        yield Met(version, peer, world, channel, connection)


def test_we_register_with_it_and_pull_what_it_publishes(met: Met) -> None:
    connection = connection_of(met.world.ports, met.connection.id)
    assert connection.state is ConnectionState.REGISTERED
    assert connection.version == met.version
    pulled = pull_peer(met.world.ports, connection)
    assert (pulled.refused, pulled.failed) == ((), ())
    evse = met.found().location.evses[0]
    assert (evse.status, evse.connectors[0].max_power_w) == (EvseStatus.AVAILABLE, 120_000)


def test_what_it_pushes_is_taken(met: Met) -> None:
    pull_peer(met.world.ports, met.connection)
    busy = told.location(met.version, "CHARGING", "2026-11-20T07:30:00Z")
    assert met.push("locations", "LOC1", busy) == 200
    assert met.found().location.evses[0].status is EvseStatus.CHARGING
    assert met.push("tariffs", "T1", told.tariff(met.version, 0.59, "2026-11-20T07:30:00Z")) == 200


def test_a_session_is_started_followed_and_billed(met: Met) -> None:
    pull_peer(met.world.ports, met.connection)
    session = met.begin()
    (command,) = met.peer.state()["commands"]
    assert command["command"] == "START_SESSION"
    assert command["data"]["location_id"].upper() == "LOC1"
    token = command["data"]["token"]
    reference = command["data"].get("authorization_reference") or token.get("auth_id")

    active = told.session(met.version, token, reference, "ACTIVE", 0, "2026-11-20T08:02:00Z")
    met.world.ports.clock.at = datetime.fromisoformat("2026-11-20T08:02:30Z")
    assert met.push("sessions", "SES1", active) == 200
    met.world.settle()
    assert met.world.session(session.id).state is SessionState.CHARGING

    met.world.ports.clock.at = datetime.fromisoformat("2026-11-20T08:32:00Z")
    done = told.session(met.version, token, reference, "COMPLETED", told.KWH, told.END)
    assert met.push("sessions", "SES1", done) == 200
    met.world.settle()
    assert met.world.session(session.id).state is SessionState.ENDED

    assert met.push("cdrs", "CDR1", told.cdr(met.version, token, reference)) == 201
    met.world.settle()
    billed = met.world.session(session.id)
    assert billed.state is SessionState.BILLED
    assert billed.bill is not None
    assert billed.bill.gross == Money(1166, EUR)  # 20 kWh at 0.49 and 19 % VAT


def test_a_cdr_that_was_never_pushed_is_pulled(met: Met) -> None:
    pull_peer(met.world.ports, met.connection)
    session = met.begin()
    (command,) = met.peer.state()["commands"]
    token = command["data"]["token"]
    reference = command["data"].get("authorization_reference") or token.get("auth_id")
    met.world.ports.clock.at = datetime.fromisoformat("2026-11-20T08:32:00Z")
    done = told.session(met.version, token, reference, "COMPLETED", told.KWH, told.END)
    met.peer.put("sessions", "SES1", done)
    met.peer.put("cdrs", "CDR1", told.cdr(met.version, token, reference))
    pulled = pull_peer(met.world.ports, met.connection)
    assert (pulled.refused, pulled.failed) == ((), ())
    met.world.settle()
    assert met.world.session(session.id).state is SessionState.BILLED
