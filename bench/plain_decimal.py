"""How fast is a loop that only multiplies? The yardstick of `bench/pricing.py`, no tariff logic.

One component, no restrictions, no steps, no limits, no checks; but Decimal, and the same frozen
result objects, since an explanation is part of a price.
"""

from decimal import Decimal

from chalicelib.domain.tariff.result import Price, PriceLine, TaxPart
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.usage import Usage

_ZERO = Decimal(0)


def plain_price(unit: Decimal, vat: Decimal, usage: Usage) -> Price:
    """Energy times `unit`, plus `vat` percent."""
    kwh = _ZERO
    for period in usage.periods:
        kwh += period.energy_kwh or _ZERO
    excl = unit * kwh
    incl = excl * (1 + vat / 100)
    line = PriceLine(Dimension.ENERGY, 0, False, kwh, _ZERO, unit, vat, excl, incl)  # noqa: FBT003 - by place, like the rest
    return Price(excl, incl, (line,), (TaxPart(vat, excl, incl),))
