"""Can any text make the API stumble? It reads it, or it refuses it; it never falls."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import DomainError
from chalicelib.domain.event.event import day_of, event_id
from chalicelib.domain.event.signature import headers, new_secret
from chalicelib.domain.ids import PartyId
from chalicelib.handlers.partner_api import cursor
from chalicelib.handlers.partner_api.quotes import QuoteRequest
from chalicelib.handlers.partner_api.reading import fit, read_json
from chalicelib.handlers.partner_api.sessions import MonthQuery

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = ("location_id", "evse_uid", "connector_id", "energy_kwh", "duration_s")
plans = st.fixed_dictionaries({}, optional=dict.fromkeys(_FIELDS, json_values))
instants = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_read_or_refused_and_what_is_read_can_be_hashed(raw: bytes) -> None:
    try:
        value = read_json(raw)
    except DomainError:
        return
    canonical_bytes(to_plain(value))


@given(plans)
def test_any_json_is_a_plan_or_is_refused_by_field(plan: dict[str, object]) -> None:
    with suppress(DomainError):
        fit(QuoteRequest, read_json(json.dumps(plan).encode()))


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=4))
def test_any_query_is_read_or_refused(query: dict[str, str]) -> None:
    with suppress(DomainError):
        fit(MonthQuery, query)


@given(st.text(max_size=200))
def test_any_cursor_is_read_or_refused(text: str) -> None:
    try:
        cursor.decode("sessions", text, "month", "after")
    except cursor.CursorInvalid:
        return


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=80))
def test_a_cursor_comes_back_as_the_position_that_it_was(position: str) -> None:
    text = cursor.encode("events", after=position)
    assert cursor.decode("events", text, "after") == (position,)


@given(instants, instants, st.text(max_size=20), st.text(max_size=20))
def test_ids_sort_as_their_events_happened(
    one: datetime, other: datetime, cause: str, other_cause: str
) -> None:
    first, second = (
        event_id(PartyId("par_1"), cause, one),
        event_id(PartyId("par_1"), other_cause, other),
    )
    if other - one >= timedelta(milliseconds=1):
        assert first < second
    assert day_of(first) == one.date()


@given(st.binary(max_size=200).map(lambda raw: raw.hex().encode()), st.text(min_size=1))
def test_any_message_signed_by_us_passes_the_public_library(body: bytes, random: str) -> None:
    secret = new_secret(random)
    signed = headers("evt_1", datetime.now(UTC), body, [secret])
    Webhook(secret).verify(body, signed, json_parse=False)
