"""Where does a session stand at the start of each period, and what changes within the period?

Charge points must begin a period wherever a price changes. One that did not is priced by the state
at the period's start, and the most that this can be off is reported; nothing is interpolated.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.domain.tariff.edges import Edges
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.rule import DAY_S, Moment
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

_NO_DAY = date(1970, 1, 1)  # where no restriction asks for the local date
_ZERO = Decimal(0)


@dataclass(slots=True)
class Step:
    """A period with its end, the state at its start, and which state may change until then."""

    number: int
    tariff: PreparedTariff
    period: ChargingPeriod
    end: datetime
    moment: Moment
    clock: bool  # the local time passes an edge within the period
    count: bool  # the kWh or the duration do
    unknown: bool  # power or current are not known well enough
    repeated: bool  # the hour that the clocks have just passed once before
    reserved_s: int  # what the duration leaves out, since it was reserved


def ends(usage: Usage, periods: Sequence[ChargingPeriod]) -> list[datetime]:
    """When each period ends: where the next one starts, the last with the session."""
    return [*(period.start for period in periods[1:]), usage.end]


def used(period: ChargingPeriod) -> bool:
    """A volume of 0 is no use: feeds name dimensions that did not occur."""
    return bool(period.energy_kwh or period.time_h or period.parking_time_h)


def steps(
    prepared: PreparedTariff, usage: Usage, periods: Sequence[ChargingPeriod]
) -> Iterator[Step]:
    return walk([prepared] * len(periods), usage, periods)


def walk(
    tariffs: Sequence[PreparedTariff], usage: Usage, periods: Sequence[ChargingPeriod]
) -> Iterator[Step]:
    """One step a period, in order of time; `tariffs` names the one that prices each period."""
    if not periods:
        return
    zone = tariffs[0].zone if any(one.edges.clock_s for one in set(tariffs)) else None
    local = periods[0].start.astimezone(zone) if zone else periods[0].start
    kwh, began = _ZERO, None
    for number, end in enumerate(ends(usage, periods)):
        period, prepared = periods[number], tariffs[number]
        if began is None and (period.reservation_time_h is None or used(period)):
            # min/max_duration count from here: a reservation is not charging
            began = usage.start if number == 0 else period.start
        moment = _moment(period, kwh, began, local if zone else None)
        length = length_s(period.start, end)
        repeated, clock, edges = bool(zone and local.fold), False, prepared.edges
        if zone:
            local = end.astimezone(zone)
            clock = bool(edges.clock_s) and _clock_crosses(edges, moment.second, local, length)
        yield Step(
            number,
            prepared,
            period,
            end,
            moment,
            clock,
            _count_crosses(edges, moment, period, length),
            _unknown(edges, period),
            repeated,
            length_s(usage.start, began or usage.start),
        )
        kwh += period.energy_kwh or 0


def _moment(
    period: ChargingPeriod, kwh: Decimal, began: datetime | None, local: datetime | None
) -> Moment:
    duration = 0 if began is None else max(0, length_s(began, period.start))
    power, current = period.min_power_kw, period.min_current_a
    return Moment(
        0 if local is None else second_of(local),
        _NO_DAY if local is None else local.date(),
        kwh,
        duration,
        period.max_power_kw if power is None else power,
        period.max_current_a if current is None else current,
    )


def _clock_crosses(edges: Edges, second: int, local_end: datetime, length: int) -> bool:
    clock_s = edges.clock_s
    at = bisect_right(clock_s, second)
    until = clock_s[at] if at < len(clock_s) else DAY_S + clock_s[0]
    if length > until - second:
        return True
    return (second + length - second_of(local_end)) % DAY_S != 0  # the clocks were changed


def _count_crosses(edges: Edges, moment: Moment, period: ChargingPeriod, length: int) -> bool:
    if edges.kwh and kwh_edges(edges, moment.kwh, period.energy_kwh or _ZERO):
        return True
    at = bisect_right(edges.duration_s, moment.duration_s)
    return at < len(edges.duration_s) and edges.duration_s[at] < moment.duration_s + length


def kwh_edges(edges: Edges, before: Decimal, volume: Decimal) -> list[Decimal]:
    """The edges inside the volume in the order they are passed; what is fed back goes down."""
    after = before + volume
    if volume < 0:
        return [at for at in reversed(edges.kwh) if after < at <= before]
    return [at for at in edges.kwh if before < at < after]


def _unknown(edges: Edges, period: ChargingPeriod) -> bool:
    return _open(edges.power_kw, period.min_power_kw, period.max_power_kw) or _open(
        edges.current_a, period.min_current_a, period.max_current_a
    )


def _open(edges: Sequence[Decimal], low: Decimal | None, high: Decimal | None) -> bool:
    if not edges:
        return False
    at = bisect_right(edges, _ZERO if low is None else low)
    return at < len(edges) and (high is None or edges[at] <= high)


def samples(
    edges: tuple[Decimal, ...], low: Decimal | None, high: Decimal | None
) -> list[Decimal | None]:
    """The readings between low and high that may differ in price; one of them is in each step."""
    if not edges:
        return [None]
    first = _ZERO if low is None else low
    return [first, *(edge for edge in edges if first < edge and (high is None or edge <= high))]


def clock_edges(start: datetime, end: datetime, prepared: PreparedTariff) -> list[datetime]:
    """The instants inside (start, end) at which the wall clock meets an edge or jumps.

    An edge in the repeated hour is met twice, one in the skipped hour never; the jump itself is an
    edge too, since the local time before and after it differ.
    """
    zone, found = prepared.zone, set[datetime]()
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock's reading
        for second in prepared.edges.clock_s:
            wall = midnight + timedelta(seconds=second)
            for fold in (0, 1):
                found.add(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC))
        day += timedelta(days=1)
    inside = sorted({start, end, *(at for at in found if start < at < end)})
    jumps = [_jump(a, b, zone) for a, b in pairwise(inside)]
    return sorted({*inside[1:-1], *(at for at in jumps if at is not None and start < at < end)})


def _jump(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    before = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == before:
        return None
    low, high = 0, length_s(start, end)
    while high - low > 1:
        middle = (low + high) // 2
        same = (start + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    return start + timedelta(seconds=high)


def second_of(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second


def length_s(start: datetime, end: datetime) -> int:
    """Whole seconds; from UTC, so that a change of the clocks does not count."""
    gone = end - start
    return gone.days * DAY_S + gone.seconds
