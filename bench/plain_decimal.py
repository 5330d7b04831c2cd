"""How fast is a loop that only multiplies? The yardstick of `bench/pricing.py`, no tariff logic.

One component, no restrictions, no steps, no limits, no checks; but Decimal, and the same frozen
result objects, since an explanation is part of a price.
"""

from decimal import Decimal

from chalicelib.domain.tariff.result import Basis, Price, PriceLine, TaxPart
from chalicelib.domain.tariff.usage import Usage

_ZERO = Decimal(0)


def plain_price(basis: Basis, usage: Usage) -> Price:
    """Energy times the price of `basis`, plus its VAT."""
    kwh, vat = _ZERO, basis.vat or _ZERO
    for period in usage.periods:
        kwh += period.energy_kwh or _ZERO
    excl = basis.price * kwh
    incl = excl * (1 + vat / 100)
    line = PriceLine(0, usage.start, basis, kwh, _ZERO, excl, incl)
    return Price(excl, incl, (line,), (TaxPart(vat, excl, incl),))
