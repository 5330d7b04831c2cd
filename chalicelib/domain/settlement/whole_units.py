"""How much of a sum can be paid out? In some currencies banks and providers move whole units only.

What is left is owed on, and comes with the payee's next payout.
"""

from chalicelib.domain.money import Money

# Minor units of ISO 4217 in the smallest sum that is paid out (docs.stripe.com/currencies, special
# cases, read November 2026): whole forints and dollars; the last of three decimals is zero.
_SMALLEST = {"HUF": 100, "TWD": 100, "BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}


def paid_out(money: Money) -> tuple[Money, Money]:
    """What can be paid out of a sum, and what is left of it."""
    rest = money.minor % _SMALLEST.get(money.currency, 1)
    left = Money(rest, money.currency)
    return money - left, left
