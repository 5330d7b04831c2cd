"""In which unit does Stripe count each currency? (docs.stripe.com/currencies, special cases)"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.stripe.amounts import (
    AmountNotPayable,
    to_money,
    to_stripe,
    to_stripe_payout,
)
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


@pytest.mark.parametrize("code", ["HUF", "TWD"])
def test_a_payout_of_a_part_of_a_forint_is_refused_and_a_charge_is_not(code: str) -> None:
    assert to_stripe(Money(1045, currency(code))) == 1045
    with pytest.raises(AmountNotPayable):
        to_stripe_payout(Money(1045, currency(code)))
    assert to_stripe_payout(Money(1000, currency(code))) == 1000


@given(st.integers(0, 10**8), st.sampled_from(["EUR", "GBP", "CHF", "JPY", "ISK", "UGX", "NOK"]))
def test_what_is_sent_comes_back_the_same(minor: int, code: str) -> None:
    money = Money(minor, currency(code))
    assert to_money(to_stripe(money), code.lower()) == money
