"""How can a pair be changed so that its price must stay, or must not fall?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from chalicelib.domain.tariff.tariff import (
    Dimension,
    FirstMatch,
    PriceComponent,
    PriceLimit,
    Restrictions,
    Tariff,
    TariffElement,
)
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from tests.properties.random_tariffs import Pair

CLOCK = ("start_time", "end_time", "start_date", "end_date", "day_of_week")
KWH = ("min_kwh", "max_kwh")
DURATION = ("min_duration_s", "max_duration_s")
SECOND = timedelta(seconds=1)
HOURS = ("time_h", "parking_time_h", "reservation_time_h")


def with_tariffs(pair: Pair, change: Callable[[Tariff], Tariff]) -> Pair:
    return replace(pair, tariffs=tuple(change(tariff) for tariff in pair.tariffs))


def unrestricted(tariff: Tariff, *names: str) -> Tariff:
    gone: dict[str, Any] = {name: () if name == "day_of_week" else None for name in names}
    elements = (
        replace(element, restrictions=replace(element.restrictions, **gone))
        for element in tariff.elements
    )
    return replace(tariff, elements=tuple(elements))


def with_components(tariff: Tariff, change: Callable[[PriceComponent], PriceComponent]) -> Tariff:
    elements = (
        replace(element, price_components=tuple(map(change, element.price_components)))
        for element in tariff.elements
    )
    return replace(tariff, elements=tuple(elements))


def with_element(tariff: Tariff, place: int, restrictions: Restrictions) -> Tariff:
    """An element more that prices everything, at rates that the tariff has already."""
    rate = tariff.elements[0].price_components[0].vat
    parts = tuple(PriceComponent(kind, Decimal(7), 700, rate) for kind in Dimension)
    elements = list(tariff.elements)
    elements.insert(place, TariffElement(parts, restrictions))
    return replace(tariff, elements=tuple(elements))


def never_rebating(tariff: Tariff) -> Tariff:
    """No price below nothing, no maximum, and a minimum that names both sides or none."""
    floor = tariff.min_price
    if floor is not None and None in (floor.excl_vat, floor.incl_vat):
        floor = PriceLimit(Decimal(10), Decimal(12))
    positive = with_components(tariff, lambda part: replace(part, price=abs(part.price)))
    return replace(positive, min_price=floor, max_price=None)


def per_dimension(tariff: Tariff) -> Tariff:
    return replace(tariff, first_match=FirstMatch.PER_DIMENSION)


def without_energy_steps(part: PriceComponent) -> PriceComponent:
    return replace(part, step_size=0) if part.type is Dimension.ENERGY else part


def with_one_energy_price(tariff: Tariff, component: PriceComponent) -> Tariff:
    """Whatever else the tariff prices, energy has this price from the first kWh to the last."""
    elements = [TariffElement((component,))]
    for element in tariff.elements:
        others = [part for part in element.price_components if part.type is not Dimension.ENERGY]
        if others:
            elements.append(replace(element, price_components=tuple(others)))
    return per_dimension(replace(tariff, elements=tuple(elements)))


def in_order(usage: Usage) -> Usage:
    ordered = sorted(usage.periods, key=lambda period: period.start)
    return replace(usage, periods=tuple(ordered))


def told_in_seconds(period: ChargingPeriod) -> ChargingPeriod:
    """Charging or parking, not both at once; each in whole seconds, which is what is billed."""
    told: dict[str, Any] = {}
    for name in HOURS:
        hours = getattr(period, name)
        told[name] = None if hours is None else _hours(_seconds(hours))
    if told["time_h"] is not None:
        told["parking_time_h"] = None
    return replace(period, **told)


def split(usage: Usage, place: int, of_time: Fraction, of_volume: Fraction) -> Usage:
    """One period as two that follow each other, with the same volumes in all."""
    period = usage.periods[place]
    later = [one.start for one in usage.periods[place + 1 :]]
    end = later[0] if later else max(usage.end, period.start)
    at = period.start + timedelta(seconds=int((end - period.start) // SECOND * of_time))
    first: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    if period.energy_kwh is not None:
        part = Decimal(int(Fraction(period.energy_kwh) * 1000 * of_volume)) / 1000
        first["energy_kwh"], rest["energy_kwh"] = part, period.energy_kwh - part
    for name in HOURS:
        hours = getattr(period, name)
        if hours is not None:
            seconds = _seconds(hours)
            part_s = int(seconds * of_volume)
            first[name], rest[name] = _hours(part_s), _hours(seconds - part_s)
    halves = replace(period, **first), replace(period, start=at, **rest)
    return replace(usage, periods=(*usage.periods[:place], *halves, *usage.periods[place + 1 :]))


def grown(usage: Usage, place: int, kwh: Decimal) -> Usage:
    periods = list(usage.periods)
    used = periods[place].energy_kwh or Decimal(0)
    periods[place] = replace(periods[place], energy_kwh=used + kwh)
    return replace(usage, periods=tuple(periods))


def shifted(usage: Usage, by: timedelta) -> Usage:
    periods = (replace(period, start=period.start + by) for period in usage.periods)
    return replace(usage, start=usage.start + by, end=usage.end + by, periods=tuple(periods))


def _seconds(hours: Decimal) -> int:
    return round(hours * 3600)


def _hours(seconds: int) -> Decimal:
    return (Decimal(seconds) / 3600).quantize(Decimal("0.0000000001"))
