"""What does a Session say, whole or patched, in any version that we read? (mod_sessions)"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from chalicelib.domain.session.charged import (
    ChargerStatus,
    ReportedSession,
)
from chalicelib.domain.session.report import Change, appended
from chalicelib.ocpi.lenient.cdr import NOT_AVAILABLE
from chalicelib.ocpi.lenient.cost import Shape, cost_at
from chalicelib.ocpi.lenient.owner import owner_at
from chalicelib.ocpi.lenient.period import periods_at
from chalicelib.ocpi.lenient.place import Place, without_nulls
from chalicelib.ocpi.lenient.tariff import Owner, currency_at

# The prose of mod_sessions 9.1.4 says RESERVED where the enum says RESERVATION.
_STATUSES = {"RESERVED": ChargerStatus.RESERVATION}


class Told(NamedTuple):
    """What each version tells under a name of its own; None: not told."""

    last_updated: datetime
    start: datetime | None
    end: datetime | None
    token_uid: str | None
    authorization_reference: str | None
    location_id: str | None
    evse_uid: str | None
    connector_id: str | None


Telling = Callable[[Place], Told]


def told_at(place: Place) -> Told:
    """As 2.2.1 and 2.3.0 tell it."""
    return Told(
        place.instant("last_updated"),
        place.maybe_instant("start_date_time"),
        place.maybe_instant("end_date_time"),
        place.object("cdr_token").id("uid") if place.has("cdr_token") else None,
        place.maybe_id("authorization_reference"),
        place.maybe_id("location_id"),
        place.maybe_id("evse_uid"),
        place.maybe_id("connector_id"),
    )


def session_of(
    place: Place, telling: Telling, shape: Shape, around: Owner | None = None
) -> ReportedSession:
    """A whole Session. Raises Invalid. `around` is its owner where it names none."""
    change = change_of(place, telling, shape)
    if change.status is None:
        raise place.invalid("status", "is missing")
    if change.start is None:
        name = "start_date_time" if around is None else "start_datetime"  # as 2.1.1 has it
        raise place.invalid(name, "is missing")
    owner = owner_at(place, around)
    return ReportedSession(
        country_code=owner.country_code,
        party_id=owner.party_id,
        id=place.id("id"),
        start=change.start,
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


def change_of(place: Place, telling: Telling, shape: Shape) -> Change:
    """The members that a PATCH changes. Raises Invalid."""
    told = telling(place)
    if told.start is not None and told.end is not None and told.end < told.start:
        raise place.invalid("end_date_time", "is before start_date_time")
    return Change(
        last_updated=told.last_updated,
        start=told.start,
        end=told.end,
        status=_status(place),
        currency=currency_at(place) if place.has("currency") else None,
        kwh=_volume(place, "kwh"),
        token_uid=told.token_uid,
        authorization_reference=told.authorization_reference,
        location_id=told.location_id,
        evse_uid=_known(told.evse_uid),
        connector_id=_known(told.connector_id),
        periods=tuple(periods_at(place, "charging_periods")),
        total_cost=cost_at(place, "total_cost", shape),
    )


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
