"""How do quantities become money, with the tax of each part and the limits of the tariff?"""

from collections.abc import Sequence
from decimal import Decimal

from chalicelib.domain.tariff.candidate import Candidate
from chalicelib.domain.tariff.limit import Total, limited
from chalicelib.domain.tariff.meter import Meter, Notes
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.remark import remark
from chalicelib.domain.tariff.result import Price, PriceLine, TaxPart
from chalicelib.domain.tariff.several import warn_of_limits, warn_of_switch

_HOUR_S = Decimal(3600)
_ZERO, _ONE = Decimal(0), Decimal(1)
Costs = dict[Decimal | None, tuple[Decimal, Decimal | None]]  # by rate: excl. and incl. tax


def finish(tariffs: Sequence[PreparedTariff], meter: Meter, notes: Notes) -> Price:
    """Round by step, price, apply the limits of the first tariff. Needs an exact context.

    Money is kept times 3600 as long as something is billed by time, and divided at the end.
    """
    meter.round_up(notes)
    excl, incl, complete = _ZERO, _ZERO, True
    lines: list[PriceLine] = []
    costs: Costs = {}
    extras, hourly = meter.extras, meter.hourly
    for candidate, used in meter.used.items():
        extra = extras.get(candidate, _ZERO) if extras else _ZERO
        quantity = used + extra if extra else used
        cost, gross = amounts(candidate, quantity, hourly)
        lines.append(_line(candidate, quantity, extra, cost, gross, hourly))
        excl += cost
        if gross is None:
            complete = False
        else:
            incl += gross
        if cost:
            before = costs.get(candidate.vat)
            costs[candidate.vat] = (cost, gross) if before is None else _sum(before, cost, gross)
    if hourly:
        excl, incl = excl / _HOUR_S, incl / _HOUR_S
    total = incl if complete else None
    taxes = _taxes(costs, excl, total, hourly)
    if tariffs[0].plain and len(tariffs) == 1 and not meter.fed_back:
        return Price(excl, total, tuple(lines), taxes, notes.all())
    return _odd(tariffs, meter, notes, lines, Total(excl, total, taxes))


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
        candidate.vat,
        cost,
        gross,
        candidate.tariff_id,
    )


def _odd(
    tariffs: Sequence[PreparedTariff],
    meter: Meter,
    notes: Notes,
    lines: list[PriceLine],
    total: Total,
) -> Price:
    """What most prices need not: limits, more than one tariff, and components with remarks."""
    if len(tariffs) > 1:
        warn_of_switch(meter, notes)
    for candidate, line in zip(meter.used, lines, strict=True):
        if candidate.remarks:
            remark(_tariff_of(tariffs, candidate), candidate, line.quantity, meter, notes)
        if candidate.inclusive and candidate.factor is None and line.excl_vat:
            total = total._replace(excl_known=False)
    if meter.fed_back:
        text = "energy that went back into the grid was credited at the price of what is taken"
        notes.add("energy_fed_back", "", text, abs(meter.fed_back))
    total = _limited(tariffs, total, notes)
    return Price(
        total.excl_vat,
        total.incl_vat,
        tuple(lines),
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
) -> tuple[Decimal, Decimal | None]:
    """Excl. and incl. tax, times 3600 if `hourly`; nothing costs nothing at any rate."""
    cost = (candidate.rate if hourly else candidate.component.price) * quantity
    factor = candidate.factor
    if candidate.inclusive:  # without a rate, the sum with tax stands for the net
        return (cost if factor is None else cost / factor), cost
    if factor is None:
        return cost, None if cost else cost
    return cost, cost * factor


def _sum(
    before: tuple[Decimal, Decimal | None], cost: Decimal, gross: Decimal | None
) -> tuple[Decimal, Decimal | None]:
    gross = None if gross is None or before[1] is None else before[1] + gross
    return before[0] + cost, gross


def _taxes(
    costs: Costs,
    excl: Decimal,
    incl: Decimal | None,
    hourly: bool,  # noqa: FBT001 - called by position: a keyword costs time here
) -> tuple[TaxPart, ...]:
    if len(costs) == 1:
        for rate in costs:
            return (TaxPart(rate, excl, incl),)
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
    for one in tariffs:
        if one.tariff.id == candidate.tariff_id:
            return one
    return tariffs[0]
