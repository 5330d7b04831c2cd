"""What does an OCPI 2.2.1 Session say, whole or patched? (mod_sessions 9.3)"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import CurrencyUnknown, currency
from chalicelib.domain.session.charged import (
    ChargerStatus,
    ReportedSession,
)
from chalicelib.domain.session.report import Change, appended
from chalicelib.ocpi.envelope.fields import (
    NOT_AVAILABLE,
    Id,
    Instant,
    Listed,
    Number,
    Upper,
    Wire,
    mended_once,
    read,
    without_nulls,
)
from chalicelib.ocpi.v2_2_1.period import Priced, WirePeriod, cost_of, period_of

# The prose of mod_sessions 9.1.4 says RESERVED where the enum says RESERVATION.
_STATUSES = {"RESERVED": ChargerStatus.RESERVATION}


class _Token(Wire):
    uid: Id


class _Changes(Wire):
    """Every member that may be patched; of a whole Session some of them are required."""

    country_code: Upper = ""
    party_id: Upper = ""
    id: Id = ""
    start_date_time: Instant | None = None
    end_date_time: Instant | None = None
    kwh: Number | None = None
    cdr_token: _Token | None = None
    authorization_reference: Id | None = None
    location_id: Id | None = None
    evse_uid: Id | None = None
    connector_id: Id | None = None
    currency: Upper | None = None
    charging_periods: Annotated[tuple[WirePeriod, ...], Listed] = ()
    total_cost: Priced | None = None
    status: Upper | None = None
    last_updated: Instant


class _Whole(_Changes):
    country_code: Upper
    party_id: Upper
    id: Id
    start_date_time: Instant
    currency: Upper
    status: Upper


def read_session(value: Any) -> tuple[ReportedSession, tuple[str, ...]]:  # noqa: ANN401 - any JSON
    """A whole Session, and what was mended in it. Raises Invalid."""
    mended: list[str] = []
    wire = read(_Whole, value, mended)
    change = _change(wire, mended)
    assert change.start is not None, "required of a whole session"
    assert change.status is not None, "required of a whole session"
    assert change.currency is not None, "required of a whole session"
    session = ReportedSession(
        country_code=wire.country_code,
        party_id=wire.party_id,
        id=wire.id,
        start=change.start,
        status=change.status,
        last_updated=change.last_updated,
        currency=change.currency,
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
    return session, mended_once(mended)


def read_patch(value: Any) -> tuple[Change, tuple[str, ...]]:  # noqa: ANN401 - any JSON
    """The members that a PATCH changes, and what was mended. Raises Invalid."""
    mended: list[str] = []
    change = _change(read(_Changes, value, mended), mended)
    return change, mended_once(mended)


def _change(wire: _Changes, mended: list[str]) -> Change:
    return Change(
        last_updated=wire.last_updated,
        start=wire.start_date_time,
        end=_end(wire),
        status=_status(wire.status, mended),
        currency=_currency(wire.currency),
        kwh=_volume("kwh", wire.kwh),
        token_uid=wire.cdr_token.uid if wire.cdr_token else None,
        authorization_reference=wire.authorization_reference,
        location_id=wire.location_id,
        evse_uid=_known(wire.evse_uid),
        connector_id=_known(wire.connector_id),
        periods=tuple(period_of(period, mended) for period in wire.charging_periods),
        total_cost=cost_of(wire.total_cost),
    )


def _end(wire: _Changes) -> Any:  # noqa: ANN401 - datetime or None, as in the wire
    start, end = wire.start_date_time, wire.end_date_time
    if start is not None and end is not None and end < start:
        raise Invalid("end_date_time", "is before start_date_time")
    return end


def _status(text: str | None, mended: list[str]) -> ChargerStatus | None:
    if text is None:
        return None
    if text in _STATUSES:
        mended.append(f"status: {text} is called {_STATUSES[text].value}")
        return _STATUSES[text]
    try:
        return ChargerStatus(text)
    except ValueError as error:
        raise Invalid("status", f"{text!r} is not a SessionStatus") from error


def _currency(text: str | None) -> Any:  # noqa: ANN401 - Currency or None
    if text is None:
        return None
    try:
        return currency(text)
    except CurrencyUnknown as error:
        raise Invalid("currency", str(error)) from error


def _known(text: str | None) -> str | None:
    return None if text == NOT_AVAILABLE else text


def _volume(name: str, volume: Decimal | None) -> Decimal | None:
    if volume is not None and volume < 0:
        raise Invalid(name, f"{volume} is below zero")
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
