"""Which readings did a price need that the report does not settle, and what is at stake?"""

from collections.abc import Sequence
from decimal import Decimal

from chalicelib.domain.tariff.candidate import Candidate, active
from chalicelib.domain.tariff.meter import Notes
from chalicelib.domain.tariff.rule import DAY_S, Moment
from chalicelib.domain.tariff.stretch import Billed, most_off, unit
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.walk import Step, ends, length_s

_HOUR_S = 3600
_SLACK_S = 60  # chargers round hours to minutes; more than this is another session
_ZERO = Decimal(0)


def warn_of_period(step: Step, billed: Billed, notes: Notes, *, flat_due: bool) -> None:
    """The most that the start's state can be off for this period, over all states within it."""
    at = step.period.start.isoformat().replace("+00:00", "Z")
    if step.clock or step.count:
        off = most_off(step, billed, notes, readings=False, flat_due=flat_due)
        if off:
            text = "periods cross a price change; each was priced by the state at its start, first "
            notes.add("period_not_split", text + at, off)
    if step.unknown:
        off = most_off(step, billed, notes, readings=True, flat_due=flat_due)
        if off:
            text = f"{_readings(step)} not known well enough for the restrictions, first at "
            notes.add("not_verifiable", text + at, off)


def _readings(step: Step) -> str:
    edges = step.tariff.edges
    if edges.power_kw and edges.current_a:
        return "power and current are"
    return "power is" if edges.power_kw else "current is"


def warn_of_moment(step: Step, billed: Billed, notes: Notes) -> None:
    """Where another reading of the local hour or of the duration would have chosen otherwise."""
    moment = step.moment
    if step.repeated:
        later = moment._replace(second=(moment.second + _HOUR_S) % DAY_S)
        text = "a period starts in the repeated hour: it was matched by the wall clock"
        _warn_if(_changed(step, billed, later), "repeated_hour", text, notes)
    if step.reserved_s:
        longer = moment._replace(duration_s=moment.duration_s + step.reserved_s)
        text = "the time reserved before charging was left out of the session's duration"
        _warn_if(_changed(step, billed, longer), "reservation_not_in_duration", text, notes)


def _changed(step: Step, billed: Billed, moment: Moment) -> Decimal:
    off = _ZERO
    tariff, period = step.tariff, step.period
    for candidates, chosen, volume in (
        (tariff.energy, billed[0], period.energy_kwh),
        (tariff.time, billed[1], period.time_h),
        (tariff.parking, billed[2], period.parking_time_h),
    ):
        if volume:
            off += abs(volume * (unit(active(candidates, moment)) - unit(chosen)))
    return off


def _warn_if(off: Decimal, code: str, text: str, notes: Notes) -> None:
    if off:
        notes.add(code, text, off)


def warn_of_tariff(
    period: ChargingPeriod, own: str, billed: Billed, flat: Candidate | None, notes: Notes
) -> None:
    """A period that names another tariff than the one that prices it; its cost is at stake."""
    named = period.tariff_id
    if named.lower() == own.lower():
        return
    volumes = (period.energy_kwh, period.time_h, period.parking_time_h)
    off = unit(flat)
    for chosen, volume in zip(billed, volumes, strict=True):
        off += unit(chosen) * (volume or _ZERO)
    if not named:
        text = "a period names no tariff, which is not the same as free: it was priced"
        notes.add("tariff_missing", text, abs(off))
    else:
        text = f"a period names tariff {named!r}: it was priced by {own!r}, in force at the start"
        notes.add("tariff_other", text, abs(off))


def warn_of_time(
    usage: Usage,
    periods: Sequence[ChargingPeriod],
    timed: Sequence[Candidate],
    notes: Notes,
) -> None:
    """Time that nobody tells, and more time than there was, at the dearest hour of the tariff."""
    told = _ZERO
    highest = max(abs(unit(one)) for one in timed)
    for period, end in zip(periods, ends(usage, periods), strict=True):
        hours = (period.time_h, period.parking_time_h, period.reservation_time_h)
        if hours == (None, None, None) and end > period.start:
            lost = Decimal(length_s(period.start, end)) / _HOUR_S
            text = "a period tells neither charging nor parking time: its time costs nothing"
            notes.add("time_missing", text, lost * highest)
        told += sum(part for part in hours if part is not None)
    excess_s = told * _HOUR_S - length_s(usage.start, usage.end)
    if excess_s > _SLACK_S:
        text = f"the periods tell {excess_s:.0f} s more than the session lasted"
        notes.add("time_excess", text, excess_s / _HOUR_S * highest)
