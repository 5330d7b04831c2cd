"""Would another reading of steps, periods or the clock make the price what is claimed?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from chalicelib.domain.tariff.claim.even import split_evenly
from chalicelib.domain.tariff.claim.parts import costs_of
from chalicelib.domain.tariff.claim.trial import (
    Case,
    Item,
    ReasonCode,
    Trial,
    added_up,
    by_component,
    by_period,
    by_tariff,
    priced,
    restepped,
)
from chalicelib.domain.tariff.tariff import Dimension, FirstMatch
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

_SHIFTS_H = (1, -1, 2, -2, 3, -3)
_TIMED = {Dimension.TIME.value, Dimension.PARKING_TIME.value}


def version_trials(case: Case) -> Iterator[Trial]:
    for other in case.others:
        text = f"it is the price by the version {other.hash[:12]} of the tariff, {other.where}"
        for trial in priced(
            ReasonCode.OTHER_VERSION, other.where, text, other.prepared, case.usage
        ):
            yield replace(trial, tariff_hash=other.hash)
    if case.in_cdr is not None:
        text = "it is the price by the tariffs in the CDR, each for the periods that name it"
        yield Trial(ReasonCode.OTHER_VERSION, "each period's", text, costs_of(case.in_cdr))


def step_trials(case: Case) -> Iterator[Trial]:
    """Published: once a session and kind, in Wh and seconds, on the last component's step."""
    code = ReasonCode.STEP_SIZE
    ignored = restepped(case.tariff, lambda _, _step: 0)
    yield from by_tariff(case, code, "ignored", "step_size was left out", ignored)
    in_kwh = restepped(case.tariff, lambda kind, step: step * 1000 if kind == "ENERGY" else step)
    text = "step_size of energy was read as kWh; it is in Wh"
    yield from by_tariff(case, code, "energy_in_kwh", text, in_kwh)
    in_minutes = restepped(case.tariff, lambda kind, step: step * 60 if kind in _TIMED else step)
    text = "step_size of time was read as minutes; it is in seconds"
    yield from by_tariff(case, code, "time_in_minutes", text, in_minutes)
    if case.price.limit:
        return
    for how, words, items in (
        ("per_component", "for each component", by_component(case)),
        ("per_period", "in each period", by_period(case)),
    ):
        text = f"step_size was applied {words}; OCPI applies it once to a session's total"
        yield Trial(code, how, text, added_up([(one.part, one.cost(_up(one))) for one in items]))


def _up(item: Item) -> Decimal:
    step = item.candidate.step
    over = item.used % step if step is not None else Decimal(0)
    return item.used - over + step if over and step is not None else item.used


def period_trials(case: Case) -> Iterator[Trial]:
    """Published: a new period wherever a price changes; one that was not split is not guessed."""
    code, usage = ReasonCode.PERIOD_NOT_SPLIT, case.usage
    if not usage.periods:
        return
    text = "the whole session was priced by what applied at its start"
    yield from priced(code, "whole_session", text, case.pinned, _merged(usage))
    text = "periods that cross a price change were divided evenly; the CDR does not tell it"
    yield from priced(code, "divided_evenly", text, case.pinned, split_evenly(case.pinned, usage))


def _merged(usage: Usage) -> Usage:
    first = min(usage.periods, key=lambda one: one.start)
    whole = ChargingPeriod(
        start=first.start,
        energy_kwh=_sum([one.energy_kwh for one in usage.periods]),
        time_h=_sum([one.time_h for one in usage.periods]),
        parking_time_h=_sum([one.parking_time_h for one in usage.periods]),
        reservation_time_h=_sum([one.reservation_time_h for one in usage.periods]),
        min_current_a=first.min_current_a,
        max_current_a=first.max_current_a,
        min_power_kw=first.min_power_kw,
        max_power_kw=first.max_power_kw,
        tariff_id=first.tariff_id,
    )
    return replace(usage, periods=(whole,))


def _sum(volumes: Sequence[Decimal | None]) -> Decimal | None:
    told = [volume for volume in volumes if volume is not None]
    return sum(told, Decimal(0)) if told else None


def clock_trials(case: Case) -> Iterator[Trial]:
    """Published: restrictions are in the location's local time, instants in UTC."""
    if not case.pinned.edges.clock_s:
        return
    code = ReasonCode.CLOCK
    text = f"the tariff's times were read as UTC, not as local time in {case.zone}"
    yield from by_tariff(case, code, "read_as_utc", text, case.tariff, "UTC")
    for hours in _SHIFTS_H:
        text = f"the charger's clock, or its time zone, was {abs(hours)} h "
        text += "fast" if hours > 0 else "slow"
        moved = _moved(case.usage, timedelta(hours=hours))
        yield from priced(code, f"shifted_{hours:+d}h", text, case.pinned, moved)


def _moved(usage: Usage, by: timedelta) -> Usage:
    periods = tuple(replace(one, start=one.start + by) for one in usage.periods)
    return replace(usage, start=usage.start + by, end=usage.end + by, periods=periods)


def dimension_trials(case: Case) -> Iterator[Trial]:
    code, usage = ReasonCode.DIMENSION, case.usage
    text = "parking was billed as charging time too"
    both = [replace(one, time_h=_sum([one.time_h, one.parking_time_h])) for one in usage.periods]
    yield from priced(code, "parking_as_charging", text, case.pinned, _with(usage, both))
    per_element = case.tariff.first_match is FirstMatch.PER_ELEMENT
    other = FirstMatch.PER_DIMENSION if per_element else FirstMatch.PER_ELEMENT
    text = f"the first element that holds was read {other.value.lower().replace('_', ' ')}"
    changed = replace(case.tariff, first_match=other)
    yield from by_tariff(case, code, "first_match", text, changed)
    if not case.price.limit:
        yield from _flats(case)


def _flats(case: Case) -> Iterator[Trial]:
    usage, items = case.usage, by_component(case)
    costs = [
        (one.part, one.cost(len(usage.periods) * one.used if _flat(one) else _stepped(case, one)))
        for one in items
    ]
    if any(_flat(one) for one in items):
        text = f"the price per session was billed in each of {len(usage.periods)} periods"
        yield Trial(ReasonCode.DIMENSION, "flat_per_period", text, added_up(costs))


def _with(usage: Usage, periods: Sequence[ChargingPeriod]) -> Usage:
    return replace(usage, periods=tuple(periods))


def _flat(item: Item) -> bool:
    return item.candidate.basis.dimension is Dimension.FLAT


def _stepped(case: Case, item: Item) -> Decimal:
    """As the pinned version bills it, `step_size` included."""
    wanted = item.candidate.basis
    found = (one.quantity for one in case.price.components if one.basis == wanted)
    return next(found, item.used)
