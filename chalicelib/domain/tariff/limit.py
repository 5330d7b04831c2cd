"""What do a tariff's minimum and maximum price make of a session's total, and of its VAT?

Source: OCPI 2.2.1 mod_tariffs 11.3.1: the limit excl. VAT and the limit incl. VAT apply each to its
own total. OCPI does not say what the VAT of a limited total is: it is apportioned (reading 17).
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.tariff.result import TaxPart
from chalicelib.domain.tariff.tariff import PriceLimit, Tariff


class Total(NamedTuple):
    excl_vat: Decimal
    incl_vat: Decimal | None
    taxes: tuple[TaxPart, ...]
    limit: str = ""


def limited(tariff: Tariff, total: Total) -> Total:
    if tariff.min_price is not None:
        total = _limited(tariff, total, tariff.min_price, "min_price", max)
    if tariff.max_price is not None:
        total = _limited(tariff, total, tariff.max_price, "max_price", min)
    return total


def _limited(
    tariff: Tariff,
    total: Total,
    limit: PriceLimit,
    name: str,
    pick: Callable[[Decimal, Decimal], Decimal],
) -> Total:
    excl, incl = total.excl_vat, total.incl_vat
    if limit.excl_vat is not None:
        excl = pick(excl, limit.excl_vat)
    if limit.incl_vat is not None and incl is not None:
        incl = pick(incl, limit.incl_vat)
    if (excl, incl) == (total.excl_vat, total.incl_vat):
        return total
    if limit.incl_vat is None:
        incl = _scaled(total.incl_vat, total.excl_vat, excl, _only_factor(tariff))
    elif limit.excl_vat is None and total.incl_vat is not None and incl is not None:
        factor = _only_factor(tariff)
        inverse = None if factor is None else 1 / factor
        excl = _scaled(total.excl_vat, total.incl_vat, incl, inverse) or Decimal(0)
    return Total(excl, incl, _apportioned(tariff, total, excl, incl), name)


def _scaled(
    other: Decimal | None, before: Decimal, after: Decimal, factor: Decimal | None
) -> Decimal | None:
    """The side that the limit does not name follows the side that it does."""
    if other is None:
        return None
    if before:
        return other * after / before
    return None if factor is None else after * factor


def _rates(tariff: Tariff) -> set[Decimal | None]:
    return {one.vat for element in tariff.elements for one in element.price_components}


def _only_factor(tariff: Tariff) -> Decimal | None:
    rates = _rates(tariff)
    rate = rates.pop() if len(rates) == 1 else None
    return None if rate is None else 1 + rate / 100


def _apportioned(
    tariff: Tariff, total: Total, excl: Decimal, incl: Decimal | None
) -> tuple[TaxPart, ...]:
    """Each rate's part moves with its total; the last takes what a quotient leaves."""
    if not total.taxes:  # nothing was used, and a minimum is due
        rates = _rates(tariff)
        return (TaxPart(rates.pop() if len(rates) == 1 else None, excl, incl),)
    parts: list[TaxPart] = []
    for part in total.taxes[:-1]:
        part_incl = None
        if incl is not None and part.incl_vat is not None and total.incl_vat:
            part_incl = part.incl_vat * incl / total.incl_vat
        parts.append(TaxPart(part.vat, part.excl_vat * excl / total.excl_vat, part_incl))
    rest_excl = excl - sum(part.excl_vat for part in parts)
    rest_incl = None if incl is None else incl - sum(part.incl_vat or 0 for part in parts)
    return (*parts, replace(total.taxes[-1], excl_vat=rest_excl, incl_vat=rest_incl))
