"""What is owed for what was billed? Prices, taxes and limits, as fractions.

Part of the reference engine (tariff_reference.py): written from OCPI's text and our readings (T).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from chalicelib.domain.tariff.tariff import PriceComponent, Tariff, TaxIncluded
from tests.properties.reference_billing import Billed

Parts = dict[Decimal | None, "Amounts"]  # what is owed at each rate of VAT
NOTHING = Fraction(0)


@dataclass(frozen=True)
class Amounts:
    """Without and with tax; None: cannot be known, since a rate is needed that nobody states."""

    excl: Fraction | None = NOTHING
    incl: Fraction | None = NOTHING

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(_plus(self.excl, other.excl), _plus(self.incl, other.incl))


def owed(use: Billed) -> Amounts:
    """VAT is the component's (T 18); a price may include it, or no tax be due at all (T 19)."""
    stated = (use.quantity + use.step) * Fraction(use.component.price)
    if not stated or use.tariff.tax_included is TaxIncluded.NA:
        return Amounts(stated, stated)
    rate = None if use.component.vat is None else 1 + Fraction(use.component.vat) / 100
    if use.tariff.tax_included is TaxIncluded.YES:
        return Amounts(None if rate is None else stated / rate, stated)
    return Amounts(stated, None if rate is None else stated * rate)


def by_rate(uses: Sequence[Billed]) -> Parts:
    """A component has one rate, known or not: what comes and goes by it is nothing at any rate."""
    sums: dict[tuple[str, int, PriceComponent], Billed] = {}
    for use in uses:
        key = (use.tariff.id, use.element, use.component)
        before = sums[key].quantity if key in sums else NOTHING
        sums[key] = replace(use, quantity=before + use.quantity + use.step, step=NOTHING)
    parts: dict[Decimal | None, Amounts] = {}
    for use in sums.values():
        untaxed = use.tariff.tax_included is TaxIncluded.NA
        rate = None if untaxed else use.component.vat
        parts[rate] = parts.get(rate, Amounts()) + owed(use)
    return parts


def total_of(parts: Parts) -> Amounts:
    return sum(parts.values(), Amounts())


def limited(tariff: Tariff, parts: Parts) -> Parts:
    """The minimum first, then the maximum; each side of a limit to its own total (T 17)."""
    for limit, bounded in ((tariff.min_price, _raised), (tariff.max_price, _lowered)):
        if limit is None:
            continue
        total = total_of(parts)
        excl = bounded(total.excl, limit.excl_vat)
        incl = bounded(total.incl, limit.incl_vat)
        ratio = _ratio(tariff, parts)
        if limit.incl_vat is None and excl != total.excl:
            incl = None if incl is None or excl is None or ratio is None else excl * ratio
        if limit.excl_vat is None and incl != total.incl:
            excl = None if incl is None or excl is None or ratio is None else incl / ratio
        parts = _shared(tariff, parts, total, Amounts(excl, incl))
    return parts


def _raised(amount: Fraction | None, least: Decimal | None) -> Fraction | None:
    return amount if amount is None or least is None else max(amount, Fraction(least))


def _lowered(amount: Fraction | None, most: Decimal | None) -> Fraction | None:
    return amount if amount is None or most is None else min(amount, Fraction(most))


def _ratio(tariff: Tariff, parts: Parts) -> Fraction | None:
    """From excl. to incl. VAT, where a limit names one side only.

    As in the total. A rebate beside a price leaves no proportion: the rate of the most money
    counts. Nor is there one of nothing: there, only a rate that the whole tariff shares can tell.
    """
    total = total_of(parts)
    if total.excl is None or total.incl is None:
        return None
    if _has_both_signs(parts):
        return 1 + Fraction(_rate_of_most(parts) or 0) / 100
    if total.excl:
        return total.incl / total.excl
    if tariff.tax_included is TaxIncluded.NA:
        return Fraction(1)
    rate = _only_rate(tariff)
    return None if rate is None else 1 + Fraction(rate) / 100


def _only_rate(tariff: Tariff) -> Decimal | None:
    """The one that all components state, if tax is due at all."""
    rates = {part.vat for element in tariff.elements for part in element.price_components}
    due = tariff.tax_included is not TaxIncluded.NA
    return rates.pop() if due and len(rates) == 1 else None


def _shared(tariff: Tariff, parts: Parts, old: Amounts, new: Amounts) -> Parts:
    """All rates share the change in proportion; beside a rebate, that of the most money has it."""
    if new == old:
        return parts
    if _has_both_signs(parts):
        most = _rate_of_most(parts)
        rest = total_of({rate: part for rate, part in parts.items() if rate != most})
        return parts | {most: Amounts(_less(new.excl, rest.excl), _less(new.incl, rest.incl))}
    if (old.excl == 0 != new.excl) or (old.incl == 0 != new.incl):
        return {_only_rate(tariff): new}
    return {
        rate: Amounts(
            _scaled(part.excl, old.excl, new.excl), _scaled(part.incl, old.incl, new.incl)
        )
        for rate, part in parts.items()
    }


def _has_both_signs(parts: Parts) -> bool:
    sums = [_size(part) for part in parts.values()]
    return any(one > 0 for one in sums) and any(one < 0 for one in sums)


def _rate_of_most(parts: Parts) -> Decimal | None:
    return max(parts, key=lambda rate: abs(_size(parts[rate])))


def _size(part: Amounts) -> Fraction:
    """Net, and where that cannot be derived, gross."""
    return (part.incl if part.excl is None else part.excl) or NOTHING


def _scaled(part: Fraction | None, old: Fraction | None, new: Fraction | None) -> Fraction | None:
    if part is None or old is None or new is None:
        return None
    return part if new == old else part * new / old


def _less(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def _plus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other
