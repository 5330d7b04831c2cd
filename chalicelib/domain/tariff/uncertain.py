"""Which readings did a price need that the report does not settle, and what is at stake?"""

from collections.abc import Sequence
from decimal import Decimal

from chalicelib.domain.tariff.meter import Notes
from chalicelib.domain.tariff.prepare import Candidate, Candidates, PreparedTariff
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.walk import Step, ends, length_s, reachable

_HOUR_S = 3600
_SLACK_S = 60  # chargers round hours to minutes; more than this is another session


def warn_of_period(
    prepared: PreparedTariff,
    step: Step,
    billed: tuple[Candidate | None, Candidate | None, Candidate | None],
    notes: Notes,
) -> None:
    """The most that the start's state can be off for this period, over all states within it."""
    period, energy, time, parking = step.period, *billed
    off = Decimal(0)
    for candidates, chosen, volume in (
        (prepared.energy, energy, period.energy_kwh),
        (prepared.time, time, period.time_h),
        (prepared.parking, parking, period.parking_time_h),
    ):
        if volume:
            off += volume * _spread(prepared, candidates, chosen, step)
    if not off:
        return
    at = period.start.isoformat().replace("+00:00", "Z")
    if step.clock or step.count:
        text = "periods cross a price change; each was priced by the state at its start, first "
        notes.add("period_not_split", "", text + at, off)
    else:
        text = "power or current are not known well enough for the restrictions, first at "
        notes.add("not_verifiable", "", text + at, off)


def _spread(
    prepared: PreparedTariff, candidates: Candidates, chosen: Candidate | None, step: Step
) -> Decimal:
    """How far the price of a unit can be from the chosen one within the period."""
    here = _unit(chosen)
    return max(abs(_unit(other) - here) for other in reachable(prepared, step, candidates))


def _unit(candidate: Candidate | None) -> Decimal:
    return Decimal(0) if candidate is None else candidate.component.price


def warn_of_usage(
    prepared: PreparedTariff, usage: Usage, periods: Sequence[ChargingPeriod], notes: Notes
) -> None:
    own = prepared.tariff.id
    for period in periods:
        if period.tariff_id != own:
            _warn_of_tariff(period, own, notes)
    if prepared.time or prepared.parking:
        _warn_of_time(prepared, usage, periods, notes)


def _warn_of_tariff(period: ChargingPeriod, own: str, notes: Notes) -> None:
    named = period.tariff_id
    if not named:
        text = "a period names no tariff, which is not the same as free: it was priced"
        notes.add("tariff_missing", "", text)
    elif named.lower() != own.lower():
        text = f"a period names tariff {named!r}: it was priced by {own!r}, in force at the start"
        notes.add("tariff_other", named, text)


def _warn_of_time(
    prepared: PreparedTariff, usage: Usage, periods: Sequence[ChargingPeriod], notes: Notes
) -> None:
    told = Decimal(0)
    highest = max(_unit(one) for one in (*prepared.time, *prepared.parking))
    for period, end in zip(periods, ends(usage, periods), strict=True):
        hours = (period.time_h, period.parking_time_h, period.reservation_time_h)
        if hours == (None, None, None) and end > period.start:
            lost = Decimal(length_s(period.start, end)) / _HOUR_S
            text = "a period tells neither charging nor parking time: its time costs nothing"
            notes.add("time_missing", "", text, lost * highest)
        told += sum(part for part in hours if part is not None)
    excess_s = told * _HOUR_S - length_s(usage.start, usage.end)
    if excess_s > _SLACK_S:
        text = f"the periods tell {excess_s:.0f} s more than the session lasted"
        notes.add("time_excess", "", text, excess_s / _HOUR_S * highest)
