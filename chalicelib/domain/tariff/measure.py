"""What of a tariff's components does each period of a session use?"""

from collections.abc import Sequence

from chalicelib.domain.tariff.candidate import Candidate, active, active_now
from chalicelib.domain.tariff.meter import Meter, Notes
from chalicelib.domain.tariff.prepare import Always, PreparedTariff
from chalicelib.domain.tariff.uncertain import warn_of_moment, warn_of_period, warn_of_tariff
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.walk import Step, used, walk


def measure_fixed(
    own: str, always: Always, periods: Sequence[ChargingPeriod], meter: Meter, notes: Notes
) -> None:
    """Most tariffs have no restriction: one component of each kind is active all the time.

    `own` is the tariff's id.
    """
    energy, time, parking, flat = always
    if flat is not None and periods:
        meter.add(0, flat)
    for number, period in enumerate(periods):
        meter.bill(number, period, energy, time, parking)
        if period.tariff_id != own:
            due = None if number else flat
            warn_of_tariff(period, own, (energy, time, parking), due, notes)


def measure(
    tariffs: Sequence[PreparedTariff],
    usage: Usage,
    periods: Sequence[ChargingPeriod],
    meter: Meter,
    notes: Notes,
    *,
    expired: bool,
) -> None:
    """`tariffs` names the one that prices each period."""
    for step in walk(tariffs, usage, periods):
        if step.period.reservation_time_h is not None:
            _measure_reservation(step, meter, notes, expired=expired)
        if step.period.reservation_time_h is None or used(step.period):
            _measure_step(step, meter, notes)


def reserved(periods: Sequence[ChargingPeriod]) -> bool:
    for period in periods:  # noqa: SIM110 - any() costs a quarter of a simple price
        if period.reservation_time_h is not None:
            return True
    return False


def looks_expired(periods: Sequence[ChargingPeriod]) -> bool:
    """There was a reservation, and nothing but it: nobody used the charger."""
    nothing_else = all(one.reservation_time_h is not None and not used(one) for one in periods)
    return bool(periods) and nothing_else


def _measure_step(step: Step, meter: Meter, notes: Notes) -> None:
    moment, period = step.moment, step.period
    slot = step.tariff.schedule.at(moment)
    energy = active_now(slot.energy, moment)
    time, parking = active_now(slot.time, moment), active_now(slot.parking, moment)
    flat = active_now(slot.flat, moment) if slot.flat else None
    flat_due = meter.flat is None
    if flat is not None and meter.flat is None:
        meter.flat = flat
        meter.add(step.number, flat)
    elif flat is not None and flat is not meter.flat:
        _warn_of_flat(flat, meter, notes)
    meter.bill(step.number, period, energy, time, parking)
    billed = (energy, time, parking)
    if step.clock or step.count or step.unknown:
        warn_of_period(step, billed, notes, flat_due=flat_due and flat is None)
    if step.repeated or step.reserved_s:
        warn_of_moment(step, billed, notes)
    if period.tariff_id != step.tariff.tariff.id:
        due = flat if flat_due else None
        warn_of_tariff(period, step.tariff.tariff.id, billed, due, notes)


def _warn_of_flat(flat: Candidate, meter: Meter, notes: Notes) -> None:
    """Each that is left out counts once, in however many periods it is active."""
    if flat not in meter.flats_left_out:
        meter.flats_left_out = meter.flats_left_out | {flat}
        text = (
            f"a second FLAT (element {flat.basis.element}) became active: only the first is billed"
        )
        notes.add("flat_once", text, abs(flat.net))


def _measure_reservation(step: Step, meter: Meter, notes: Notes, *, expired: bool) -> None:
    """One FLAT of the reservation, beside the session's; expiry rates stand before the others."""
    prepared = step.tariff
    timed = prepared.expired_time if expired else prepared.reserved_time
    once = prepared.expired_flat if expired else prepared.reserved_flat
    flat, time = active(once, step.moment), active(timed, step.moment)
    if flat is not None and meter.reserved_flat is None:
        meter.reserved_flat = flat
        meter.add(step.number, flat)
    elif flat is not None and flat is not meter.reserved_flat:
        _warn_of_flat(flat, meter, notes)
    if step.period.reservation_time_h:
        meter.reserve(step.number, time, step.period.reservation_time_h)
