"""Which parts does a cost have in a CDR, and does each agree with ours, by whose rule?

Source: OCPI 2.2.1 mod_cdrs 10.3.1 (total_*_cost). Parts are sums before a minimum or maximum price;
the total is the one after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.compare import open_amount
from chalicelib.domain.tariff.result import ComponentSum, Price
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.usage import Cost, Costs, Part

_ZERO = Decimal(0)
_DIGITS_END = Decimal("1e-20")  # of a quotient that does not terminate
_OCPI_NUMBER = Decimal("0.00005")


_PART = {
    Dimension.FLAT: Part.FIXED,
    Dimension.ENERGY: Part.ENERGY,
    Dimension.TIME: Part.TIME,
    Dimension.PARKING_TIME: Part.PARKING,
}


def part_of(dimension: Dimension, *, reservation: bool) -> Part:
    """A reservation's components are its own part, its FLAT among them."""
    return Part.RESERVATION if reservation else _PART[dimension]


class Match(StrEnum):
    EQUAL = "equal"
    WITHIN_TOLERANCE = "within_tolerance"
    DIFFERS = "differs"
    NOT_STATED = "not_stated"  # OCPI leaves every part but the total to the CPO


class Whose(StrEnum):
    OCPI = "OCPI"
    CPO = "CPO"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The first rule that a difference stays within, whose it is, and how much it allows."""

    rule: str
    whose: Whose
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PartCheck:
    """`excl_more`, `incl_more`: how much more is claimed than computed; negative: less."""

    part: Part
    match: Match
    computed: Cost
    claimed: Cost | None = None
    excl_more: Decimal | None = None
    incl_more: Decimal | None = None
    tolerance: Tolerance | None = None


def costs_of(price: Price) -> Costs:
    """The price's total and the parts that its lines belong to."""
    with localcontext(EXACT):
        found = {Part.TOTAL: Cost(price.excl_vat, price.incl_vat)}
        by_part: dict[Part, list[ComponentSum]] = {}
        for line in price.components:
            part = part_of(line.basis.dimension, reservation=line.basis.reservation)
            by_part.setdefault(part, []).append(line)
        for part, lines in by_part.items():
            found[part] = total_of([Cost(line.excl_vat, line.incl_vat) for line in lines])
        return found


def total_of(costs: Sequence[Cost]) -> Cost:
    """Incl. VAT only where each of them is."""
    excl = sum((cost.excl_vat for cost in costs), _ZERO)
    incl = [cost.incl_vat for cost in costs if cost.incl_vat is not None]
    return Cost(excl, sum(incl, _ZERO) if len(incl) == len(costs) else None)


def check_parts(price: Price, claimed: Costs, minor: Decimal) -> tuple[PartCheck, ...]:
    """Every part that either side has, the total first. `minor` is the currency's smallest unit."""
    ours = costs_of(price)
    rules = tuple(_rules(price, minor))
    found = []
    with localcontext(EXACT):
        for part in Part:
            if part in ours or part in claimed:
                computed, told = ours.get(part, Cost(_ZERO, _ZERO)), claimed.get(part)
                found.append(_check(part, computed, told, rules, net=price.excl_known))
    return tuple(found)


def differences(computed: Cost, claimed: Cost) -> tuple[Decimal, Decimal | None]:
    """How much more is claimed, excl. and incl. VAT; None where a side makes no statement."""
    incl = None
    if claimed.incl_vat is not None and computed.incl_vat is not None:
        incl = claimed.incl_vat - computed.incl_vat
    return claimed.excl_vat - computed.excl_vat, incl


def _check(
    part: Part, computed: Cost, claimed: Cost | None, rules: Sequence[Tolerance], *, net: bool
) -> PartCheck:
    if claimed is None:
        return PartCheck(part, Match.NOT_STATED, computed)
    excl, incl = differences(computed, claimed)
    sizes = [
        abs(more) for more in (excl if net or incl is None else None, incl) if more is not None
    ]
    most = max(sizes)
    if most <= _DIGITS_END:
        return PartCheck(part, Match.EQUAL, computed, claimed, excl, incl)
    fitting = next((rule for rule in rules if most <= rule.amount), None)
    match = Match.DIFFERS if fitting is None else Match.WITHIN_TOLERANCE
    return PartCheck(part, match, computed, claimed, excl, incl, fitting)


def _rules(price: Price, minor: Decimal) -> Iterator[Tolerance]:
    """From the narrowest on."""
    yield Tolerance("ocpi_number_4_decimals", Whose.OCPI, _OCPI_NUMBER)
    yield Tolerance("rounded_to_minor_unit", Whose.CPO, minor / 2)
    yield Tolerance("one_minor_unit_is_agreement", Whose.CHANNEL, minor)
    with localcontext(EXACT):
        left_open = open_amount(price)
        if left_open:
            yield Tolerance("readings_leave_open", Whose.CHANNEL, left_open + minor)
