"""Where may a tariff's price change? By the clock, the energy, the duration, power and current."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import TypeVar

from chalicelib.domain.tariff.rule import DAY_S, seconds
from chalicelib.domain.tariff.tariff import Tariff

_MIDNIGHT = time()
Edge = TypeVar("Edge", int, Decimal, date)


@dataclass(frozen=True, slots=True)
class Edges:
    """Ascending: seconds of the local day, kWh, s, kW, A; local days that restrictions name."""

    clock_s: tuple[int, ...]
    kwh: tuple[Decimal, ...]
    duration_s: tuple[int, ...]
    power_kw: tuple[Decimal, ...]
    current_a: tuple[Decimal, ...]
    days: tuple[date, ...] = ()
    weekly: bool = False  # some restriction names days of the week


def edges_of(tariff: Tariff) -> Edges:
    rules = [element.restrictions for element in tariff.elements]
    clock = {  # of two times that only one is told of, the other is midnight
        seconds(at or _MIDNIGHT) % DAY_S
        for rule in rules
        for at in (rule.start_time, rule.end_time)
        if rule.start_time or rule.end_time
    }
    days = _ascending(at for rule in rules for at in (rule.start_date, rule.end_date))
    weekly = any(rule.day_of_week for rule in rules)
    if days or weekly:
        clock.add(0)
    return Edges(
        clock_s=tuple(sorted(clock)),
        kwh=_ascending(at for rule in rules for at in (rule.min_kwh, rule.max_kwh)),
        duration_s=_ascending(
            at for rule in rules for at in (rule.min_duration_s, rule.max_duration_s)
        ),
        power_kw=_ascending(at for rule in rules for at in (rule.min_power, rule.max_power)),
        current_a=_ascending(at for rule in rules for at in (rule.min_current, rule.max_current)),
        days=days,
        weekly=weekly,
    )


def _ascending(values: Iterable[Edge | None]) -> tuple[Edge, ...]:
    return tuple(sorted({value for value in values if value is not None}))
