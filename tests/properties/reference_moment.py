"""Does an element of a tariff hold at one moment? Each restriction of OCPI as a plain sentence.

Part of the reference engine (tariff_reference.py): written from OCPI's text and our readings (T).
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction

from chalicelib.domain.tariff.tariff import Restrictions, Weekday
from chalicelib.domain.tariff.usage import ChargingPeriod

Bound = Decimal | int | None
MIDNIGHT = time(0)
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(frozen=True)
class Moment:
    """Where a session stands. The clock is the location's (T 1), `seconds` are real ones (T 2)."""

    clock: datetime
    seconds: Fraction  # since the session began, without what was reserved (T 13)
    kwh: Fraction  # used before this moment
    power_kw: Fraction | None  # None: the charger did not say
    current_a: Fraction | None


def holds(limits: Restrictions, now: Moment) -> bool:
    """All restrictions at this one instant (T 4). Who may use a reservation is not asked here."""
    return (
        is_between(limits.start_time, now.clock.time(), limits.end_time)
        and is_dated(limits.start_date, now.clock.date(), limits.end_date)
        and is_one_of(limits.day_of_week, now.clock)
        and is_within(limits.min_kwh, now.kwh, limits.max_kwh)
        and is_within(limits.min_duration_s, now.seconds, limits.max_duration_s)
        and is_within(limits.min_power, now.power_kw, limits.max_power)
        and is_within(limits.min_current, now.current_a, limits.max_current)
    )


def is_within(low: Bound, value: Fraction | None, high: Bound) -> bool:
    """From `low`, inclusive, until `high`, exclusive (T 5). What was not told holds (T 15)."""
    if value is None:
        return True
    if low is not None and value < Fraction(low):
        return False
    return high is None or value < Fraction(high)


def is_dated(first: date | None, today: date, end: date | None) -> bool:
    """The end is the first day on which it holds no more (T 5)."""
    if first is not None and today < first:
        return False
    return end is None or today < end


def is_between(start: time | None, now: time, end: time | None) -> bool:
    """Over midnight if the end comes first; 00:00 ends the day; equal times: all day (T 3)."""
    opens = start or MIDNIGHT
    if end is None or end == MIDNIGHT:
        return now >= opens
    if opens == end:
        return True
    if opens < end:
        return opens <= now < end
    return now >= opens or now < end


def is_one_of(days: tuple[Weekday, ...], clock: datetime) -> bool:
    return not days or WEEKDAYS[clock.weekday()] in [day.value for day in days]


def lowest_power(period: ChargingPeriod) -> Fraction | None:
    return _lowest(period.min_power_kw, period.max_power_kw)


def lowest_current(period: ChargingPeriod) -> Fraction | None:
    return _lowest(period.min_current_a, period.max_current_a)


def _lowest(*readings: Decimal | None) -> Fraction | None:
    """The charger tells the least and the most of a period: the least decides (T 15)."""
    told = [Fraction(reading) for reading in readings if reading is not None]
    return min(told, default=None)
