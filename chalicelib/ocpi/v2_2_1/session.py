"""What does an OCPI 2.2.1 Session say, whole or patched? (mod_sessions 9.3)"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from chalicelib.domain.money import Currency
from chalicelib.domain.session.charged import (
    ChargerStatus,
    ReportedSession,
)
from chalicelib.domain.session.report import Change, appended
from chalicelib.ocpi.envelope.fields import without_nulls
from chalicelib.ocpi.lenient.cdr import NOT_AVAILABLE
from chalicelib.ocpi.lenient.cost import Shape, cost_at
from chalicelib.ocpi.lenient.period import periods_at
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import currency_at

# The prose of mod_sessions 9.1.4 says RESERVED where the enum says RESERVATION.
_STATUSES = {"RESERVED": ChargerStatus.RESERVATION}


def read_session(value: object) -> tuple[ReportedSession, tuple[str, ...]]:
    """A whole Session, and what was mended in it. Raises Invalid."""
    place = Place.whole(value)
    change = _change(place)
    if change.status is None:
        raise place.invalid("status", "is missing")
    session = ReportedSession(
        country_code=place.upper("country_code"),
        party_id=place.upper("party_id"),
        id=place.id("id"),
        start=place.instant("start_date_time"),
        status=change.status,
        last_updated=change.last_updated,
        currency=currency_at(place),
        kwh=change.kwh or Decimal(0),
        end=change.end,
        token_uid=change.token_uid or "",
        authorization_reference=change.authorization_reference or "",
        location_id=change.location_id or "",
        evse_uid=change.evse_uid or "",
        connector_id=change.connector_id or "",
        periods=appended((), change.periods),
        total_cost=change.total_cost,
    )
    return session, place.notes.told()


def read_patch(value: object) -> tuple[Change, tuple[str, ...]]:
    """The members that a PATCH changes, and what was mended. Raises Invalid."""
    place = Place.whole(value)
    return _change(place), place.notes.told()


def _change(place: Place) -> Change:
    start, end = place.maybe_instant("start_date_time"), place.maybe_instant("end_date_time")
    return Change(
        last_updated=place.instant("last_updated"),
        start=start,
        end=_end(place, start, end),
        status=_status(place),
        currency=_currency(place),
        kwh=_volume(place, "kwh"),
        token_uid=_token_uid(place),
        authorization_reference=place.maybe_id("authorization_reference"),
        location_id=place.maybe_id("location_id"),
        evse_uid=_known(place.maybe_id("evse_uid")),
        connector_id=_known(place.maybe_id("connector_id")),
        periods=tuple(periods_at(place, "charging_periods")),
        total_cost=cost_at(place, "total_cost", Shape.PRICE),
    )


def _end(place: Place, start: datetime | None, end: datetime | None) -> datetime | None:
    if start is not None and end is not None and end < start:
        raise place.invalid("end_date_time", "is before start_date_time")
    return end


def _status(place: Place) -> ChargerStatus | None:
    text = place.maybe_upper("status")
    if not text:
        return None
    if text in _STATUSES:
        place.note("status_name", "status", f"{text} is called {_STATUSES[text].value}")
        return _STATUSES[text]
    try:
        return ChargerStatus(text)
    except ValueError as error:
        raise place.invalid("status", f"{text!r} is not a SessionStatus") from error


def _currency(place: Place) -> Currency | None:
    return currency_at(place) if place.has("currency") else None


def _token_uid(place: Place) -> str | None:
    return place.object("cdr_token").id("uid") if place.has("cdr_token") else None


def _known(text: str | None) -> str | None:
    return None if text == NOT_AVAILABLE else text


def _volume(place: Place, name: str) -> Decimal | None:
    volume = place.maybe_number(name)
    if volume is not None and volume < 0:
        raise place.invalid(name, f"{volume} is below zero")
    return volume


def merged_reports(messages: Sequence[tuple[bool, dict[str, Any]]]) -> dict[str, Any]:
    """The raw Session after its messages in order; the first of each pair says: it was a PUT."""
    merged: dict[str, Any] = {}
    for whole, message in messages:
        if whole:
            merged = dict(message)
            continue
        periods = [*(merged.get("charging_periods") or ()), *_listed(message)]
        merged = {**merged, **without_nulls(message)}
        if periods:
            merged["charging_periods"] = periods
    return merged


def _listed(message: dict[str, Any]) -> list[Any]:
    periods = message.get("charging_periods") or []
    return periods if isinstance(periods, list) else [periods]
