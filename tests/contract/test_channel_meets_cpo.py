"""Do the channel's OCPI side and an independently written CPO understand each other?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import PartyId, TokenId
from chalicelib.domain.network.area import Circle
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.network.place import Point
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.token.token import Token
from chalicelib.ocpi.envelope.authorization import shown
from chalicelib.ocpi.language import VERSIONS
from chalicelib.ports.cpo import CommandAnswer, CpoRefused, CpoUnavailable, StartCommand
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import EVERY_CPO
from chalicelib.usecases.charger_session.fold import fold
from chalicelib.usecases.connection.health import health_of
from chalicelib.usecases.connection.invite import invite
from chalicelib.usecases.connection.read import connection_of, connections
from chalicelib.usecases.connection.register import register
from chalicelib.usecases.network.pull import pull_all, pull_peer
from chalicelib.usecases.network.search import Wanted, search
from chalicelib.usecases.tariff.read import in_force
from chalicelib.usecases.token.issue import issue
from tests.contract.ocpi_rig import CPO, NOW, Meeting, meeting
from tests.unit.token.terms import agreed

AT = datetime.fromisoformat(NOW)
BERLIN = Circle(Point.at(Decimal("52.52"), Decimal("13.405")), 5000)
PARTNER = PartyId("par_app")
IDENTITIES = {"DE*ALF": CPO}
pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(params=VERSIONS)
def met(request: pytest.FixtureRequest) -> Iterator[Meeting]:
    with meeting(versions=[request.param]) as both:
        yield both


def connect(met: Meeting) -> Connection:
    """The CPO begins, with the token that we invited it with."""
    invitation = invite(met.ports, CPO, IDENTITIES)
    body = {
        "versions_url": invitation.versions_url,
        "token": invitation.token,
        "url": met.versions_url,
    }
    assert met.sim("connect", body)["connected"]
    return connection_of(met.ports, invitation.connection.id)


def charge(met: Meeting, connection: Connection, **plan: Any) -> None:
    body = {"evse_uid": evse_uid(met, connection), "energy_kwh": "10", "duration_s": 900}
    met.sim("plan", {**body, **plan})
    token = issue(met.ports, PartyId("par_app"), "driver 7", "pm_1")
    assert start(met, connection, token) is CommandAnswer.ACCEPTED


def start(met: Meeting, connection: Connection, token: Token) -> CommandAnswer:
    url = f"{met.ports.public_url}/ocpi/{connection.version}/commands/START_SESSION/ses_1/result"
    uid = evse_uid(met, connection)
    command = StartCommand(token, "L1", uid, "1", "ses_1", url)
    return met.ports.cpos.start_session(connection, command)


def evse_uid(met: Meeting, connection: Connection) -> str:
    pulled = met.ports.cpos.locations(connection, None)
    first = next(r.value for r in pulled.items if r.value.id == "L1")
    uid: str = first.evses[0].uid
    return uid


def names(met: Meeting, connection: Connection) -> list[str]:
    assert connection.id
    return [s["session_id"] for s in met.state()["sessions"]]


def test_a_cpo_that_we_invited_registers(met: Meeting) -> None:
    connection = connect(met)
    assert connection.state is ConnectionState.REGISTERED
    assert connection.endpoints["commands.RECEIVER"].startswith(met.cpo_url)
    assert met.state()["complaints"] == []
    assert [one.id for one in connections(met.ports)] == [connection.id]


def test_we_register_at_a_cpo_that_invited_us(met: Meeting) -> None:
    met.sim("invite", {"token": "token-a"})
    connection = register(met.ports, CPO, IDENTITIES, met.versions_url, "token-a")
    assert connection.state is ConnectionState.REGISTERED
    assert met.state()["connected"]
    assert len(met.ports.cpos.locations(connection, None).items) == 5
    assert met.state()["complaints"] == []


def test_the_whole_network_is_pulled_page_by_page(met: Meeting) -> None:
    connection = connect(met)
    (pull,) = pull_all(met.ports)
    assert (pull.refused, pull.failed) == ((), ())
    near = Wanted(BERLIN, min_power_w=100_000, available=True)
    page = search(met.ports, PARTNER, near)
    assert [one.location.id for one in page.found] == ["L1", "L2", "L3", "L4", "L5"]
    assert {len(one.location.evses) for one in page.found} == {1}
    hash_, tariff = in_force(met.ports, connection.id, ("DE", "ALF"), "AC", AT)
    assert tariff.elements[0].price_components[0].price == Decimal("0.49")
    assert met.ports.store.get(keys.tariff_version(hash_)) is not None
    cursors = health_of(met.ports, connection.id).cursors
    assert set(cursors) == {"tariffs", "locations", "sessions", "cdrs"}
    assert pull_peer(met.ports, connection_of(met.ports, connection.id)).failed == ()


def test_a_status_that_is_pushed_is_found_at_once(met: Meeting) -> None:
    connection = connect(met)
    pull_all(met.ports)
    uid = evse_uid(met, connection)
    met.tick("2026-11-20T08:05:00Z")
    told = met.sim("evse", {"location_id": "L1", "evse_uid": uid, "status": "OUTOFORDER"})
    assert told == {"pushed": True, "http": 200, "status": 1000}
    (first, *_) = search(met.ports, PARTNER, Wanted(BERLIN)).found
    assert first.location.evses[0].status is EvseStatus.OUTOFORDER


def test_a_tariff_that_is_pushed_is_in_force_at_once(met: Meeting) -> None:
    connection = connect(met)
    pull_all(met.ports)
    before, _ = in_force(met.ports, connection.id, ("DE", "ALF"), "AC", AT)
    met.tick("2026-11-20T08:05:00Z")
    element = {"price_components": [{"type": "ENERGY", "price": 0.59, "step_size": 1}]}
    told = met.sim("tariff", {"id": "AC", "currency": "EUR", "elements": [element]})
    assert told["status"] == 1000
    after, tariff = in_force(met.ports, connection.id, ("DE", "ALF"), "AC", AT)
    assert after != before
    assert tariff.elements[0].price_components[0].price == Decimal("0.59")


def test_the_cpo_reads_our_tokens(met: Meeting) -> None:
    connect(met)
    agreed(met.ports, PartyId("par_app"), EVERY_CPO, AT - timedelta(days=1))
    for number in range(3):
        issue(met.ports, PartyId("par_app"), f"driver {number}", "pm_1")
    assert met.sim("pull-tokens") == {"tokens": 3}
    token = issue(met.ports, PartyId("par_app"), "driver 9", "pm_1")
    assert token.last_updated == AT
    assert met.sim("authorize", {"uid": "NOBODY"})["http"] == 404
    asked = met.sim("authorize", {"uid": token.uid, "type": "APP_USER", "location_id": "L1"})
    assert (asked["status"], asked["data"]["allowed"]) == (1000, "NOT_ALLOWED")
    assert met.state()["complaints"] == []


def test_a_session_is_followed_from_its_start_to_its_end(met: Meeting) -> None:
    connection = connect(met)
    charge(met, connection)
    met.tick("2026-11-20T12:00:00Z")
    (name,) = names(met, connection)
    session = fold(met.ports.store, connection.id, "DE", "ALF", name)
    assert (session.status, session.kwh) == (ChargerStatus.COMPLETED, Decimal(10))
    assert session.authorization_reference == "ses_1"
    assert sum(p.energy_kwh or 0 for p in session.periods) == 10
    pulled = met.ports.cpos.sessions(connection, AT - timedelta(hours=1), AT + timedelta(days=1))
    assert pulled.items[0].value == session
    methods = [method for method, path in met.seen if "/sessions/" in path]
    assert methods[0] == "PUT"
    assert set(methods[1:]) == {"PATCH"}


_FAULTS = [
    "lost",
    "repeated",
    "reordered",
    "put_lost",
    "completed_lost",
    "session_lost",
    "late",
    ["lost", "reordered", "repeated"],
    ["put_lost", "late", "repeated", "cdr_not_pushed"],
    ["session_lost", "cdr_not_pushed"],
]


@pytest.mark.parametrize("fault", _FAULTS, ids=str)
def test_the_pull_makes_up_for_what_messages_missed(met: Meeting, fault: str | list[str]) -> None:
    connection = connect(met)
    charge(met, connection, fault=fault, duration_s=3600)
    met.tick("2026-11-21T12:00:00Z")
    (name,) = names(met, connection)
    pull_peer(met.ports, connection_of(met.ports, connection.id))
    session = fold(met.ports.store, connection.id, "DE", "ALF", name)
    assert (session.status, session.kwh) == (ChargerStatus.COMPLETED, Decimal(10))


def test_a_cdr_is_pulled_as_the_bytes_it_came_as(met: Meeting) -> None:
    connection = connect(met)
    charge(met, connection, fault="cdr_not_pushed")
    met.tick("2026-11-20T12:00:00Z")
    day = timedelta(days=1)
    (received,) = met.ports.cpos.cdrs(connection, AT - day, AT + day).items
    assert received.value.total_cost.excl_vat == Decimal("4.9")
    assert received.value.authorization_reference == "ses_1"
    raw = met.sim_client.get(
        f"{met.cpo_url}/ocpi/cpo/{connection.version}/cdrs?date_from=2026-11-20T00:00:00Z",
        headers={"Authorization": _shown(met, connection)},
    ).text
    assert received.raw in raw


def _shown(met: Meeting, connection: Connection) -> str:
    return shown(met.ports.secrets.read(connection.their_token_secret))


def test_a_stop_ends_the_session(met: Meeting) -> None:
    connection = connect(met)
    charge(met, connection, ends="stop", energy_kwh="40")
    met.tick("2026-11-20T08:10:00Z")
    (name,) = names(met, connection)
    url = f"{met.ports.public_url}/ocpi/{connection.version}/commands/STOP_SESSION/ses_1/result"
    assert met.ports.cpos.stop_session(connection, name, url) is CommandAnswer.ACCEPTED
    met.tick("2026-11-20T08:20:00Z")
    session = fold(met.ports.store, connection.id, "DE", "ALF", name)
    assert session.status is ChargerStatus.COMPLETED
    assert met.ports.cpos.stop_session(connection, "none", url) is CommandAnswer.UNKNOWN_SESSION


def test_a_start_that_the_cpo_rejects_is_an_answer(met: Meeting) -> None:
    connection = connect(met)
    met.sim("plan", {"evse_uid": evse_uid(met, connection), "fault": "start_rejected"})
    token = issue(met.ports, PartyId("par_app"), "driver 7", "pm_1")
    assert start(met, connection, token) is CommandAnswer.REJECTED


def test_an_answer_that_is_lost_leaves_the_outcome_unknown(met: Meeting) -> None:
    connection = connect(met)
    met.sim("plan", {"evse_uid": evse_uid(met, connection), "fault": "start_answer_lost"})
    token = issue(met.ports, PartyId("par_app"), "driver 7", "pm_1")
    with pytest.raises(CpoUnavailable):
        start(met, connection, token)


def test_an_unknown_location_is_refused_with_ocpis_own_status(met: Meeting) -> None:
    connection = connect(met)
    token = Token(TokenId("tok_1"), PartyId("par"), "U", "C", "h", valid=True, last_updated=AT)
    command = StartCommand(token, "nowhere", "E", "1", "ses_1", "http://127.0.0.1:9/x")
    with pytest.raises(CpoRefused) as refused:
        met.ports.cpos.start_session(connection, command)
    assert refused.value.status == 2003


def test_an_outage_is_no_answer_and_the_next_pull_goes_on(met: Meeting) -> None:
    connection = connect(met)
    met.sim("outage", {"requests": 3})
    first = pull_peer(met.ports, connection)
    assert [failed.partition(":")[0] for failed in first.failed] == [
        "tariffs",
        "locations",
        "sessions",
        "cdrs",
    ]
    assert health_of(met.ports, connection.id).cursors == {}
    assert "has not answered 3 times" in first.failed[3]  # the fourth list was not asked for
    met.ports.clock.forward(minutes=5)
    assert pull_peer(met.ports, connection).failed == ()
