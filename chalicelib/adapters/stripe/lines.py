"""In which currency does a payment lie at Stripe? Its balance transaction says it.

An account has a balance in each currency in which it has a bank account. What it is paid in another
one is converted into its default currency at once, and converted back at the day's rate when it is
refunded or disputed. Source: docs.stripe.com/currencies/conversions and …/disputes-refunds, and the
balance transaction's `exchange_rate`, read November 2026.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from chalicelib.adapters.stripe.amounts import to_money
from chalicelib.domain.fx.rates import Conversion, rate_between
from chalicelib.domain.money import Money

_SOURCE = "provider: stripe"


def gross_of(line: Mapping[str, Any]) -> Money:
    """What the balance moved by, before the fee."""
    return to_money(line["amount"], line["currency"])


def moved_as(money: Money, line: object) -> Conversion | None:
    """What the balance moved by for `money` (negative: it left), the same if it is of its currency.

    `line` is the balance transaction; its bare id, or none, says nothing yet.
    """
    if not isinstance(line, Mapping):
        return None
    got, said = gross_of(line), line.get("exchange_rate")
    # Where an earlier conversion is undone there may be no rate.
    rate = rate_between(money, got) if said is None else Decimal(str(said))
    day = datetime.fromtimestamp(line["created"], UTC).date()
    return Conversion(money, got, rate, day, _SOURCE)


def converted(money: Money, line: object) -> Conversion | None:
    """What Stripe made of `money` in another currency; None: nothing, or it does not say yet."""
    by = moved_as(money, line)
    return None if by is None or by.got.currency == money.currency else by
