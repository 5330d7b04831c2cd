"""What is left of a currency that has ended, and from which day on?"""

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.fx.rates import EUR, DailyRates, convert
from chalicelib.domain.money import Currency, CurrencyEnded, Money, in_use

BGN, HRK, CHF = map(Currency, ("BGN", "HRK", "CHF"))
EVE = DailyRates(date(2025, 12, 31), {"BGN": Decimal("1.9558"), "CHF": Decimal("0.93")}, "ecb")
AFTER = DailyRates(date(2026, 1, 2), {"CHF": Decimal("0.93")}, "ecb")


@pytest.mark.parametrize(("code", "last"), [(BGN, date(2025, 12, 31)), (HRK, date(2022, 12, 31))])
def test_a_currency_is_money_until_the_day_before_the_euro(code: Currency, last: date) -> None:
    assert in_use(code, last) == code
    with pytest.raises(CurrencyEnded):
        in_use(code, date.fromordinal(last.toordinal() + 1))


def test_a_late_entry_is_converted_at_the_fixed_rate_whatever_was_published() -> None:
    late = convert(Money(195583, BGN), EUR, AFTER)
    assert (late.got, late.source) == (Money(100_000, EUR), "Council Regulation (EU) 2025/1409")
    kuna = convert(Money(753_450, HRK), EUR, AFTER)
    assert (kuna.got, kuna.source) == (Money(100_000, EUR), "Council Regulation (EU) 2022/1208")


def test_on_new_years_day_the_rates_are_of_the_eve_and_the_lev_is_fixed() -> None:
    before = convert(Money(1_955_800, BGN), EUR, EVE)
    assert (before.got, before.source) == (Money(1_000_000, EUR), "ecb")
    after = convert(Money(1_955_800, BGN), EUR, EVE, on=date(2026, 1, 1))
    assert after.got == Money(999_985, EUR)  # 19558 / 1.95583 = 9999.847
    assert after.day == EVE.day


def test_it_is_crossed_over_the_euro_and_nobody_is_paid_in_it() -> None:
    assert convert(Money(195583, BGN), CHF, AFTER).got == Money(93_000, CHF)
    with pytest.raises(CurrencyEnded):
        convert(Money(100, EUR), BGN, AFTER)
