"""What must hold of every conversion at published rates?"""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.fx.rates import DailyRates, convert
from chalicelib.domain.money import Currency, Money

CODES = ("EUR", "SEK", "CHF", "JPY", "KWD")
RATES = DailyRates(
    date(2026, 11, 20),
    {
        k: Decimal(v)
        for k, v in {"SEK": "11.0375", "CHF": "0.9312", "JPY": "163.2", "KWD": "0.33"}.items()
    },
    "test",
)
amounts = st.builds(Money, st.integers(-(10**10), 10**10), st.sampled_from(CODES).map(Currency))
codes = st.sampled_from(CODES).map(Currency)


@given(amounts, codes)
def test_a_conversion_is_the_exact_product_rounded_half_up(money: Money, to: Currency) -> None:
    got = convert(money, to, RATES).got
    exact = money.exact * RATES.of(to) / RATES.of(money.currency)
    unit = Money(1, to).exact
    assert got.currency == to
    assert abs(got.exact - exact) <= unit / 2 + Decimal("1e-15")


@given(amounts, codes)
def test_a_debt_converts_like_a_credit(money: Money, to: Currency) -> None:
    assert convert(-money, to, RATES).got == -convert(money, to, RATES).got


@given(amounts)
def test_the_same_currency_is_left_alone(money: Money) -> None:
    conversion = convert(money, money.currency, RATES)
    assert (conversion.got, conversion.rate) == (money, Decimal(1))
