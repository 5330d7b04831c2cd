"""What does a session use of which component of its tariffs? Period by period, as it happened.

Part of the reference engine (tariff_reference.py): written from OCPI's text and our readings (T).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from chalicelib.domain.tariff.tariff import (
    Dimension,
    FirstMatch,
    PriceComponent,
    Reservation,
    Restrictions,
    Tariff,
)
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from tests.properties.reference_moment import Moment, holds, lowest_current, lowest_power

ENERGY, FLAT = Dimension.ENERGY, Dimension.FLAT
TIME, PARKING = Dimension.TIME, Dimension.PARKING_TIME
SECONDS_PER_HOUR = 3600
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Billed:
    """One use of one component: `quantity` in kWh, hours or times, `step` what rounding added."""

    period: int
    tariff: Tariff
    element: int
    component: PriceComponent
    quantity: Fraction
    reserved: bool = False
    step: Fraction = Fraction(0)


@dataclass(frozen=True)
class Stay:
    """A session in the order in which it happened, with what only the whole of it can tell."""

    periods: tuple[ChargingPeriod, ...]
    begin: datetime  # durations count from here
    expired: bool
    zone: ZoneInfo


def stay_of(usage: Usage, zone: str) -> Stay:
    """Durations begin after a reservation that comes first (T 13); one that nothing followed has
    expired (T 24).
    """
    periods = tuple(sorted(usage.periods, key=lambda period: period.start))
    used = [period for period in periods if not only_reserved(period)]
    begin = usage.start
    if periods and only_reserved(periods[0]):
        begin = used[0].start if used else usage.end
    expired = not used if usage.expired is None else usage.expired
    return Stay(periods, begin, expired, ZoneInfo(zone))


def only_reserved(period: ChargingPeriod) -> bool:
    """A meter that tells zeros beside the reservation tells no use."""
    used = (period.energy_kwh, period.time_h, period.parking_time_h)
    return period.reservation_time_h is not None and not any(used)


def moments(stay: Stay) -> list[Moment]:
    """Where the session stands as each period starts."""
    found, kwh = [], Fraction(0)
    for period in stay.periods:
        since = Fraction((period.start - stay.begin) // MICROSECOND, 1_000_000)
        clock = period.start.astimezone(stay.zone)
        readings = lowest_power(period), lowest_current(period)
        found.append(Moment(clock, max(Fraction(0), since), kwh, *readings))
        kwh += Fraction(period.energy_kwh or 0)
    return found


def billed(stay: Stay, tariffs: list[Tariff]) -> Iterator[Billed]:
    """`tariffs` has one for each period. Each period is priced by the state at its start (T 14)."""
    states = zip(stay.periods, tariffs, moments(stay), strict=True)
    for number, (period, tariff, now) in enumerate(states):
        if period.reservation_time_h is not None:
            yield from _reserved(number, period, tariff, now, expired=stay.expired)
        if not only_reserved(period):
            yield from _used(number, period, tariff, now)


def _used(number: int, period: ChargingPeriod, tariff: Tariff, now: Moment) -> Iterator[Billed]:
    volumes = {
        FLAT: Fraction(1),
        ENERGY: Fraction(period.energy_kwh or 0),
        TIME: whole_seconds(period.time_h),
        PARKING: whole_seconds(period.parking_time_h),
    }
    for kind, volume in volumes.items():
        found = active(tariff, kind, now, None)
        if found is not None and volume:
            yield Billed(number, tariff, found[0], found[1], volume)


def _reserved(
    number: int, period: ChargingPeriod, tariff: Tariff, now: Moment, *, expired: bool
) -> Iterator[Billed]:
    """Of a reservation that expired, its own elements come first, for each dimension (T 24)."""
    volumes = {FLAT: Fraction(1), TIME: whole_seconds(period.reservation_time_h)}
    for kind, volume in volumes.items():
        found = active(tariff, kind, now, Reservation.RESERVATION)
        if expired:
            found = active(tariff, kind, now, Reservation.RESERVATION_EXPIRES) or found
        if found is not None and volume:
            yield Billed(number, tariff, found[0], found[1], volume, reserved=True)


def active(
    tariff: Tariff, kind: Dimension, now: Moment, reservation: Reservation | None
) -> tuple[int, PriceComponent] | None:
    """The first element that holds and prices this dimension (T 10); none: it is free (T 11).

    In OCPI 2.1.1 the first element that holds decides, whether it prices this dimension or not.
    """
    alone = tariff.first_match is FirstMatch.PER_ELEMENT and not _would_bury_the_rest(tariff)
    for number, element in enumerate(tariff.elements):
        if element.restrictions.reservation is reservation and holds(element.restrictions, now):
            for component in element.price_components:
                if component.type is kind:
                    return number, component
            if alone:
                return None
    return None


def _would_bury_the_rest(tariff: Tariff) -> bool:
    """2.1.1's own example begins so: what can never be reached is not what its author meant."""
    asked = [element.restrictions for element in tariff.elements]
    session = [one for one in asked if one.reservation is None]
    return Restrictions() in session[:-1]


def whole_seconds(hours: Decimal | None) -> Fraction:
    """Hours are told with a few decimals: the nearest whole second is meant (T 7)."""
    if hours is None:
        return Fraction(0)
    return Fraction(round(Fraction(hours) * SECONDS_PER_HOUR), SECONDS_PER_HOUR)
