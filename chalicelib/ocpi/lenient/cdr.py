"""What does a CDR say, in any version that we read? (mod_cdrs)

What only informs is left out and noted where it has no reading; what says who owes what for which
use is refused. What a total repeats of the periods is worked out where it is missing.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.money import Currency
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import ChargingPeriod, Cost
from chalicelib.ocpi.lenient.cost import cost_at, part_at
from chalicelib.ocpi.lenient.period import periods_at
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import Dialect, Owner, currency_at, tariffs_in

NOT_AVAILABLE = "#NA"
_ZERO = Decimal(0)
_SLACK_KWH = Decimal("0.01")
_HOUR_S = 3600
_PARTS = frozenset(
    {
        *("total_fixed_cost", "total_energy_cost", "total_time_cost"),
        *("total_parking_cost", "total_reservation_cost"),
    }
)


class Charged(NamedTuple):
    """What each version tells under a name of its own."""

    owner: Owner
    start: datetime
    end: datetime
    token_uid: str
    location_id: str
    evse_uid: str
    connector_id: str
    default_tariff_id: bool = False  # periods name no tariff: it is the CDR's, if it has one


def charged_at(place: Place) -> Charged:
    """As 2.2.1 and 2.3.0 tell it."""
    location = place.object("cdr_location")
    return Charged(
        owner=Owner(place.upper("country_code"), place.upper("party_id")),
        start=place.instant("start_date_time"),
        end=place.instant("end_date_time"),
        token_uid=place.object("cdr_token").text("uid"),
        location_id=location.text("id"),
        evse_uid=location.text("evse_uid"),
        connector_id=location.text("connector_id"),
    )


def _span(place: Place, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    if end < start:
        raise place.invalid("end_date_time", "is before start_date_time")
    return start, end


def cdr_of(place: Place, charged: Charged, dialect: Dialect, raw_hash: str) -> ReceivedCdr:
    """Raises Invalid naming the member to blame."""
    start, end = _span(place, charged.start, charged.end)
    cost = cost_at(place, "total_cost", dialect.money)
    if cost is None:
        raise place.invalid(f"total_cost.{dialect.money.value}".rstrip("."), "is missing")
    tariffs = tariffs_in(place, dialect, charged.owner)
    named = tariffs[0].id if charged.default_tariff_id and len(tariffs) == 1 else ""
    periods = _periods(place, named)
    return ReceivedCdr(
        country_code=charged.owner.country_code,
        party_id=charged.owner.party_id,
        id=place.id("id"),
        start=start,
        end=end,
        currency=_currency(place, tariffs),
        total_cost=cost,
        total_energy_kwh=_energy(place, periods),
        total_time_h=_time(place, charged),
        periods=periods,
        last_updated=_last_updated(place, charged.end),
        total_parking_time_h=_volume(place, "total_parking_time") or _ZERO,
        session_id=place.text("session_id"),
        authorization_reference=place.text("authorization_reference"),
        token_uid=charged.token_uid,
        location_id=_known(charged.location_id),
        evse_uid=_known(charged.evse_uid),
        connector_id=_known(charged.connector_id),
        tariffs=tariffs,
        credit=place.flag("credit"),
        credit_reference_id=place.text("credit_reference_id"),
        raw_hash=raw_hash,
        **_parts(place, dialect),
    )


def _parts(place: Place, dialect: Dialect) -> dict[str, Cost | None]:
    if _PARTS.isdisjoint(place.members):
        return {}
    return {name: part_at(place, name, dialect.money) for name in _PARTS}


def _periods(place: Place, tariff_id: str) -> tuple[ChargingPeriod, ...]:
    found = periods_at(place, "charging_periods", tariff_id)
    if not found:
        raise place.invalid("charging_periods", "a CDR has at least one period")
    if len(found) > 1:
        ordered = sorted(found, key=lambda period: period.start)
        if ordered != found:
            words = "were not in the order of time"
            place.note("periods_unordered", "charging_periods", words)
            found = ordered
    return tuple(found)


def _currency(place: Place, tariffs: tuple[Tariff, ...]) -> Currency:
    if not place.has("currency"):
        told = {tariff.currency for tariff in tariffs}
        if len(told) == 1:
            place.note("currency_missing", "currency", "is missing: that of its tariff was taken")
            return told.pop()
    return currency_at(place)


def _energy(place: Place, periods: tuple[ChargingPeriod, ...]) -> Decimal:
    total = place.maybe_number("total_energy")
    if len(periods) == 1:
        told = periods[0].energy_kwh or _ZERO
    else:
        told = sum((period.energy_kwh or _ZERO for period in periods), _ZERO)
    if total is None:
        place.note("total_missing", "total_energy", f"is missing: the periods have {told}")
        return told
    if total != told and abs(told - total) > _SLACK_KWH:
        words = f"{total} was sent, the periods have {told}"
        place.note("total_differs", "total_energy", words)
    return total


def _time(place: Place, charged: Charged) -> Decimal:
    total = _volume(place, "total_time")
    if total is not None:
        return total
    lasted = charged.end - charged.start
    hours = Decimal(lasted.days * 24 * _HOUR_S + lasted.seconds) / _HOUR_S
    place.note("total_missing", "total_time", "is missing: the session's length was taken")
    return hours


def _volume(place: Place, name: str) -> Decimal | None:
    volume = place.maybe_number(name)
    if volume is not None and volume < 0:
        raise place.invalid(name, f"{volume} is below zero")
    return volume


def _last_updated(place: Place, end: datetime) -> datetime:
    at = place.maybe_instant("last_updated")
    if at is not None:
        return at
    place.note("last_updated_missing", "last_updated", "is missing: the session's end was taken")
    return end


def _known(text: str) -> str:
    return "" if text == NOT_AVAILABLE else text
