"""In which unit does Stripe count each currency? (docs.stripe.com/currencies, special cases)"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.stripe.amounts import AmountNotPayable, to_money, to_stripe
from chalicelib.domain.money import Money, currency


@pytest.mark.parametrize(
    ("code", "minor", "sent"),
    [("EUR", 1749, 1749), ("JPY", 500, 500), ("ISK", 500, 50_000), ("KWD", 1230, 1230)],
)
def test_amounts_are_sent_in_stripes_unit(code: str, minor: int, sent: int) -> None:
    assert to_stripe(Money(minor, currency(code))) == sent


def test_a_thousandth_that_stripe_cannot_move_is_refused() -> None:
    with pytest.raises(AmountNotPayable):
        to_stripe(Money(1234, currency("KWD")))


@given(st.integers(0, 10**8), st.sampled_from(["EUR", "GBP", "CHF", "JPY", "ISK", "UGX", "NOK"]))
def test_what_is_sent_comes_back_the_same(minor: int, code: str) -> None:
    money = Money(minor, currency(code))
    assert to_money(to_stripe(money), code.lower()) == money
