"""How far off can a period be that crosses price changes, or whose power is not known?

The period is cut where its price may change: time into stretches of known length, energy into
stretches of known volume. Which part of the time fell into which energy is not known, so each
stretch takes the worst of what may go with it, and the dearest stretches are filled first.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import NamedTuple

from chalicelib.domain.tariff.candidate import Candidate, Candidates, active
from chalicelib.domain.tariff.meter import Notes
from chalicelib.domain.tariff.rule import DAY_S, Moment
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.walk import (
    Step,
    clock_edges,
    kwh_edges,
    length_s,
    samples,
    second_of,
)

_KINDS = (Dimension.ENERGY, Dimension.TIME, Dimension.PARKING_TIME)
_HOUR_S = 3600
_ZERO = Decimal(0)
Billed = tuple[Candidate | None, Candidate | None, Candidate | None]  # energy, time, parking
Reading = tuple[Decimal | None, Decimal | None]  # kW, A


class _Time(NamedTuple):
    second: int
    day: date
    duration_s: int
    length_s: int


class _Energy(NamedTuple):
    kwh: Decimal
    volume: Decimal


class _Axes(NamedTuple):
    times: Sequence[_Time]
    energies: Sequence[_Energy]
    readings: Sequence[Reading]


def most_off(
    step: Step, billed: Billed, notes: Notes, *, readings: bool, flat_due: bool
) -> Decimal:
    """In money excl. tax, either way. `readings`: only power and current are in question.

    Where there is too much to try, every price of the tariff is taken to be possible at any moment,
    which is never too little.
    """
    axes = _axes(step, notes, readings=readings)
    if axes is None:
        return _untried(step, billed, flat_due=flat_due)
    tariff, period, off = step.tariff, step.period, _ZERO
    energy, time, parking = billed
    if period.energy_kwh:
        off += _energy_off(axes, tariff.energy, energy)
    if period.time_h:
        off += _time_off(axes, tariff.time, time, period.time_h)
    if period.parking_time_h:
        off += _time_off(axes, tariff.parking, parking, period.parking_time_h)
    if flat_due and tariff.flat:
        off += _most(axes, tariff.flat, None)
    return off


def _untried(step: Step, billed: Billed, *, flat_due: bool) -> Decimal:
    period = step.period
    volumes = (period.energy_kwh, period.time_h, period.parking_time_h)
    off = _furthest(step, Dimension.FLAT, None) if flat_due else _ZERO
    for kind, chosen, volume in zip(_KINDS, billed, volumes, strict=True):
        off += abs(volume or _ZERO) * _furthest(step, kind, chosen)
    return off


def _furthest(step: Step, kind: Dimension, chosen: Candidate | None) -> Decimal:
    low, high = step.tariff.spans.get((kind, False), (_ZERO, _ZERO))
    here = unit(chosen)
    return max(abs(low - here), abs(high - here))


def unit(candidate: Candidate | None) -> Decimal:
    """The price of a kWh, an hour or a session excl. tax."""
    return _ZERO if candidate is None else candidate.net


def _energy_off(axes: _Axes, candidates: Candidates, chosen: Candidate | None) -> Decimal:
    off = _ZERO
    for part in axes.energies:
        off += part.volume * _most(axes._replace(energies=(part,)), candidates, chosen)
    return off


def _time_off(
    axes: _Axes, candidates: Candidates, chosen: Candidate | None, hours: Decimal
) -> Decimal:
    rated = [
        (_most(axes._replace(times=(part,)), candidates, chosen), Decimal(part.length_s) / _HOUR_S)
        for part in axes.times
    ]
    off, left = _ZERO, hours
    for most, length in sorted(rated, reverse=True):
        taken = min(left, length)
        off, left = off + taken * most, left - taken
    # More time was told than there was: the rest at the worst of all.
    return off + left * max(most for most, _ in rated)


def _most(axes: _Axes, candidates: Candidates, chosen: Candidate | None) -> Decimal:
    """How far the price of a unit can be from the chosen one."""
    here = unit(chosen)
    return max(abs(unit(active(candidates, moment)) - here) for moment in _moments(axes))


def _moments(axes: _Axes) -> Iterator[Moment]:
    for time, energy, (kw, ampere) in product(*axes):
        yield Moment(time.second, time.day, energy.kwh, time.duration_s, kw, ampere)


def _axes(step: Step, notes: Notes, *, readings: bool) -> _Axes | None:
    """None: there is too much to try."""
    tariff, period, moment = step.tariff, step.period, step.moment
    edges, volume = tariff.edges, period.energy_kwh or _ZERO
    length = max(0, length_s(period.start, step.end))
    times = [_Time(moment.second, moment.day, moment.duration_s, length)]
    energies = [_Energy(moment.kwh, abs(volume))]
    power, current = [moment.power_kw], [moment.current_a]
    if readings:
        power = samples(edges.power_kw, period.min_power_kw, period.max_power_kw)
        current = samples(edges.current_a, period.min_current_a, period.max_current_a)
        count = len(power) * len(current)
    else:
        energies = _energies(step, volume)
        days = 2 + length // DAY_S if step.clock else 0
        count = len(energies) * (2 * days * (1 + len(edges.clock_s)) + len(edges.duration_s) + 1)
    tests = 1 + sum(map(len, (tariff.energy, tariff.time, tariff.parking, tariff.flat)))
    if count * tests > notes.patience:
        return None
    notes.patience -= count * tests
    if not readings:
        times = _times(step, times[0])
    return _Axes(times, energies, list(product(power, current)))


def _energies(step: Step, volume: Decimal) -> list[_Energy]:
    before = step.moment.kwh
    cuts = [before, *kwh_edges(step.tariff.edges, before, volume), before + volume]
    # What is fed back goes down: below an edge, the state is the one beneath it.
    below = volume < 0
    return [_Energy(b if below else a, abs(b - a)) for a, b in pairwise(cuts)]


def _times(step: Step, start: _Time) -> list[_Time]:
    """From the period's start on, one stretch to each edge of the clock and of the duration."""
    prepared, period = step.tariff, step.period
    cuts = {0}
    if step.clock:
        found = clock_edges(period.start, step.end, prepared)
        cuts.update(length_s(period.start, at) for at in found)
    for edge in prepared.edges.duration_s:
        if 0 < edge - start.duration_s < start.length_s:
            cuts.add(edge - start.duration_s)
    times = []
    for at, until in pairwise([*sorted(cuts), start.length_s]):
        second, day = start.second, start.day
        if prepared.edges.clock_s:
            local = (period.start + timedelta(seconds=at)).astimezone(prepared.zone)
            second, day = second_of(local), local.date()
        times.append(_Time(second, day, start.duration_s + at, until - at))
    return times
