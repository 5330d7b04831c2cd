"""Which tariffs can a CPO publish? Random ones, whose bounds often meet a session's own numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from chalicelib.domain.money import currency
from chalicelib.domain.tariff.tariff import (
    Dimension,
    FirstMatch,
    PriceComponent,
    PriceLimit,
    Reservation,
    Restrictions,
    Tariff,
    TariffElement,
    TaxIncluded,
    Weekday,
)
from chalicelib.domain.tariff.usage import Usage
from tests.properties.random_sessions import TARIFF_IDS, ZONES, number, random_usage

T = TypeVar("T")

EURO = currency("EUR")
UPDATED = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = (0, 0, 1, 60, 100, 300, 600, 900, 1000, 1800, 10_000)
RATES = (Decimal(0), Decimal(19), Decimal("5.2"), Decimal(21))
TAXES = (TaxIncluded.NO,) * 7 + (TaxIncluded.YES,) * 2 + (TaxIncluded.NA,)
DIMENSIONS = tuple(Dimension)
DAYS = tuple(Weekday)


@dataclass(frozen=True)
class Pair:
    """A session at a place, and the tariffs that its periods may name; the first is the default."""

    tariffs: tuple[Tariff, ...]
    zone: str
    usage: Usage


@dataclass(frozen=True)
class Marks:
    """The numbers of a session that a bound may coincide with."""

    clocks: tuple[datetime, ...]
    kwh: tuple[Decimal, ...]
    seconds: tuple[int, ...]
    power: tuple[Decimal, ...]
    current: tuple[Decimal, ...]


def random_pair(chance: Random) -> Pair:
    zone = chance.choice(ZONES)
    count = chance.choice((2, 3)) if chance.random() < 0.2 else 1
    ids: tuple[str, ...] = TARIFF_IDS[:1]
    if count > 1:
        ids = (*TARIFF_IDS[:count] * 3, "", "UNKNOWN", "t2")
    usage = random_usage(chance, zone, ids)
    marks = marks_of(usage, zone)
    tariffs = tuple(random_tariff(chance, marks, one) for one in TARIFF_IDS[:count])
    return Pair(tariffs, zone, usage)


def marks_of(usage: Usage, zone: str) -> Marks:
    """The start is among them, so that none is empty."""
    place = ZoneInfo(zone)
    kwh, used = [Decimal(0)], Decimal(0)
    power, current = [Decimal(11)], [Decimal(16)]
    seconds, clocks = [0], [usage.start.astimezone(place)]
    for period in sorted(usage.periods, key=lambda one: one.start):
        used += period.energy_kwh or 0
        kwh.append(used)
        clocks.append(period.start.astimezone(place))
        seconds.append(int((period.start - usage.start).total_seconds()))
        if period.min_power_kw is not None:
            power.append(period.min_power_kw)
        if period.min_current_a is not None:
            current.append(period.min_current_a)
    return Marks(tuple(clocks), tuple(kwh), tuple(seconds), tuple(power), tuple(current))


def random_tariff(chance: Random, marks: Marks, name: str = "T1") -> Tariff:
    rates: tuple[Decimal | None, ...] = chance.choice(
        ((chance.choice(RATES),), (chance.choice(RATES),), RATES, (*RATES, None), (None,))
    )
    older = chance.random() < 0.15  # 2.1.1, which knows no reservation
    count = chance.randrange(6, 40) if chance.random() < 0.03 else chance.randrange(1, 6)
    low, high = _random_limit(chance), _random_limit(chance)
    return Tariff(
        "DE",
        "TST",
        name,
        EURO,
        tuple(_element(chance, marks, rates, reserves=not older) for _ in range(count)),
        UPDATED,
        min_price=low,
        max_price=high,
        tax_included=chance.choice(TAXES),
        first_match=FirstMatch.PER_ELEMENT if older else FirstMatch.PER_DIMENSION,
    )


def _random_limit(chance: Random) -> PriceLimit | None:
    if chance.random() < 0.7:
        return None
    excl, incl = sorted((number(chance, 40, 2), number(chance, 40, 2)))
    kind = chance.random()
    return PriceLimit(excl if kind < 0.8 else None, incl if kind > 0.3 else None)


def _element(
    chance: Random, marks: Marks, rates: Sequence[Decimal | None], *, reserves: bool
) -> TariffElement:
    parts = tuple(_component(chance, rates) for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))))
    kind = chance.random()
    if kind < 0.25:
        return TariffElement(parts)
    limits = random_restrictions(chance, marks, 0.35 if kind < 0.75 else 0.08)
    if reserves and chance.random() < 0.25:
        limits = _reserving(chance, limits)
    return TariffElement(parts, limits)


def _component(chance: Random, rates: Sequence[Decimal | None]) -> PriceComponent:
    price = number(chance, 20, 3)
    if chance.random() < 0.05:
        price = chance.choice((Decimal(0), -price, -price))
    return PriceComponent(
        chance.choice(DIMENSIONS), price, chance.choice(STEPS), chance.choice(rates)
    )


def _reserving(chance: Random, limits: Restrictions) -> Restrictions:
    """Mostly without any other restriction."""
    kind = chance.choice(tuple(Reservation))
    return (
        Restrictions(reservation=kind)
        if chance.random() < 0.8
        else replace(limits, reservation=kind)
    )


def random_restrictions(chance: Random, marks: Marks, share: float) -> Restrictions:
    """Each kind is set with the probability `share`, as a lower bound, an upper one or both."""
    start, end = _bounds(chance, share, lambda: _time(chance, marks))
    first, last = _bounds(chance, share / 2, lambda: _date(chance, marks))
    min_kwh, max_kwh = _bounds(chance, share, lambda: _near(chance, marks.kwh, 60))
    least_s, most_s = _bounds(chance, share, lambda: _duration(chance, marks))
    power = _bounds(chance, share / 2, lambda: _near(chance, marks.power, 100))
    current = _bounds(chance, share / 2, lambda: _near(chance, marks.current, 64))
    days: tuple[Weekday, ...] = ()
    if chance.random() < share:
        days = tuple(sorted({chance.choice(DAYS), chance.choice(DAYS), _weekday(chance, marks)}))
    return Restrictions(
        start, end, first, last, min_kwh, max_kwh, *current, *power, least_s, most_s, days
    )


def _bounds(chance: Random, share: float, draw: Callable[[], T]) -> tuple[T | None, T | None]:
    if chance.random() >= share:
        return None, None
    kind = chance.random()
    return draw() if kind < 0.7 else None, draw() if kind > 0.3 else None


def _time(chance: Random, marks: Marks) -> time:
    if chance.random() < 0.5:
        at = chance.choice(marks.clocks) + timedelta(minutes=chance.choice((0, 0, 0, -1, 1)))
        return time(at.hour, at.minute, at.second if chance.random() < 0.3 else 0)
    return time(chance.randrange(24), chance.choice((0, 30))) if chance.random() < 0.8 else time(0)


def _date(chance: Random, marks: Marks) -> date:
    return chance.choice(marks.clocks).date() + timedelta(days=chance.choice((0, 0, -1, 1)))


def _weekday(chance: Random, marks: Marks) -> Weekday:
    return DAYS[chance.choice(marks.clocks).weekday()]


def _duration(chance: Random, marks: Marks) -> int:
    if chance.random() < 0.6:
        return max(0, chance.choice(marks.seconds) + chance.choice((0, 0, 0, -1, 1)))
    return chance.randrange(6 * 3600)


def _near(chance: Random, values: Sequence[Decimal], highest: int) -> Decimal:
    return chance.choice(values) if chance.random() < 0.6 else number(chance, highest, 1)
