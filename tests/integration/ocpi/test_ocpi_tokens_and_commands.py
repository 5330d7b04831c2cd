"""Which tokens does a CPO learn, when may one charge, and who may answer a command?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import (
    AgreementId,
    PartyId,
    PeerId,
    QuoteId,
    SessionId,
    TariffHash,
)
from chalicelib.domain.money import Money, currency
from chalicelib.domain.payment.payment import Payment, PaymentState
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.token.token import Token
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import EVERY_CPO
from chalicelib.usecases.token.issue import issue, withdraw
from sandbox.memory.ports import MemoryPorts
from tests.unit.token.terms import agreed

PARTNER = PartyId("par_app")
EUR = currency("EUR")


@pytest.fixture(autouse=True)
def _terms(ports: MemoryPorts) -> None:
    """A CPO is told of tokens that may charge there."""
    agreed(ports, PARTNER, EVERY_CPO, ports.clock.now() - timedelta(days=1))


@pytest.fixture
def token(ports: MemoryPorts) -> Token:
    return issue(ports, PARTNER, "driver 7", "pm_1")


def start(ports: MemoryPorts, peer: Any, token: Token, state: SessionState) -> Session:
    """A session as usecases.session.start records it."""
    at = ports.clock.now()
    session = Session(
        id=SessionId("ses_1"),
        request_hash="",
        partner_id=PARTNER,
        agreement_id=AgreementId("agr_1"),
        quote_id=QuoteId("quo_1"),
        token_id=token.id,
        token_uid=token.uid,
        cpo_id=peer.connection.cpo_id,
        peer_id=PeerId(peer.connection.id),
        location_id="L1",
        evse_uid="E1",
        connector_id="1",
        country="DE",
        time_zone="Europe/Berlin",
        settlement_zone="Europe/Berlin",
        tariff_id="T1",
        tariff_hash=TariffHash("h"),
        authorization_reference="ses_1",
        state=state,
        payment=Payment(PaymentMethod.CARD, PaymentState.AUTHORISED, Money(3000, EUR), "pm_1"),
        requested_at=at,
        start_not_after=at + timedelta(minutes=15),
    )
    row = Key(keys.partner_sessions(PARTNER, f"{at:%Y%m}"), f"{at:%Y-%m-%dT%H:%M:%S.%fZ}#ses_1")
    ports.store.write(Put(keys.session("ses_1"), to_plain(session)), Put(row, {}))
    return session


def ask(peer: Any, uid: str, body: Any = None, type_: str = "?type=APP_USER") -> Any:
    path = f"/ocpi/2.2.1/tokens/{uid}/authorize"
    query = dict([type_[1:].split("=")]) if type_ else {}
    assert not query or "type" in query
    return peer.send("POST", f"{path}{type_}", body)


def test_a_cpo_lists_tokens_page_by_page(ports: MemoryPorts, peer: Any) -> None:
    for number in range(5):
        issue(ports, PARTNER, f"driver {number}", "pm_1")
        ports.clock.forward(minutes=1)
    path = "/ocpi/2.2.1/tokens?limit=2&date_from=2026-11-16T08:01:00Z"
    seen: list[str] = []
    while path:
        answer = peer.send("GET", path)
        assert answer.headers["X-Total-Count"] == "4"
        assert answer.headers["X-Limit"] == "100"
        seen.extend(found["uid"] for found in answer.data)
        link = answer.headers.get("Link", "")
        path = link.partition("<")[2].partition(">")[0].removeprefix("https://channel.example")
        assert not path or "date_from=2026-11-16T08%3A01%3A00Z" in path
    assert len(seen) == len(set(seen)) == 4


def test_a_token_is_never_on_a_whitelist_and_says_whose_it_is(peer: Any, token: Token) -> None:
    (listed,) = peer.send("GET", "/ocpi/2.2.1/tokens").data
    assert listed["whitelist"] == "NEVER"
    assert listed["uid"] == token.uid
    assert len(listed["uid"]) <= 36
    assert len(listed["contract_id"]) <= 36
    assert (listed["country_code"], listed["party_id"]) == ("DE", "PLG")


def test_a_withdrawn_token_stays_listed_as_not_valid(
    ports: MemoryPorts, peer: Any, token: Token
) -> None:
    ports.clock.forward(minutes=1)
    withdraw(ports, PARTNER, token.id)
    (listed,) = peer.send("GET", "/ocpi/2.2.1/tokens").data
    assert listed["valid"] is False
    assert peer.send("GET", "/ocpi/2.2.1/tokens?date_to=2026-11-16T08:01:00Z").data == []
    assert ask(peer, token.uid).data["allowed"] == "BLOCKED"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=-1", "offset=9999999999", "date_from=monday", "date_to=1"],
)
def test_a_page_that_makes_no_sense_is_refused(peer: Any, query: str) -> None:
    answer = peer.send("GET", f"/ocpi/2.2.1/tokens?{query}")
    assert (answer.http, answer.status) == (200, 2001)
    assert query.split("=", maxsplit=1)[0] in answer.message


def test_an_unknown_token_is_404_and_2004(peer: Any) -> None:
    answer = ask(peer, "NOBODY")
    assert (answer.http, answer.status, answer.data) == (404, 2004, None)


def test_a_token_asked_for_under_another_type_is_unknown(peer: Any, token: Token) -> None:
    answer = ask(peer, token.uid, type_="")  # no type means RFID
    assert (answer.http, answer.status) == (404, 2004)


def test_a_token_without_a_start_is_not_allowed(peer: Any, token: Token) -> None:
    answer = ask(peer, token.uid, {"location_id": "L1"})
    assert (answer.status, answer.data["allowed"]) == (1000, "NOT_ALLOWED")
    assert "authorization_reference" not in answer.data


def test_a_started_token_is_allowed_where_it_was_started(
    ports: MemoryPorts, peer: Any, token: Token
) -> None:
    start(ports, peer, token, SessionState.STARTING)
    answer = ask(peer, token.uid.lower(), {"location_id": "L1", "evse_uids": ["E1", "E2"]})
    assert answer.data["allowed"] == "ALLOWED"
    assert answer.data["authorization_reference"] == "ses_1"
    assert answer.data["location"] == {"location_id": "L1", "evse_uids": ["E1"]}
    assert ask(peer, token.uid, {"location_id": "L2"}).data["allowed"] == "NOT_ALLOWED"


def test_a_started_token_needs_a_location(ports: MemoryPorts, peer: Any, token: Token) -> None:
    start(ports, peer, token, SessionState.STARTING)
    answer = ask(peer, token.uid)
    assert (answer.http, answer.status) == (200, 2002)


@pytest.mark.parametrize("state", [SessionState.AUTHORISED, SessionState.STARTING])
def test_a_start_that_is_too_late_is_not_given_out_again(
    ports: MemoryPorts, peer: Any, token: Token, state: SessionState
) -> None:
    """It may be given up a moment later, and its hold with it."""
    start(ports, peer, token, state)
    where = {"location_id": "L1"}
    ports.clock.forward(minutes=15)
    assert ask(peer, token.uid, where).data["allowed"] == "ALLOWED"
    ports.clock.forward(minutes=1)
    answer = ask(peer, token.uid, where)
    assert answer.data["allowed"] == "NOT_ALLOWED"
    assert "authorization_reference" not in answer.data
    assert answer.message.startswith("start_too_late (token_uid): ")


def test_a_charge_that_began_in_time_is_allowed_as_long_as_it_goes_on(
    ports: MemoryPorts, peer: Any, token: Token
) -> None:
    start(ports, peer, token, SessionState.CHARGING)
    ports.clock.forward(minutes=50)
    assert ask(peer, token.uid, {"location_id": "L1"}).data["allowed"] == "ALLOWED"


def test_an_old_or_foreign_start_allows_nothing(
    ports: MemoryPorts, peer: Any, token: Token
) -> None:
    session = start(ports, peer, token, SessionState.BILLED)
    assert ask(peer, token.uid, {"location_id": "L1"}).data["allowed"] == "NOT_ALLOWED"
    foreign = replace(session, state=SessionState.STARTING, peer_id=PeerId("peer_other"))
    ports.store.write(Put(keys.session("ses_1"), to_plain(foreign), expects=None))
    assert ask(peer, token.uid, {"location_id": "L1"}).data["allowed"] == "NOT_ALLOWED"


@pytest.mark.parametrize("body", [{"location_id": ""}, {"location_id": {}}, {"evse_uids": ["E1"]}])
def test_location_references_without_a_reading_are_refused(
    peer: Any, token: Token, body: dict[str, Any]
) -> None:
    answer = ask(peer, token.uid, body)
    assert (answer.http, answer.status) == (200, 2001)


RESULT = "/ocpi/2.2.1/commands/START_SESSION/ses_1/result"


def test_a_charger_that_refuses_ends_the_start(ports: MemoryPorts, peer: Any, token: Token) -> None:
    start(ports, peer, token, SessionState.STARTING)
    assert peer.send("POST", RESULT, {"result": "EVSE_OCCUPIED"}).status == 1000
    item = ports.store.get(keys.session("ses_1"))
    assert item is not None
    assert (item.body["state"], item.body["reason"]) == ("refused", "start_evse_occupied")


def test_a_charger_that_timed_out_may_still_start(
    ports: MemoryPorts, peer: Any, token: Token
) -> None:
    start(ports, peer, token, SessionState.STARTING)
    before = ports.store.dump()
    for result in ("TIMEOUT", "ACCEPTED"):
        assert peer.send("POST", RESULT, {"result": result}).status == 1000
    assert ports.store.dump() == before


def test_results_of_unknown_or_foreign_sessions_are_refused(
    ports: MemoryPorts, peer: Any, token: Token
) -> None:
    session = start(ports, peer, token, SessionState.STARTING)
    foreign = replace(session, peer_id=PeerId("peer_other"))
    ports.store.write(Put(keys.session("ses_1"), to_plain(foreign), expects=None))
    before = ports.store.dump()
    for path in (RESULT, RESULT.replace("ses_1", "ses_9"), RESULT.replace("START", "DANCE")):
        answer = peer.send("POST", path, {"result": "REJECTED"})
        assert (answer.http, answer.status) == (200, 2001)
    assert ports.store.dump() == before


@pytest.mark.parametrize("body", [{}, {"result": 7.5}, {"result": ""}, {"result": ["ACCEPTED"]}])
def test_a_result_without_a_reading_is_refused(
    ports: MemoryPorts, peer: Any, token: Token, body: dict[str, Any]
) -> None:
    start(ports, peer, token, SessionState.STARTING)
    before = ports.store.dump()
    answer = peer.send("POST", RESULT, body)
    assert (answer.http, answer.status) == (200, 2001)
    assert "result" in answer.message
    assert ports.store.dump() == before
