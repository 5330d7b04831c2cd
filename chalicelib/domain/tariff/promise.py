"""What does a session cost by what was promised, where its CPO names several of its tariffs?

The driver agreed to one tariff before the session: that is the ceiling. Another one that the CPO
published, and names for a period, can make the session cheaper and never dearer.
"""

from collections.abc import Sequence
from decimal import Decimal

from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.price import price, price_session
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import Usage


def promised(agreed: PreparedTariff, others: Sequence[PreparedTariff], usage: Usage) -> Price:
    """By `agreed` alone, or each period by the one that it names, whichever is less.

    All in one currency. Raises Invalid for a negative time.
    """
    alone = price(agreed, usage)
    if not others:
        return alone
    named = {one.tariff.id: one for one in (agreed, *others)}
    together = price_session(named, usage, agreed)
    with_vat = alone.incl_vat is not None and together.incl_vat is not None
    return min(alone, together, key=lambda one: _due(one, with_vat=with_vat))


def _due(one: Price, *, with_vat: bool) -> Decimal:
    return one.incl_vat if with_vat and one.incl_vat is not None else one.excl_vat
