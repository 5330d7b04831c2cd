"""How are our minor units written in Stripe's? The same, but for a few currencies.

Source: docs.stripe.com/currencies (special cases), read November 2026.
"""

from chalicelib.domain.errors import Rejected
from chalicelib.domain.money import Currency, Money, currency
from chalicelib.domain.settlement.whole_units import paid_out

# ISO 4217 has no decimals for these; Stripe takes two, which must be zero.
_HUNDREDFOLD = {"ISK", "UGX"}
# Three decimals, of which Stripe takes two: the last must be zero.
_WHOLE_TENS = {"BHD", "JOD", "KWD", "OMR", "TND"}


class AmountNotPayable(Rejected):
    code = "amount_not_payable"

    def __init__(self, money: Money) -> None:
        super().__init__(f"the payment provider cannot move {money}: its unit is larger")
        self.money = money


def to_stripe(money: Money) -> int:
    if money.currency in _HUNDREDFOLD:
        return money.minor * 100
    if money.currency in _WHOLE_TENS and money.minor % 10:
        raise AmountNotPayable(money)
    return money.minor


def to_stripe_payout(money: Money) -> int:
    """Raises AmountNotPayable for a payout that is not in the bank's whole units."""
    _, left = paid_out(money)  # some are charged with two decimals and paid out without
    if left.minor:
        raise AmountNotPayable(money)
    return to_stripe(money)


def to_money(amount: int, code: str) -> Money:
    """Stripe's integer and lower-case code; what it says of ISK is whole krónur."""
    ours = currency(code)
    return Money(amount // 100 if ours in _HUNDREDFOLD else amount, ours)


def to_code(code: Currency) -> str:
    return code.lower()
