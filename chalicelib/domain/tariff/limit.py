"""What do a tariff's minimum and maximum price make of a session's total, and of its VAT?

Source: OCPI 2.2.1 mod_tariffs 11.3.1: the limit excl. VAT and the limit incl. VAT apply each to its
own total. OCPI does not say what the VAT of a limited total is: it is apportioned (reading 17).
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.tariff.meter import Notes
from chalicelib.domain.tariff.remark import HIGHEST_VAT
from chalicelib.domain.tariff.result import LimitEffect, TaxPart
from chalicelib.domain.tariff.tariff import PriceLimit, Tariff, TaxIncluded

_ZERO, _ONE = Decimal(0), Decimal(1)
_HUNDRED = 100
Pick = Callable[[Decimal, Decimal], Decimal]


class Total(NamedTuple):
    """`excl_known` False: tax is included at no stated rate, and `excl_vat` is the sum with it."""

    excl_vat: Decimal
    incl_vat: Decimal | None
    taxes: tuple[TaxPart, ...]
    limits: tuple[LimitEffect, ...] = ()
    excl_known: bool = True


def limited(tariff: Tariff, total: Total, notes: Notes) -> Total:
    if tariff.min_price is not None:
        total = _limited(tariff, total, tariff.min_price, "min_price", max, notes)
    if tariff.max_price is not None:
        total = _limited(tariff, total, tariff.max_price, "max_price", min, notes)
    return total


def _limited(
    tariff: Tariff, total: Total, limit: PriceLimit, name: str, pick: Pick, notes: Notes
) -> Total:
    _warn_of_unknown(total, limit, name, notes)
    excl, incl = total.excl_vat, total.incl_vat
    if limit.excl_vat is not None and total.excl_known:
        excl = pick(excl, limit.excl_vat)
    if limit.incl_vat is not None and incl is not None:
        incl = pick(incl, limit.incl_vat)
    if (excl, incl) == (total.excl_vat, total.incl_vat):
        return total
    if not total.excl_known and incl is not None:
        excl = incl
    elif limit.incl_vat is None and total.incl_vat is not None:
        incl = _moved(tariff, total, excl, net=False)
        _warn_of_side(tariff, total, name, (excl, excl if incl is None else incl), notes)
    elif limit.excl_vat is None and total.incl_vat is not None and incl is not None:
        moved = _moved(tariff, total, incl, net=True)
        # Nothing was used and several rates could apply: the net is not above the gross.
        excl = incl if moved is None else moved
        _warn_of_side(tariff, total, name, (excl, incl), notes)
    if len(total.taxes) > 1:
        text = f"{name} was divided between the VAT rates in proportion"
        notes.add("limit_apportioned", text)
    added = None if incl is None or total.incl_vat is None else incl - total.incl_vat
    effect = LimitEffect(name, tariff.id, excl - total.excl_vat, added)
    taxes = _apportioned(tariff, total, excl, incl)
    return Total(excl, incl, taxes, (*total.limits, effect), total.excl_known)


def _warn_of_side(
    tariff: Tariff, total: Total, name: str, sums: tuple[Decimal, Decimal], notes: Notes
) -> None:
    """With one rate there is one answer; with several, all of it may be at either end of them."""
    rates = {part.vat for part in total.taxes} or _rates(tariff)
    stated = [rate for rate in rates if rate is not None]
    if None in rates and not total.taxes:  # nothing was used, at a rate that nobody states
        stated += [_ZERO, HIGHEST_VAT]
    excl, incl = sums
    ends = [excl * (1 + rate / _HUNDRED) - incl for rate in stated]
    off = max(abs(end) for end in ends) if len(set(stated)) > 1 else _ZERO
    text = f"{name} names one side of the VAT; the other side was moved along"
    notes.add("limit_one_side", text, off, name)


def _warn_of_unknown(total: Total, limit: PriceLimit, name: str, notes: Notes) -> None:
    """A limit of a side that is not known: what it could matter at any rate of the EU."""
    highest = 1 + HIGHEST_VAT / _HUNDRED
    if limit.incl_vat is not None and total.incl_vat is None:
        bound, low, high = limit.incl_vat, total.excl_vat, total.excl_vat * highest
    elif limit.excl_vat is not None and not total.excl_known and total.incl_vat is not None:
        bound, low, high = limit.excl_vat, total.incl_vat / highest, total.incl_vat
    else:
        return
    off = max(_ZERO, bound - low if name == "min_price" else high - bound)
    if off:
        text = f"{name} limits a sum that is not known here, and was not applied"
        notes.add("limit_not_verifiable", text, off, name)


def _moved(tariff: Tariff, total: Total, after: Decimal, *, net: bool) -> Decimal | None:
    """The side that the limit does not name, `net` or gross, follows the side that it does.

    A rebate beside a price leaves no proportion to keep: the largest part's rate then counts.
    """
    if total.taxes and total.incl_vat and _proportional(total.taxes):
        before, other = total.excl_vat, total.incl_vat
        return other * after / before if not net else before * after / other
    factor = _only_factor(tariff)
    if total.taxes:
        factor = 1 + (_largest(total.taxes).vat or _ZERO) / _HUNDRED
    if factor is None:
        return None
    return after / factor if net else after * factor


def _proportional(taxes: tuple[TaxPart, ...]) -> bool:
    """Whether no rate's sum stands against another's; a rate whose sum is nothing is no matter."""
    least, most = (pick(part.excl_vat for part in taxes) for pick in (min, max))
    return least >= 0 < most or least < 0 >= most


def _largest(taxes: tuple[TaxPart, ...]) -> TaxPart:
    return max(taxes, key=lambda part: abs(part.excl_vat))


def _rates(tariff: Tariff) -> set[Decimal | None]:
    if tariff.tax_included is TaxIncluded.NA:
        return set()
    return {one.vat for element in tariff.elements for one in element.price_components}


def _only_factor(tariff: Tariff) -> Decimal | None:
    if tariff.tax_included is TaxIncluded.NA:
        return _ONE
    rates = _rates(tariff)
    rate = rates.pop() if len(rates) == 1 else None
    return None if rate is None else 1 + rate / _HUNDRED


def _apportioned(
    tariff: Tariff, total: Total, excl: Decimal, incl: Decimal | None
) -> tuple[TaxPart, ...]:
    """Each rate's part moves with its total; the largest takes what a quotient leaves."""
    if not total.taxes:  # nothing was used, and a minimum is due
        rates = _rates(tariff)
        return (TaxPart(rates.pop() if len(rates) == 1 else None, excl, incl),)
    parts, largest = list(total.taxes), total.taxes.index(_largest(total.taxes))
    if _proportional(total.taxes):
        parts = [
            TaxPart(
                part.vat,
                part.excl_vat * excl / total.excl_vat,
                None
                if incl is None or not total.incl_vat
                else (part.incl_vat or _ZERO) * incl / total.incl_vat,
            )
            for part in parts
        ]
    others = [part for number, part in enumerate(parts) if number != largest]
    rest_excl = excl - sum(part.excl_vat for part in others)
    rest_incl = None if incl is None else incl - sum(part.incl_vat or 0 for part in others)
    parts[largest] = replace(parts[largest], excl_vat=rest_excl, incl_vat=rest_incl)
    return tuple(parts)
