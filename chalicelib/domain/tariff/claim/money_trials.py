"""Would another tax, another rounding or a forgotten limit make the price what is claimed?"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

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
)
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.usage import Cost, Costs, Part

_HUNDRED = Decimal(100)
_TENTH = Decimal("0.1")
_RATE_MAX = Decimal(30)  # percent; the European Union's highest is 27
_COARSE = (Decimal("0.05"), Decimal("0.1"), Decimal("0.5"), Decimal(1))
_MODES = {
    ROUND_CEILING: "rounded up",
    ROUND_FLOOR: "rounded down",
    ROUND_HALF_UP: "rounded to the nearest",
}


def vat_trials(case: Case) -> Iterator[Trial]:
    costs = costs_of(case.price)
    if any(cost.incl_vat is None for cost in costs.values()):
        return

    def trial(how: str, text: str, made: Costs) -> Trial:
        return Trial(ReasonCode.VAT, how, text, made)

    yield trial(
        "left_out",
        "no VAT was put on the price: both sums are the one excl. VAT",
        {part: Cost(cost.excl_vat, cost.excl_vat) for part, cost in costs.items()},
    )
    yield trial(
        "twice",
        "the price incl. VAT was taken for the one excl. VAT, and VAT was put on it again",
        {part: _again(cost) for part, cost in costs.items()},
    )
    yield trial(
        "prices_taken_as_gross",
        "the published prices, which exclude VAT, were taken to include it",
        {part: _from_gross(cost) for part, cost in costs.items()},
    )
    rate = _claimed_rate(case)
    if rate is not None:
        yield trial(
            "other_rate",
            f"VAT was put on at {rate:f} %, which is not the rate of the published tariff",
            {
                part: Cost(cost.excl_vat, cost.excl_vat * (1 + rate / _HUNDRED))
                for part, cost in costs.items()
            },
        )


def _again(cost: Cost) -> Cost:
    assert cost.incl_vat is not None, "asked before"
    if not cost.excl_vat:
        return cost
    return Cost(cost.incl_vat, cost.incl_vat * cost.incl_vat / cost.excl_vat)


def _from_gross(cost: Cost) -> Cost:
    assert cost.incl_vat is not None, "asked before"
    if not cost.incl_vat:
        return cost
    return Cost(cost.excl_vat * cost.excl_vat / cost.incl_vat, cost.excl_vat)


def _claimed_rate(case: Case) -> Decimal | None:
    """The rate that the claim's own two sums stand to each other in, to a tenth of a percent."""
    total = case.claimed[Part.TOTAL]
    if total.incl_vat is None or total.excl_vat <= 0:
        return None
    rate = (total.incl_vat / total.excl_vat - 1) * _HUNDRED
    near = rate.quantize(_TENTH).normalize()
    return near if 0 <= near <= _RATE_MAX else None


def limit_trials(case: Case) -> Iterator[Trial]:
    tariff, code = case.tariff, ReasonCode.LIMIT
    if tariff.max_price is not None:
        text = "the published maximum price was not applied"
        yield from by_tariff(case, code, "max_price", text, replace(tariff, max_price=None))
    if tariff.min_price is not None:
        text = "the published minimum price was not applied"
        yield from by_tariff(case, code, "min_price", text, replace(tariff, min_price=None))


def rounding_trials(case: Case) -> Iterator[Trial]:
    yield from _rounded_totals(case)
    if case.price.limit:
        return  # sums of lines say nothing beside a total that a limit made
    for how, words, items in (
        ("lines", "the cost of each component", by_component(case)),
        ("period_lines", "the cost of each component in each period", by_period(case)),
    ):
        for mode, said in _MODES.items():
            costs = [(one.part, _rounded(one.cost(), case.minor, mode)) for one in items]
            text = f"{words} was {said} to {case.minor:f} before adding up"
            yield Trial(ReasonCode.ROUNDING, how, text, added_up(costs))
    yield from _rounded_prices(case)
    yield from _rounded_volumes(case)


def _rounded(cost: Cost, unit: Decimal, mode: str) -> Cost:
    incl = cost.incl_vat
    return Cost(_to(cost.excl_vat, unit, mode), None if incl is None else _to(incl, unit, mode))


def _to(amount: Decimal, unit: Decimal, mode: str) -> Decimal:
    return (amount / unit).to_integral_value(mode) * unit


def _rounded_totals(case: Case) -> Iterator[Trial]:
    ours = costs_of(case.price)
    for unit in (case.minor, *_COARSE):
        for mode, said in _MODES.items():
            costs = {**ours, Part.TOTAL: _rounded(ours[Part.TOTAL], unit, mode)}
            text = f"the total was {said} to {unit:f}"
            yield Trial(ReasonCode.ROUNDING, "total", text, costs)


def _rounded_prices(case: Case) -> Iterator[Trial]:
    """A price per kWh or minute that is shown with VAT is often billed as it is shown."""
    items = by_component(case)
    if any(one.cost().incl_vat is None for one in items):
        return
    costs = [(one.part, _at_shown_price(one, case.minor)) for one in items]
    text = f"the price per unit incl. VAT was rounded to {case.minor:f} before multiplying"
    yield Trial(ReasonCode.ROUNDING, "unit_price", text, added_up(costs))


def _at_shown_price(item: Item, minor: Decimal) -> Cost:
    one = item.candidate
    timed = one.basis.dimension in {Dimension.TIME, Dimension.PARKING_TIME}
    shown = _to(one.gross / 60 if timed else one.gross, minor, ROUND_HALF_UP)
    incl = shown * item.used / 60 if timed else shown * item.used
    return Cost(incl * one.net / one.gross if one.gross else incl, incl)


def _rounded_volumes(case: Case) -> Iterator[Trial]:
    for kwh, seconds, words in (
        (Decimal("0.1"), 1, "0.1 kWh"),
        (Decimal(1), 1, "whole kWh"),
        (None, 60, "whole minutes"),
        (None, 3600, "whole hours"),
    ):
        for mode, said in _MODES.items():
            costs = []
            for one in by_component(case):
                unit = kwh if one.candidate.basis.dimension is Dimension.ENERGY else seconds
                flat = one.candidate.basis.dimension is Dimension.FLAT
                used = one.used if flat or unit is None else _to(one.used, Decimal(unit), mode)
                costs.append((one.part, one.cost(used)))
            text = f"what was used was {said} to {words}"
            yield Trial(ReasonCode.ROUNDING, "volume", text, added_up(costs))
