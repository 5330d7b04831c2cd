"""Does a tariff element hold at one moment of a session?

Source: OCPI 2.2.1 mod_tariffs 11.4.6. All restrictions of an element are ANDed on the local date
and time of the instant; min is inclusive, max and ends are exclusive.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.tariff.tariff import Restrictions, Weekday

DAY_S = 86_400
_MIDNIGHT = time()
_NUMBER = {day: number for number, day in enumerate(Weekday)}  # Monday is 0, as in datetime


class Moment(NamedTuple):
    """Where a session stands. None: the charger did not say."""

    second: int  # of the local day, by the wall clock
    day: date
    kwh: Decimal
    duration_s: int  # since the session's start, reservation not counted
    power_kw: Decimal | None
    current_a: Decimal | None


Check = Callable[[Moment], bool]


def seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def slot_checks(limits: Restrictions) -> tuple[Check, ...]:
    """Those of the local date and time, the kWh and the duration: a slot of the schedule."""
    return (*_clock(limits), *_calendar(limits), *_counters(limits))


def reading_checks(limits: Restrictions) -> tuple[Check, ...]:
    """Those of power and current."""
    return tuple(_readings(limits))


def is_whole_day(limits: Restrictions) -> bool:
    """A start and an end that are equal, which we read as the whole day and not as never (T 3)."""
    start, end = limits.start_time, limits.end_time
    return start is not None and start == end and seconds(start) != 0


def told(limits: Restrictions) -> str:
    """Which restrictions there are, in OCPI's words and order: `start_time 08:00, max_kwh 20`."""
    found = []
    for field in fields(limits):
        value = getattr(limits, field.name)
        if value is not None and value != ():
            found.append(f"{field.name.removesuffix('_s')} {_said(value)}")
    return ", ".join(found)


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return "/".join(value)
    return value.isoformat("minutes") if isinstance(value, time) else str(value)


def _clock(limits: Restrictions) -> list[Check]:
    start, end = (seconds(at or _MIDNIGHT) for at in (limits.start_time, limits.end_time))
    if start == end:  # the whole day
        return []
    if start < end:
        return [lambda moment: start <= moment.second < end]
    return [lambda moment: moment.second >= start or moment.second < end]


def _calendar(limits: Restrictions) -> list[Check]:
    found: list[Check] = []
    first, last = limits.start_date, limits.end_date
    if limits.day_of_week:
        days = frozenset(_NUMBER[day] for day in limits.day_of_week)
        found.append(lambda moment: moment.day.weekday() in days)
    if first is not None:
        found.append(lambda moment: moment.day >= first)
    if last is not None:
        found.append(lambda moment: moment.day < last)
    return found


def _counters(limits: Restrictions) -> list[Check]:
    found: list[Check] = []
    low, high = limits.min_kwh, limits.max_kwh
    shortest, longest = limits.min_duration_s, limits.max_duration_s
    if low is not None:
        found.append(lambda moment: moment.kwh >= low)
    if high is not None:
        found.append(lambda moment: moment.kwh < high)
    if shortest is not None:
        found.append(lambda moment: moment.duration_s >= shortest)
    if longest is not None:
        found.append(lambda moment: moment.duration_s < longest)
    return found


def _readings(limits: Restrictions) -> list[Check]:
    """Power and current. What the charger did not say is taken to hold, and warned of."""
    found: list[Check] = []
    weak, strong = limits.min_power, limits.max_power
    thin, thick = limits.min_current, limits.max_current
    if weak is not None:
        found.append(lambda moment: moment.power_kw is None or moment.power_kw >= weak)
    if strong is not None:
        found.append(lambda moment: moment.power_kw is None or moment.power_kw < strong)
    if thin is not None:
        found.append(lambda moment: moment.current_a is None or moment.current_a >= thin)
    if thick is not None:
        found.append(lambda moment: moment.current_a is None or moment.current_a < thick)
    return found
