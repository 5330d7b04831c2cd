"""What has one imagined session cost at each moment: charging at even power, then parked?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.tariff import Dimension, Tariff
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

_HOUR_S, _MINUTE_S = 3600, 60
_SAMPLES_MAX = 360
_WH = Decimal("0.001")
_ZERO = Decimal(0)
_TIMED = (Dimension.TIME, Dimension.PARKING_TIME)


@dataclass(frozen=True, slots=True)
class Imagined:
    """`start` is local time with its zone; the car is connected for `hours`."""

    tariff: Tariff
    start: datetime
    zone: str
    power_kw: Decimal
    energy_kwh: Decimal
    hours: Decimal

    @property
    def charged_s(self) -> int:
        """When the last kWh is in the car."""
        return min(self.length_s, _second_of(self.energy_kwh, self.power_kw))

    def after(self, second: int) -> datetime:
        """In UTC: local times of one zone are subtracted by the wall clock."""
        return self.start.astimezone(UTC) + timedelta(seconds=second)

    @property
    def length_s(self) -> int:
        return int((self.hours * _HOUR_S).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Point:
    """`parts` are before a least or greatest price, `total` after it."""

    second: int
    kwh: Decimal
    total: Decimal
    parts: dict[Dimension, Decimal] = field(default_factory=dict)
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    points: tuple[Point, ...]
    with_vat: bool


def curve(imagined: Imagined) -> Curve:
    """Prices of the session if it ended at each moment, with VAT where all of it is known."""
    prepared = prepare(imagined.tariff, imagined.zone)
    cuts = _cuts(imagined)
    seconds = sorted({*_samples(imagined), *cuts})
    priced = [(at, _price(prepared, imagined, cuts, at)) for at in seconds]
    with_vat = all(one.incl_vat is not None for _, one in priced)
    return Curve(tuple(_point(imagined, cuts, *one, with_vat=with_vat) for one in priced), with_vat)


def _samples(imagined: Imagined) -> Iterator[int]:
    """Even ones, and one right after each step of time begins: there the price jumps."""
    length = imagined.length_s
    yield from range(0, length + 1, max(_MINUTE_S, length // _SAMPLES_MAX))
    for step in _large_steps(imagined):
        for start in (0, imagined.charged_s):
            yield from (at for at in range(start + 1, length + 1, step))


def _large_steps(imagined: Imagined) -> set[int]:
    every = (one for element in imagined.tariff.elements for one in element.price_components)
    sizes = {one.step_size for one in every if one.type in _TIMED}
    return {size for size in sizes if size > max(_MINUTE_S, imagined.length_s // _SAMPLES_MAX)}


def _cuts(imagined: Imagined) -> dict[int, Decimal]:
    """Where a charger has to begin a period: seconds, with the meter there."""
    cuts = {0: _ZERO, imagined.charged_s: _meter(imagined, imagined.charged_s)}
    rules = [element.restrictions for element in imagined.tariff.elements]
    for rule in rules:
        for gone in (rule.min_duration_s, rule.max_duration_s):
            if gone is not None and gone < imagined.length_s:
                cuts[gone] = _meter(imagined, gone)
    clock = {at for rule in rules for at in (rule.start_time, rule.end_time) if at is not None}
    minutes = {0} | {at.hour * 60 + at.minute for at in clock}
    for gone in range(0, imagined.length_s, _MINUTE_S):
        local = imagined.after(gone).astimezone(imagined.start.tzinfo)
        if local.hour * 60 + local.minute in minutes:
            cuts[gone] = _meter(imagined, gone)
    for rule in rules:
        for edge in (rule.min_kwh, rule.max_kwh):
            if edge is not None and edge < imagined.energy_kwh:
                cuts[_second_of(edge, imagined.power_kw)] = edge
    return dict(sorted((at, kwh) for at, kwh in cuts.items() if at <= imagined.length_s))


def _second_of(kwh: Decimal, power_kw: Decimal) -> int:
    return int((kwh * _HOUR_S / power_kw).to_integral_value(ROUND_CEILING))


def _meter(imagined: Imagined, second: int) -> Decimal:
    even = (imagined.power_kw * second / _HOUR_S).quantize(_WH)
    return min(even, imagined.energy_kwh)


def _price(
    prepared: PreparedTariff, imagined: Imagined, cuts: dict[int, Decimal], until: int
) -> Price:
    periods = tuple(_periods(prepared, imagined, cuts, until))
    return price(prepared, Usage(imagined.after(0), imagined.after(until), periods))


def _periods(
    prepared: PreparedTariff, imagined: Imagined, cuts: dict[int, Decimal], until: int
) -> Iterator[ChargingPeriod]:
    starts = [at for at in cuts if at < until] or [0]
    for at, end in zip(starts, [*starts[1:], until], strict=True):
        hours = Decimal(end - at) / _HOUR_S
        charging = at < imagined.charged_s
        kwh = cuts.get(end, _meter(imagined, end)) - cuts[at]
        power = imagined.power_kw if charging else _ZERO
        yield ChargingPeriod(
            start=imagined.after(at),
            energy_kwh=kwh if charging else None,
            time_h=hours if charging else None,
            parking_time_h=None if charging else hours,
            min_power_kw=power,
            max_power_kw=power,
            tariff_id=prepared.tariff.id,
        )


def _point(
    imagined: Imagined, cuts: dict[int, Decimal], second: int, one: Price, *, with_vat: bool
) -> Point:
    parts: dict[Dimension, Decimal] = {}
    for line in one.lines:
        cost = line.incl_vat if with_vat else line.excl_vat
        kind = line.basis.dimension
        parts[kind] = parts.get(kind, _ZERO) + (cost or _ZERO)
    total = one.incl_vat if with_vat else one.excl_vat
    kwh = cuts.get(second, _meter(imagined, second))
    return Point(second, kwh, total or _ZERO, parts, one.limit)
