"""What does a session cost by a published tariff, and how is that made up?

Source: OCPI 2.2.1 mod_tariffs 11, mod_cdrs 10.3.1. Readings: docs/tariffs.md.
"""

from collections.abc import Sequence
from decimal import Decimal, getcontext, setcontext
from operator import attrgetter

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.limit import Total, limited
from chalicelib.domain.tariff.meter import Meter, Notes
from chalicelib.domain.tariff.prepare import Candidate, Candidates, PreparedTariff, active
from chalicelib.domain.tariff.result import Price, PriceLine, TaxPart
from chalicelib.domain.tariff.uncertain import warn_of_period, warn_of_usage
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.walk import Step, steps

_EXACT = EXACT.copy()
_HOUR_S = Decimal(3600)
_ZERO, _ONE = Decimal(0), Decimal(1)
_START = attrgetter("start")


def price(prepared: PreparedTariff, usage: Usage) -> Price:
    """Exact and explained; raises Invalid for a negative volume.

    The whole session is priced by this one tariff, whichever its periods name: it is the one in
    force at the start, that the driver agreed to. What had to be assumed is in `warnings`.
    """
    periods: Sequence[ChargingPeriod] = usage.periods
    if len(periods) > 1:
        periods = sorted(periods, key=_START)
    meter, notes = Meter(), Notes()
    before = getcontext()
    setcontext(_EXACT)  # localcontext() copies, at a tenth of a simple price's time
    try:
        if prepared.fixed and not _reserved(periods):
            _measure_fixed(prepared, periods, meter)
        else:
            _measure(prepared, usage, periods, meter, notes)
        warn_of_usage(prepared, usage, periods, notes)
        return finish(prepared, meter, notes)
    finally:
        setcontext(before)


def finish(prepared: PreparedTariff, meter: Meter, notes: Notes) -> Price:
    """Round by step, turn quantities into money, apply the limits. Needs an exact context."""
    lines: list[PriceLine] = []
    excl, incl, complete = _ZERO, _ZERO, True
    by_rate: dict[Decimal | None, tuple[Decimal, Decimal]] = {}
    extras, hourly = meter.step_extras(notes), meter.hourly
    for candidate, used in meter.used.items():
        component, extra = candidate.component, extras.get(candidate, _ZERO)
        quantity = used + extra if extra else used
        cost = (candidate.rate if hourly else component.price) * quantity
        factor = candidate.factor
        known = factor is not None or not cost
        gross = cost if factor is None else cost * factor
        complete = complete and known
        excl, incl = excl + cost, incl + gross
        if cost:
            before = by_rate.get(component.vat)
            if before is None:
                by_rate[component.vat] = (cost, gross)
            else:
                by_rate[component.vat] = (before[0] + cost, before[1] + gross)
        lines.append(_line(candidate, quantity, extra, cost, gross if known else None, hourly))
    if hourly:
        excl, incl = excl / _HOUR_S, incl / _HOUR_S
    total = _taxed(by_rate, excl, incl if complete else None, hourly=hourly)
    if prepared.tariff.min_price is not None or prepared.tariff.max_price is not None:
        total = _limited(prepared, total, notes)
    return Price(
        total.excl_vat, total.incl_vat, tuple(lines), total.taxes, notes.all(), total.limit
    )


def _line(
    candidate: Candidate,
    quantity: Decimal,
    extra: Decimal,
    cost: Decimal,
    gross: Decimal | None,
    hourly: bool,  # noqa: FBT001 - called by position: a keyword costs time here
) -> PriceLine:
    component = candidate.component
    if hourly:
        cost, gross = cost / _HOUR_S, None if gross is None else gross / _HOUR_S
    return PriceLine(
        component.type,
        candidate.element,
        candidate.reservation,
        quantity,
        extra,
        component.price,
        component.vat,
        cost,
        gross,
    )


def _taxed(
    by_rate: dict[Decimal | None, tuple[Decimal, Decimal]],
    excl: Decimal,
    incl: Decimal | None,
    *,
    hourly: bool,
) -> Total:
    if len(by_rate) == 1:
        (vat,) = by_rate
        return Total(excl, incl, (TaxPart(vat, excl, incl),))
    share = _HOUR_S if hourly else _ONE
    taxes = tuple(
        TaxPart(vat, cost / share, None if vat is None else gross / share)
        for vat, (cost, gross) in by_rate.items()
    )
    return Total(excl, incl, taxes)


def _limited(prepared: PreparedTariff, total: Total, notes: Notes) -> Total:
    """Unlimited when neither limit bites."""
    result = limited(prepared.tariff, total)
    if result.limit and len(total.taxes) > 1:
        text = f"{result.limit} was divided between the VAT rates in proportion"
        notes.add("limit_apportioned", "", text)
    return result


def _reserved(periods: Sequence[ChargingPeriod]) -> bool:
    for period in periods:  # noqa: SIM110 - any() costs a quarter of a simple price
        if period.reservation_time_h is not None:
            return True
    return False


def _measure_fixed(
    prepared: PreparedTariff, periods: Sequence[ChargingPeriod], meter: Meter
) -> None:
    """Most tariffs have no restriction: one component of each kind is active all the time."""
    flat, energy = _first(prepared.flat), _first(prepared.energy)
    time, parking = _first(prepared.time), _first(prepared.parking)
    if flat is not None and periods:
        meter.once(flat)
    for period in periods:
        meter.bill(period, energy, time, parking)


def _first(candidates: Candidates) -> Candidate | None:
    return candidates[0] if candidates else None


def _measure(
    prepared: PreparedTariff,
    usage: Usage,
    periods: Sequence[ChargingPeriod],
    meter: Meter,
    notes: Notes,
) -> None:
    expired = usage.expired
    if expired is None:
        expired = bool(periods) and all(one.reservation_time_h for one in periods)
        if expired:
            text = "nothing followed the reservation: it is taken to have expired"
            notes.add("reservation_expired", "", text)
    for step in steps(prepared, usage, periods):
        if step.period.reservation_time_h is not None:
            _measure_reservation(prepared, step, meter, expired=expired)
        if step.period.reservation_time_h is None or _used(step.period):
            _measure_step(prepared, step, meter, notes)


def _used(period: ChargingPeriod) -> bool:
    return bool(period.energy_kwh or period.time_h or period.parking_time_h)


def _measure_step(prepared: PreparedTariff, step: Step, meter: Meter, notes: Notes) -> None:
    moment = step.moment
    flat = active(prepared.flat, moment)
    if flat is not None and meter.flat is None:
        meter.flat = flat
        meter.once(flat)
    elif flat is not None and flat is not meter.flat:
        text = f"a second FLAT (element {flat.element}) became active: only the first is billed"
        notes.add("flat_once", str(flat.element), text, flat.component.price)
    energy, time = active(prepared.energy, moment), active(prepared.time, moment)
    parking = active(prepared.parking, moment)
    meter.bill(step.period, energy, time, parking)
    if step.clock or step.count or step.unknown:
        warn_of_period(prepared, step, (energy, time, parking), notes)


def _measure_reservation(
    prepared: PreparedTariff, step: Step, meter: Meter, *, expired: bool
) -> None:
    """A reservation FLAT is due beside the session's; expiry rates stand before the others."""
    timed = prepared.expired_time if expired else prepared.reserved_time
    once = prepared.expired_flat if expired else prepared.reserved_flat
    flat, time = active(once, step.moment), active(timed, step.moment)
    if flat is not None:
        meter.once(flat)
    if time is not None and step.period.reservation_time_h:
        meter.reserve(time, step.period.reservation_time_h)
