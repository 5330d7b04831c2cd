"""How do quantities become money, with the tax of each part and the limits of the tariff?"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import attrgetter

from chalicelib.domain.tariff.candidate import Candidate
from chalicelib.domain.tariff.limit import Total, limited
from chalicelib.domain.tariff.meter import Meter, Notes, Use
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.remark import remark
from chalicelib.domain.tariff.result import Price, PriceLine, TaxPart
from chalicelib.domain.tariff.several import warn_of_limits, warn_of_switch
from chalicelib.domain.tariff.usage import ChargingPeriod

_HOUR_S = Decimal(3600)
_ZERO, _ONE = Decimal(0), Decimal(1)
_PERIOD = attrgetter("period")
Amounts = tuple[Decimal, Decimal | None]  # excl. and incl. tax
Costs = dict[Decimal | None, Amounts]  # by rate


def finish(
    tariffs: Sequence[PreparedTariff],
    periods: Sequence[ChargingPeriod],
    meter: Meter,
    notes: Notes,
) -> Price:
    """Round by step, price, apply the limits of the first tariff. Needs an exact context.

    Money is kept times 3600 as long as something is billed by time, and divided at the end.
    """
    excl, incl, complete, rate = _ZERO, _ZERO, True, None
    lines: list[PriceLine] = []
    costs: Costs = {}
    hourly = meter.hourly
    for candidate, uses in meter.used.items():
        extra = _ZERO if candidate.step is None else meter.step_extra(candidate)
        cost, gross = amounts(candidate, meter.used_of(candidate) + extra, hourly)
        if len(uses) == 1:
            lines.append(_line(periods, candidate, uses[0], extra, (cost, gross), hourly))
        else:
            lines.extend(_lines(periods, candidate, uses, extra, hourly))
        excl += cost
        if gross is None:
            complete = False
        else:
            incl += gross
        if cost:
            rate = candidate.basis.vat
            costs[rate] = _sum(costs[rate], cost, gross) if rate in costs else (cost, gross)
    if len(meter.used) > 1:
        lines.sort(key=_PERIOD)
    if hourly:
        excl, incl = excl / _HOUR_S, incl / _HOUR_S
    total = incl if complete else None
    taxes = (TaxPart(rate, excl, total),) if len(costs) == 1 else _taxes(costs, hourly)
    if tariffs[0].plain and len(tariffs) == 1 and meter.parked is None and not meter.fed_back:
        return Price(excl, total, tuple(lines), taxes, notes.all())
    return _odd(tariffs, meter, notes, tuple(lines), Total(excl, total, taxes))


def _lines(
    periods: Sequence[ChargingPeriod],
    candidate: Candidate,
    uses: Sequence[Use],
    extra: Decimal,
    hourly: bool,  # noqa: FBT001 - called by position: a keyword costs time here
) -> Iterator[PriceLine]:
    """What `step_size` adds stands where the component was used last."""
    last = len(uses) - 1
    for at, use in enumerate(uses):
        added = extra if at == last else _ZERO
        costs = amounts(candidate, use[1] + added, hourly)
        yield _line(periods, candidate, use, added, costs, hourly)


def _line(
    periods: Sequence[ChargingPeriod],
    candidate: Candidate,
    use: Use,
    extra: Decimal,
    costs: Amounts,
    hourly: bool,  # noqa: FBT001 - called by position: a keyword costs time here
) -> PriceLine:
    number, volume = use
    excl, incl = costs
    if hourly:
        excl, incl = excl / _HOUR_S, None if incl is None else incl / _HOUR_S
    return PriceLine(number, periods[number].start, candidate.basis, volume, extra, excl, incl)


def _odd(
    tariffs: Sequence[PreparedTariff],
    meter: Meter,
    notes: Notes,
    lines: tuple[PriceLine, ...],
    total: Total,
) -> Price:
    """What most prices need not: limits, several tariffs, parking, components with remarks."""
    if len(tariffs) > 1:
        warn_of_switch(meter, notes)
    for candidate in meter.used:
        quantity = meter.used_of(candidate) + meter.step_extra(candidate)
        if candidate.remarks:
            remark(_tariff_of(tariffs, candidate), candidate, quantity, meter, notes)
        if candidate.inclusive and candidate.factor is None and quantity * candidate.net:
            total = total._replace(excl_known=False)
    meter.warn_of_order(notes)
    if meter.fed_back:
        text = "energy that went back into the grid was credited at the price of what is taken"
        notes.add("energy_fed_back", text, abs(meter.fed_back))
    total = _limited(tariffs, total, notes)
    return Price(
        total.excl_vat,
        total.incl_vat,
        lines,
        total.taxes,
        notes.all(),
        total.limits[-1].name if total.limits else "",
        total.limits,
        total.excl_known,
    )


def amounts(
    candidate: Candidate,
    quantity: Decimal,
    hourly: bool,  # noqa: FBT001 - called by position: a keyword costs time here
) -> Amounts:
    """Excl. and incl. tax, times 3600 if `hourly`; nothing costs nothing at any rate."""
    cost = (candidate.rate if hourly else candidate.component.price) * quantity
    factor = candidate.factor
    if candidate.inclusive:  # without a rate, the sum with tax stands for the net
        return (cost if factor is None else cost / factor), cost
    if factor is None:
        return cost, None if cost else cost
    return cost, cost * factor


def _sum(before: Amounts, cost: Decimal, gross: Decimal | None) -> Amounts:
    gross = None if gross is None or before[1] is None else before[1] + gross
    return before[0] + cost, gross


def _taxes(
    costs: Costs,
    hourly: bool,  # noqa: FBT001 - called by position: a keyword costs time here
) -> tuple[TaxPart, ...]:
    share = _HOUR_S if hourly else _ONE
    return tuple(
        TaxPart(rate, cost / share, None if gross is None else gross / share)
        for rate, (cost, gross) in costs.items()
    )


def _limited(tariffs: Sequence[PreparedTariff], total: Total, notes: Notes) -> Total:
    tariff = tariffs[0].tariff
    result = total
    if tariff.min_price is not None or tariff.max_price is not None:
        result = limited(tariff, total, notes)
    own = (tariff.min_price, tariff.max_price)
    if len(tariffs) > 1 and any((t.tariff.min_price, t.tariff.max_price) != own for t in tariffs):
        warn_of_limits(tariffs, total, result, notes)
    return result


def _tariff_of(tariffs: Sequence[PreparedTariff], candidate: Candidate) -> PreparedTariff:
    return next(one for one in tariffs if one.tariff.id == candidate.basis.tariff_id)
