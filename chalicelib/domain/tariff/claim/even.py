"""What would a session look like, were its periods divided evenly wherever a price changes?

The engine never does this: it would invent what the charger did not tell. A CPO may have done it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.walk import Step, clock_edges, length_s, steps

_WALKED_MAX = timedelta(days=8)


def split_evenly(prepared: PreparedTariff, usage: Usage) -> Usage:
    periods = sorted(usage.periods, key=lambda one: one.start)
    split = [part for step in steps(prepared, usage, periods) for part in _split(prepared, step)]
    return replace(usage, periods=tuple(split))


def _split(prepared: PreparedTariff, step: Step) -> Iterator[ChargingPeriod]:
    period, length = step.period, length_s(step.period.start, step.end)
    if length <= 0 or step.end - period.start > _WALKED_MAX:
        yield period
        return
    cuts = sorted({0, length, *_cuts(prepared, step, length)})
    for begin, end in pairwise(cuts):
        share = Decimal(end - begin) / length
        yield replace(
            period,
            start=period.start + timedelta(seconds=begin),
            energy_kwh=_of(period.energy_kwh, share),
            time_h=_of(period.time_h, share),
            parking_time_h=_of(period.parking_time_h, share),
            reservation_time_h=_of(period.reservation_time_h, share),
        )


def _cuts(prepared: PreparedTariff, step: Step, length: int) -> Iterator[int]:
    edges, period, moment = prepared.edges, step.period, step.moment
    if edges.clock_s:
        for at in clock_edges(period.start, step.end, prepared):
            yield length_s(period.start, at)
    for second in edges.duration_s:
        if 0 < second - moment.duration_s < length:
            yield second - moment.duration_s
    kwh = period.energy_kwh or Decimal(0)
    for edge in edges.kwh:
        if moment.kwh < edge < moment.kwh + kwh:
            yield round((edge - moment.kwh) * length / kwh)


def _of(volume: Decimal | None, share: Decimal) -> Decimal | None:
    return None if volume is None else volume * share
