"""What will a planned session cost, and what may it cost at the worst?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.meter import Meter, Notes
from chalicelib.domain.tariff.prepare import Candidate, Candidates, PreparedTariff
from chalicelib.domain.tariff.price import finish, price
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.walk import clock_edges, reachable, steps

_HOUR_S = 3600
_WATT_HOUR = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Estimate:
    """`worst` holds for up to `energy_kwh` and `duration_s` used at any of the hours in between."""

    expected: Price
    worst: Price
    energy_kwh: Decimal
    duration_s: int


def estimate(
    prepared: PreparedTariff,
    start: datetime,
    energy_kwh: Decimal,
    duration_s: int,
    margin: Decimal = Decimal("0.2"),
) -> Estimate:
    """Expected: even power from `start` to the end of the plan, split wherever the price changes.

    Worst: `margin` more of energy and time, each unit at the highest price (VAT included) of any
    element that can hold by then, and time as charging or parking, whichever is dearer.
    """
    if energy_kwh < 0 or duration_s <= 0:
        raise Invalid("energy_kwh" if energy_kwh < 0 else "duration_s", "must be more than nothing")
    with localcontext(EXACT):
        most_kwh = energy_kwh * (1 + margin)
        longest_s = int(duration_s * (1 + margin))
        expected = price(prepared, plan(prepared, start, energy_kwh, duration_s))
        worst = _worst(prepared, start, most_kwh, longest_s)
    return Estimate(expected, worst, most_kwh, longest_s)


def plan(prepared: PreparedTariff, start: datetime, energy_kwh: Decimal, duration_s: int) -> Usage:
    """A session of even power whose periods begin wherever the tariff's price may change."""
    end = start + timedelta(seconds=duration_s)
    with localcontext(EXACT):
        power = energy_kwh * _HOUR_S / duration_s
        cuts = sorted({0, duration_s, *_cuts(prepared, start, end, energy_kwh, duration_s)})
        meter = [_kwh_at(prepared, energy_kwh, at, duration_s) for at in cuts]
        periods = tuple(
            ChargingPeriod(
                start=start + timedelta(seconds=cuts[i]),
                energy_kwh=meter[i + 1] - meter[i],
                time_h=Decimal(cuts[i + 1] - cuts[i]) / _HOUR_S,
                min_power_kw=power,
                max_power_kw=power,
                tariff_id=prepared.tariff.id,
            )
            for i in range(len(cuts) - 1)
        )
    return Usage(start, end, periods)


def _cuts(
    prepared: PreparedTariff, start: datetime, end: datetime, energy_kwh: Decimal, duration_s: int
) -> Iterator[int]:
    edges = prepared.edges
    if edges.clock_s:
        for at in clock_edges(start, end, prepared):
            yield (at - start).days * 86_400 + (at - start).seconds
    yield from (edge for edge in edges.duration_s if 0 < edge < duration_s)
    for edge in edges.kwh:
        if 0 < edge < energy_kwh:
            yield _second_of(edge, energy_kwh, duration_s)


def _second_of(edge: Decimal, energy_kwh: Decimal, duration_s: int) -> int:
    return min(duration_s - 1, max(1, round(edge * duration_s / energy_kwh)))


def _kwh_at(prepared: PreparedTariff, energy_kwh: Decimal, second: int, duration_s: int) -> Decimal:
    """The meter at a cut: an edge in kWh exactly, elsewhere the nearest Wh."""
    if second in (0, duration_s):
        return energy_kwh if second else Decimal(0)
    for edge in prepared.edges.kwh:
        if 0 < edge < energy_kwh and _second_of(edge, energy_kwh, duration_s) == second:
            return edge
    even = energy_kwh * second / duration_s
    return even.quantize(_WATT_HOUR, ROUND_HALF_EVEN)


def _worst(
    prepared: PreparedTariff, start: datetime, energy_kwh: Decimal, duration_s: int
) -> Price:
    end = start + timedelta(seconds=duration_s)
    whole = ChargingPeriod(start, energy_kwh=energy_kwh, tariff_id=prepared.tariff.id)
    (step,) = steps(prepared, Usage(start, end, (whole,)), (whole,))

    def dearest(candidates: Candidates) -> Candidate | None:
        possible = reachable(prepared, step, candidates)
        return max((one for one in possible if one is not None), key=_gross, default=None)

    meter = Meter()
    flat = dearest(prepared.flat)
    if flat is not None:
        meter.once(flat)
    energy = dearest(prepared.energy)
    if energy is not None and energy_kwh:
        meter.used[energy] = _up(energy_kwh, prepared.energy)
    timed = dearest(prepared.time), dearest(prepared.parking)
    time = max((one for one in timed if one is not None), key=_gross, default=None)
    if time is not None:
        meter.used[time] = _up(Decimal(duration_s), prepared.time + prepared.parking)
        meter.hourly = True
    return finish(prepared, meter, Notes())


def _gross(candidate: Candidate) -> Decimal:
    return candidate.rate * (1 if candidate.factor is None else candidate.factor)


def _up(total: Decimal, candidates: Candidates) -> Decimal:
    """Rounded up by whichever step makes it most."""
    steps_ = [one.step for one in candidates if one.step is not None]
    return max((total + (-total % step + step) % step for step in steps_), default=total)
