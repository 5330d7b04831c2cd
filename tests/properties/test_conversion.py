"""What must hold of every conversion at published rates?"""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.fx.rates import DailyRates, convert
from chalicelib.domain.money import Currency, Money, exponent

CODES = ("EUR", "SEK", "CHF", "HUF", "JPY", "ISK", "KWD", "BHD")  # 2, 0 and 3 decimals
RATES = DailyRates(
    date(2026, 11, 20),
    {
        k: Decimal(v)
        for k, v in {
            "SEK": "11.0375",
            "CHF": "0.9312",
            "HUF": "391.25",
            "JPY": "163.2",
            "ISK": "143.10",
            "KWD": "0.33",
            "BHD": "0.41",
        }.items()
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


@given(amounts, codes, st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10**4)), max_size=4))
def test_a_margin_is_its_part_of_the_worth_and_nothing_gets_lost(
    money: Money, to: Currency, shares: list[tuple[int, int]]
) -> None:
    weights = [weight for weight, _ in shares]
    parts = money.split(weights) if sum(weights) else []
    margins = [
        (part, Decimal(share).scaleb(-4)) for part, (_, share) in zip(parts, shares, strict=False)
    ]
    kept = convert(money, to, RATES, margins=margins)
    assert kept.at_rate == convert(money, to, RATES).got
    if money.currency != to:
        exact = sum((p.exact * m for p, m in margins), Decimal(0)) * RATES.of(to)
        margin = kept.margin or Money.zero(to)
        apart = abs(margin.exact - exact / RATES.of(money.currency))
        assert apart <= Money(1, to).exact / 2 + Decimal("1e-15")


@given(amounts, st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any))
def test_a_split_in_any_currency_neither_makes_nor_loses_money(
    money: Money, weights: list[int]
) -> None:
    assert sum(part.minor for part in money.split(weights)) == money.minor


@given(amounts)
def test_an_amount_is_written_with_its_currencys_decimals_and_read_back(money: Money) -> None:
    text = str(money).split()[0]
    decimals = len(text.partition(".")[2])
    assert decimals == exponent(money.currency)
    assert Money.rounded(Decimal(text), money.currency) == money
