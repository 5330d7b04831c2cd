"""Do the taxes that a CDR lists add up? OCPI 2.3.0 tells amounts, but no base and no order.

Source: OCPI 2.3.0 types (Price, TaxAmount). In North America taxes may be raised on taxes, or on a
part of the price, so no amount can be worked out anew; sums can be checked (reading 20).
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.result import PriceWarning
from chalicelib.domain.tariff.usage import Cost

_ZERO = Decimal(0)
_SMALLEST = Decimal("0.0001")  # amounts carry 4 decimals


def check_sums(total: Cost, parts: Sequence[Cost]) -> tuple[PriceWarning, ...]:
    """Where a total is not the sum of what it is made of; `off` is by how much.

    Checked are the total against its own list of taxes, and each named tax against the sum of the
    `parts` (energy, time, …), where the parts are all there and list taxes. Rounding of each amount
    to 4 decimals is no difference. A tax is known by its name and account number.
    """
    found: list[PriceWarning] = []
    with localcontext(EXACT):
        listed = sum((tax.amount for tax in total.taxes), _ZERO)
        if total.taxes and total.incl_vat is not None:
            off = abs(total.excl_vat + listed - total.incl_vat)
            if off > _SMALLEST * len(total.taxes):
                text = "the total with taxes is not the total before them and its taxes"
                found.append(PriceWarning("tax_sum_differs", text, off))
        net = sum((part.excl_vat for part in parts), _ZERO)
        whole = abs(net - total.excl_vat) <= _SMALLEST * len(parts)
        if whole and any(part.taxes for part in parts):
            found.extend(_by_name(total, parts))
    return tuple(found)


def _by_name(total: Cost, parts: Sequence[Cost]) -> list[PriceWarning]:
    whole, summed = _amounts([total]), _amounts(parts)
    found = []
    for name, account in dict.fromkeys((*whole, *summed)):
        off = abs(whole.get((name, account), _ZERO) - summed.get((name, account), _ZERO))
        if off > _SMALLEST * (1 + len(parts)):
            text = f"the amounts of {name!r} do not add up to what the total says of it"
            found.append(PriceWarning("tax_sum_differs", text, off))
    return found


def _amounts(costs: Sequence[Cost]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for cost in costs:
        for tax in cost.taxes:
            key = (tax.name, tax.account_number)
            found[key] = found.get(key, _ZERO) + tax.amount
    return found
