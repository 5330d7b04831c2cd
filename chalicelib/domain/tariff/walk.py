"""Where does a session stand at the start of each period, and what changes within the period?

Charge points must begin a period wherever a price changes. One that did not is priced by the state
at the period's start, and the most that this can be off is reported; nothing is interpolated.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product
from math import prod

from chalicelib.domain.tariff.prepare import Candidate, Candidates, Edges, PreparedTariff, active
from chalicelib.domain.tariff.rule import DAY_S, Moment
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

_WALKED_MAX = timedelta(days=8)  # a week and a bit: what depends on the clock repeats by then
_MOMENTS_MAX = 5_000
Axes = tuple[
    list[tuple[int, date]],
    list[Decimal],
    list[int],
    list[Decimal | None],
    list[Decimal | None],
]


@dataclass(slots=True)
class Step:
    """A period with its end, the state at its start, and which state may change until then."""

    period: ChargingPeriod
    end: datetime
    moment: Moment
    clock: bool  # the local time passes an edge within the period
    count: bool  # the kWh or the duration do
    unknown: bool  # power or current are not known well enough


def ends(usage: Usage, periods: Sequence[ChargingPeriod]) -> list[datetime]:
    """When each period ends: where the next one starts, the last with the session."""
    return [*(period.start for period in periods[1:]), usage.end]


def steps(
    prepared: PreparedTariff, usage: Usage, periods: Sequence[ChargingPeriod]
) -> Iterator[Step]:
    edges, kwh, began = prepared.edges, Decimal(0), None
    for period, end in zip(periods, ends(usage, periods), strict=True):
        if began is None and period.reservation_time_h is None:
            began = period.start  # min/max_duration count from here: reservation is not charging
        moment = _moment(prepared, period, kwh, began)
        length = length_s(period.start, end)
        clock = bool(edges.clock_s) and _clock_crosses(prepared, moment, end, length)
        count = _count_crosses(edges, moment, period, length)
        unknown = _unknown(edges.power_kw, period.min_power_kw, period.max_power_kw) or _unknown(
            edges.current_a, period.min_current_a, period.max_current_a
        )
        yield Step(period, end, moment, clock, count, unknown)
        kwh += period.energy_kwh or 0


def reachable(
    prepared: PreparedTariff, step: Step, candidates: Candidates
) -> set[Candidate | None]:
    """Which of the candidates may be active at some moment of the period, None if none may be.

    A tariff of very many edges, or a period of very many days, is not walked: every candidate is
    then taken to be reachable, which is never too little.
    """
    axes = _axes(prepared, step)
    if axes is None:
        return {*candidates, None}
    return {
        active(candidates, Moment(second, day, kwh, gone, kw, ampere))
        for (second, day), kwh, gone, kw, ampere in product(*axes)
    }


def _axes(prepared: PreparedTariff, step: Step) -> Axes | None:
    """One value on either side of each edge that the period passes: local time, kWh, s, kW, A."""
    edges, period, moment = prepared.edges, step.period, step.moment
    if step.end - period.start > _WALKED_MAX:
        return None
    clock = [(moment.second, moment.day)]
    for at in clock_edges(period.start, step.end, prepared) if step.clock else ():
        local = at.astimezone(prepared.zone)
        clock.append((_second(local), local.date()))
    full = moment.kwh + (period.energy_kwh or 0)
    kwh = [moment.kwh, *(edge for edge in edges.kwh if moment.kwh < edge < full)]
    gone = moment.duration_s
    over = gone + length_s(period.start, step.end)
    duration = [gone, *(edge for edge in edges.duration_s if gone < edge < over)]
    power = _samples(edges.power_kw, period.min_power_kw, period.max_power_kw)
    current = _samples(edges.current_a, period.min_current_a, period.max_current_a)
    count = prod((len(clock), len(kwh), len(duration), len(power), len(current)))
    return (clock, kwh, duration, power, current) if count <= _MOMENTS_MAX else None


def clock_edges(start: datetime, end: datetime, prepared: PreparedTariff) -> list[datetime]:
    """The instants inside (start, end) at which the wall clock meets an edge or jumps.

    An edge in the repeated hour is met twice, one in the skipped hour never; the jump itself is an
    edge too, since the local time before and after it differ.
    """
    zone, found = prepared.zone, set[datetime]()
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock's reading
        for second in {0, *prepared.edges.clock_s}:
            wall = midnight + timedelta(seconds=second)
            for fold in (0, 1):
                found.add(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC))
        day += timedelta(days=1)
    inside = sorted({start, end, *(at for at in found if start < at < end)})
    jumps = [_jump(a, b, prepared) for a, b in pairwise(inside)]
    return sorted({*inside[1:-1], *(at for at in jumps if at is not None and start < at < end)})


def _jump(start: datetime, end: datetime, prepared: PreparedTariff) -> datetime | None:
    zone = prepared.zone
    before = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == before:
        return None
    low, high = 0, length_s(start, end)
    while high - low > 1:
        middle = (low + high) // 2
        same = (start + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    return start + timedelta(seconds=high)


def _moment(
    prepared: PreparedTariff, period: ChargingPeriod, kwh: Decimal, began: datetime | None
) -> Moment:
    local = period.start.astimezone(prepared.zone)
    duration = 0 if began is None else length_s(began, period.start)
    power = _lowest(period.min_power_kw, period.max_power_kw)
    current = _lowest(period.min_current_a, period.max_current_a)
    return Moment(_second(local), local.date(), kwh, duration, power, current)


def _lowest(low: Decimal | None, high: Decimal | None) -> Decimal | None:
    return high if low is None else low


def _clock_crosses(prepared: PreparedTariff, moment: Moment, end: datetime, length: int) -> bool:
    clock_s = prepared.edges.clock_s
    at = bisect_right(clock_s, moment.second)
    until = clock_s[at] if at < len(clock_s) else DAY_S + clock_s[0]
    if length > until - moment.second:
        return True
    wall = _second(end.astimezone(prepared.zone))
    return (moment.second + length - wall) % DAY_S != 0  # the clocks were changed


def _count_crosses(edges: Edges, moment: Moment, period: ChargingPeriod, length: int) -> bool:
    before, kwh = moment.kwh, period.energy_kwh
    if edges.kwh and kwh and any(before < edge < before + kwh for edge in edges.kwh):
        return True
    begun = moment.duration_s
    return any(begun < edge < begun + length for edge in edges.duration_s)


def _unknown(edges: tuple[Decimal, ...], low: Decimal | None, high: Decimal | None) -> bool:
    return bool(edges) and len(_samples(edges, low, high)) > 1


def _samples(
    edges: tuple[Decimal, ...], low: Decimal | None, high: Decimal | None
) -> list[Decimal | None]:
    """The readings between low and high that may differ in price; one of them is in each step."""
    if not edges:
        return [None]
    first = Decimal(0) if low is None else low
    return [first, *(edge for edge in edges if first < edge and (high is None or edge <= high))]


def _second(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second


def length_s(start: datetime, end: datetime) -> int:
    """Whole seconds; from UTC, so that a change of the clocks does not count."""
    gone = end - start
    return gone.days * DAY_S + gone.seconds
