"""Why is everybody due exactly this of a session? The split, line by line, to check by hand.

Lines come in the order of the money. A line whose `amount` is empty is part of the next that has
one: their exact values are added (bounds replace the sum) and rounded once, half up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext

from chalicelib.domain.agreement.terms import Bearer
from chalicelib.domain.money import EXACT, Money
from chalicelib.domain.revenue.allocate import Allocation, Sale, Worked, rebate_of, worked
from chalicelib.domain.revenue.fee import Fee
from chalicelib.domain.tax.leg import Leg, LegName, Treatment

_ROUNDED = "rounded once, half up"
_FROM_LEGS = "what it sells less what it buys"


@dataclass(frozen=True, slots=True)
class SplitLine:
    """`of`: what the line is part of. `exact`: unrounded, in major units. `why` cites the rule."""

    of: str
    term: str
    base: str
    rate: str
    exact: Decimal
    amount: Money | None
    why: str = ""


def explain(sale: Sale, found: Worked | None = None) -> tuple[SplitLine, ...]:
    """The lines of a sale; those of `due` sum to what the driver pays. Raises as `allocate`.

    `found` is how it was worked out, where that is known.
    """
    return tuple(_lines(sale, found or worked(sale)))


def _lines(sale: Sale, found: Worked) -> Iterator[SplitLine]:
    allocation = found.allocation
    yield _sum("price", "by the tariff, VAT included", sale.price)
    yield from _rebate(sale, allocation)
    yield _sum("gross", "the driver pays", allocation.gross, "price less rebate")
    yield _sum("net", "the price without its VAT", found.net, "before any rebate")
    yield from _fee("commission", found.commission)
    yield from _fee("partner_share", found.share)
    for leg in allocation.legs:
        yield from _leg(leg)
    yield from _dues(allocation)


def _rebate(sale: Sale, allocation: Allocation) -> Iterator[SplitLine]:
    if allocation.rebate is None or allocation.rebate_by is None:
        return
    figured = rebate_of(sale.agreement, sale.price, sale.use)
    assert figured is not None, "a rebate is granted by the agreement"
    yield from _fee("rebate", Fee(allocation.rebate, figured.steps), allocation.rebate_by.value)


def _fee(of: str, fee: Fee, paid_by: str = "") -> Iterator[SplitLine]:
    for step in fee.steps:
        yield SplitLine(of, step.term, step.base, step.rate, step.exact, None)
    why = f"{_ROUNDED}; paid by {paid_by}" if paid_by else _ROUNDED
    yield _sum(of, "sum", fee.amount, why)


def _leg(leg: Leg) -> Iterator[SplitLine]:
    name = f"{leg.name.value}: {leg.seller} to {leg.buyer}"
    yield _sum(name, "net", leg.net)
    inside = leg.name is LegName.DRIVER  # the driver's price has its VAT inside
    base = leg.gross if inside else leg.net
    rate = leg.rate if leg.treatment is Treatment.CHARGED else Decimal(0)
    with localcontext(EXACT):
        exact = base.exact * rate / (1 + rate) if inside else base.exact * rate
    shown = f"{rate:f} of {1 + rate:f}" if inside else f"{rate:f}"
    why = f"{leg.reason}; {leg.source}"
    yield SplitLine(name, f"VAT {leg.jurisdiction}", str(base), shown, exact, leg.vat, why)


def _dues(allocation: Allocation) -> Iterator[SplitLine]:
    by = allocation.rebate_by
    partner = " and the rebate" if by is Bearer.PARTNER else ""
    yield _sum("due", f"{allocation.cpo_id}", allocation.cpo_due, _FROM_LEGS)
    yield _sum("due", f"{allocation.partner_id}", allocation.partner_due, _FROM_LEGS + partner)
    yield _sum("due", "platform", allocation.platform, "the nets that are left")
    for country, money in allocation.vat_due.items():
        yield _sum("due", f"VAT {country}", money, "the channel's output less its input VAT")


def _sum(of: str, term: str, money: Money, why: str = "") -> SplitLine:
    return SplitLine(of, term, "", "", money.exact, money, why)
