"""What would a charger report for a session that is only planned?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.walk import clock_edges

_HOUR_S = 3600
_WATT_HOUR = Decimal("0.001")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PowerStep:
    """The power that the car takes for a while; 0: connected and not charging."""

    power_kw: Decimal
    duration_s: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From one second to another at one power; the meter where it begins and where it ends."""

    begin_s: int
    end_s: int
    power_kw: Decimal
    kwh: Decimal
    full_kwh: Decimal

    def kwh_at(self, second: int) -> Decimal:
        gone = Decimal(second - self.begin_s) / (self.end_s - self.begin_s)
        return self.kwh + (self.full_kwh - self.kwh) * gone

    def second_of(self, kwh: Decimal) -> int:
        gone = (kwh - self.kwh) / (self.full_kwh - self.kwh)
        return self.begin_s + round(gone * (self.end_s - self.begin_s))


def plan(
    prepared: PreparedTariff,
    start: datetime,
    energy_kwh: Decimal,
    duration_s: int | None,
    power: Sequence[PowerStep] = (),
) -> Usage:
    """A session whose periods begin wherever the power or the tariff's price may change.

    Without steps of power it is even over the whole time. With them the car takes them until it
    has its energy and stays connected until the time is over (none named: it leaves). Raises
    Invalid for `power_kw` that never reaches the energy, and for a time that is too short for it.
    """
    with localcontext(EXACT):
        stretches = _stretches(energy_kwh, duration_s, power)
        length_s = stretches[-1].end_s
        end = start + timedelta(seconds=length_s)
        cuts: dict[int, Decimal | None] = {one.begin_s: None for one in stretches}
        cuts |= dict.fromkeys(_clock_cuts(prepared, start, end))
        cuts |= {at: None for at in prepared.edges.duration_s if 0 < at < length_s}
        for stretch in stretches:
            cuts |= _energy_cuts(prepared, stretch, length_s)
        return Usage(start, end, tuple(_periods(prepared, start, stretches, cuts, energy_kwh)))


def _stretches(
    energy_kwh: Decimal, duration_s: int | None, power: Sequence[PowerStep]
) -> list[_Stretch]:
    if not power:
        if duration_s is None:
            raise Invalid("duration_s", "is missing", "send duration_s, or power_kw over time")
        even = energy_kwh * _HOUR_S / duration_s
        return [_Stretch(0, duration_s, even, _ZERO, energy_kwh)]
    found, at, kwh = list[_Stretch](), 0, _ZERO
    for step in power:
        left, most = energy_kwh - kwh, step.power_kw * step.duration_s / _HOUR_S
        if step.power_kw and most >= left - _WATT_HOUR:  # steps are told with fewer digits
            length = min(step.duration_s, max(1, round(left * _HOUR_S / step.power_kw)))
            found.append(_Stretch(at, at + length, step.power_kw, kwh, energy_kwh))
            return _stayed(found, duration_s)
        found.append(_Stretch(at, at + step.duration_s, step.power_kw, kwh, kwh + most))
        at, kwh = at + step.duration_s, kwh + most
    told = f"the steps give {kwh.quantize(_WATT_HOUR).normalize():f} kWh of {energy_kwh:f}"
    raise Invalid("power_kw", told, "send steps that reach energy_kwh, or plan less energy")


def _stayed(found: list[_Stretch], duration_s: int | None) -> list[_Stretch]:
    """Connected and not charging until the planned time is over."""
    charged = found[-1]
    if duration_s is None or duration_s == charged.end_s:
        return found
    if duration_s < charged.end_s:
        told = f"power_kw reaches the energy after {charged.end_s} s, later than {duration_s}"
        raise Invalid("duration_s", told, "leave duration_s out, or make it longer")
    full = charged.full_kwh
    return [*found, _Stretch(charged.end_s, duration_s, _ZERO, full, full)]


def _clock_cuts(prepared: PreparedTariff, start: datetime, end: datetime) -> Iterator[int]:
    if prepared.edges.clock_s:
        for at in clock_edges(start, end, prepared):
            yield (at - start).days * 86_400 + (at - start).seconds


def _energy_cuts(
    prepared: PreparedTariff, stretch: _Stretch, length_s: int
) -> dict[int, Decimal | None]:
    """The seconds at which the meter passes an edge, and the edge, which is met exactly."""
    cuts: dict[int, Decimal | None] = {}
    for edge in prepared.edges.kwh:
        if stretch.kwh < edge < stretch.full_kwh:
            cuts.setdefault(min(length_s - 1, max(1, stretch.second_of(edge))), edge)
    return cuts


def _periods(
    prepared: PreparedTariff,
    start: datetime,
    stretches: Sequence[_Stretch],
    cuts: dict[int, Decimal | None],
    energy_kwh: Decimal,
) -> Iterator[ChargingPeriod]:
    seconds = sorted({0, *cuts})
    ends = [*seconds[1:], stretches[-1].end_s]
    told, kwh = iter(stretches), _ZERO
    stretch = next(told)
    for at, end in zip(seconds, ends, strict=True):
        while stretch.end_s <= at:
            stretch = next(told)
        met = cuts.get(end)
        if met is None:
            met = stretch.kwh_at(end).quantize(_WATT_HOUR, ROUND_HALF_EVEN)
        if end == stretch.end_s and stretch.full_kwh == energy_kwh:
            met = energy_kwh
        met = min(max(met, kwh), energy_kwh)
        hours = Decimal(end - at) / _HOUR_S
        charging = bool(stretch.power_kw) or not energy_kwh
        yield ChargingPeriod(
            start=start + timedelta(seconds=at),
            energy_kwh=met - kwh,
            time_h=hours if charging else None,
            parking_time_h=None if charging else hours,
            min_power_kw=stretch.power_kw,
            max_power_kw=stretch.power_kw,
            tariff_id=prepared.tariff.id,
        )
        kwh = met
