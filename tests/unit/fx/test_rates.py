from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.fx.rates import (
    CurrencyNotPublished,
    DailyRates,
    NoPublishedRates,
    convert,
    last_published,
)
from chalicelib.domain.money import Currency, Money

EUR, SEK, CHF, JPY = map(Currency, ("EUR", "SEK", "CHF", "JPY"))
FRIDAY = DailyRates(date(2026, 11, 20), {"SEK": Decimal("11.0375"), "CHF": Decimal("0.9312")}, "f")
THURSDAY = DailyRates(date(2026, 11, 19), {"SEK": Decimal("11.0000")}, "t")


@pytest.mark.parametrize("day", [20, 21, 22])
def test_a_weekend_takes_fridays_rates(day: int) -> None:
    assert last_published([THURSDAY, FRIDAY], date(2026, 11, day)) == FRIDAY


def test_rates_of_a_later_day_are_never_used() -> None:
    assert last_published([THURSDAY, FRIDAY], date(2026, 11, 19)) == THURSDAY


@pytest.mark.parametrize("day", [date(2026, 11, 28), date(2026, 11, 18)])
def test_rates_that_are_too_old_or_not_there_are_refused(day: date) -> None:
    with pytest.raises(NoPublishedRates):
        last_published([THURSDAY, FRIDAY], day)


def test_a_conversion_names_its_rate_its_day_and_its_source() -> None:
    conversion = convert(Money(11038, SEK), EUR, FRIDAY)
    assert conversion.got == Money(1000, EUR)  # 110.38 / 11.0375 = 10.00045
    assert conversion.rate == Decimal("0.0906002265")
    assert (conversion.day, conversion.source) == (FRIDAY.day, "f")


def test_two_currencies_are_crossed_over_the_euro_without_rounding_between() -> None:
    assert convert(Money(10000, SEK), CHF, FRIDAY).got == Money(844, CHF)  # 8.4367


def test_half_a_cent_goes_away_from_zero() -> None:
    rates = DailyRates(FRIDAY.day, {"SEK": Decimal(2)}, "f")
    assert convert(Money(1, SEK), EUR, rates).got == Money(1, EUR)
    assert convert(Money(-1, SEK), EUR, rates).got == Money(-1, EUR)


def test_minor_units_of_other_sizes_are_scaled() -> None:
    rates = DailyRates(FRIDAY.day, {"JPY": Decimal("163.20")}, "f")
    assert convert(Money(100, EUR), JPY, rates).got == Money(163, JPY)
    assert convert(Money(163, JPY), EUR, rates).got == Money(100, EUR)


def test_a_currency_that_is_not_published_is_refused() -> None:
    with pytest.raises(CurrencyNotPublished):
        convert(Money(100, EUR), CHF, THURSDAY)
