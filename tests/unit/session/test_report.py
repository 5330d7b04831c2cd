"""What is a session after its messages, in whatever order they came?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.money import currency
from chalicelib.domain.session.charged import ChargerStatus, ChargingPeriod, ReportedSession
from chalicelib.domain.session.report import Change, Method, Report, appended, folded

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
WHOLE = ReportedSession(
    country_code="DE",
    party_id="ALF",
    id="S-1",
    start=AT,
    status=ChargerStatus.ACTIVE,
    last_updated=AT,
    currency=currency("EUR"),
)


def minute(number: int) -> datetime:
    return AT + timedelta(minutes=number)


def period(number: int, kwh: int) -> ChargingPeriod:
    return ChargingPeriod(minute(number), energy_kwh=Decimal(kwh))


def put(session: ReportedSession, received: int = 0) -> Report:
    return Report(Method.PUT, minute(received), session.status, whole=session)


def patch(number: int, kwh: int, *, received: int | None = None) -> Report:
    change = Change(minute(number), kwh=Decimal(kwh), periods=(period(number, 1),))
    at = minute(number if received is None else received)
    return Report(Method.PATCH, at, ChargerStatus.ACTIVE, change=change)


def test_without_a_put_there_is_no_session() -> None:
    assert folded([]) is None
    assert folded([patch(1, 1)]) is None


def test_the_order_of_reading_makes_no_difference() -> None:
    reports = [put(WHOLE), patch(5, 1), patch(10, 2), patch(15, 3)]
    results = {folded(order) for order in permutations(reports)}
    assert len(results) == 1
    (session,) = results
    assert session is not None
    assert (session.kwh, session.last_updated) == (Decimal(3), minute(15))
    assert [p.start for p in session.periods] == [minute(5), minute(10), minute(15)]


def test_a_put_forgets_what_was_before_it() -> None:
    later = replace(WHOLE, last_updated=minute(12), kwh=Decimal(9))
    session = folded([put(WHOLE), patch(5, 1), put(later, 12), patch(15, 10)])
    assert session is not None
    assert [p.start for p in session.periods] == [minute(15)]
    assert session.kwh == 10


def test_a_patch_of_the_puts_own_instant_comes_after_it() -> None:
    session = folded([patch(0, 4), put(WHOLE)])
    assert session is not None
    assert session.kwh == 4


def test_a_put_received_later_of_the_same_instant_has_the_last_word() -> None:
    again = replace(WHOLE, kwh=Decimal(7))
    session = folded([put(WHOLE), patch(0, 4), put(again, received=3)])
    assert session == again


def test_what_a_patch_does_not_name_stays() -> None:
    known = replace(WHOLE, token_uid="U", evse_uid="E1", authorization_reference="ses_1")
    session = folded([put(known), patch(5, 1)])
    assert session is not None
    assert (session.token_uid, session.evse_uid) == ("U", "E1")
    assert session.authorization_reference == "ses_1"


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), max_size=20))
def test_periods_are_in_order_and_none_starts_twice(told: list[tuple[int, int]]) -> None:
    result = appended((), tuple(period(number, kwh) for number, kwh in told))
    starts = [p.start for p in result]
    assert starts == sorted(set(starts))
    assert {p.start: p.energy_kwh for p in result} == {minute(n): k for n, k in told}
    assert appended(result, result) == result


def test_a_pulled_session_beats_what_is_told_of_the_same_instant_even_later() -> None:
    pulled = replace(WHOLE, kwh=Decimal(9), last_updated=minute(10))
    got = Report(Method.GET, minute(30), pulled.status, whole=pulled)
    late = patch(10, 2, received=90)
    assert folded([put(WHOLE), late, got]) == pulled
    after = folded([put(WHOLE), late, got, patch(11, 12)])
    assert after is not None
    assert after.kwh == 12


def test_an_old_word_of_the_instant_of_the_end_does_not_start_it_again() -> None:
    done = replace(WHOLE, status=ChargerStatus.COMPLETED, last_updated=minute(5), kwh=Decimal(9))
    change = Change(minute(5), status=ChargerStatus.ACTIVE, kwh=Decimal(4))
    late = Report(Method.PATCH, minute(70), ChargerStatus.ACTIVE, change=change)
    assert folded([put(WHOLE), put(done, received=6), late]) == done


def test_the_end_is_believed_though_the_same_instant_was_pulled_before_it() -> None:
    going_on = replace(WHOLE, last_updated=minute(5), kwh=Decimal(9))
    pulled = Report(Method.GET, minute(5), ChargerStatus.ACTIVE, whole=going_on)
    change = Change(minute(5), status=ChargerStatus.COMPLETED, end=minute(5))
    end = Report(Method.PATCH, minute(6), ChargerStatus.COMPLETED, change=change)
    session = folded([put(WHOLE), pulled, end])
    assert session is not None
    assert (session.status, session.kwh) == (ChargerStatus.COMPLETED, Decimal(9))
