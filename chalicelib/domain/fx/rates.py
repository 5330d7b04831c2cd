"""What is an amount worth in another currency, and which published rate says so?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from chalicelib.domain.errors import NotYet, Rejected
from chalicelib.domain.money import EXACT, Currency, Money, exponent

EUR = Currency("EUR")
# Easter closes the ECB's list for four days, Christmas for up to five; more means a broken feed.
AGE_DAYS_MAX = 7
_RATE_DIGITS = Decimal("1e-10")


class NoPublishedRates(NotYet):
    """No rates, or only rates too old to be the last published ones: import, then ask again."""

    code = "fx_rates_missing"

    def __init__(self, day: date) -> None:
        super().__init__(f"no reference rates published in the {AGE_DAYS_MAX} days to {day}")
        self.day = day


class CurrencyNotPublished(Rejected):
    code = "fx_currency_not_published"

    def __init__(self, code: str, day: date) -> None:
        super().__init__(f"the rates of {day} do not list {code}")
        self.currency, self.day = code, day


@dataclass(frozen=True, slots=True)
class DailyRates:
    """Units of each currency for one euro, as published on a day (the euro is not listed)."""

    day: date
    per_euro: Mapping[str, Decimal]
    source: str  # the URL or file it was read from

    def of(self, code: Currency) -> Decimal:
        """Units of the currency for one euro."""
        if code == EUR:
            return Decimal(1)
        rate = self.per_euro.get(code)
        if rate is None or rate <= 0:
            raise CurrencyNotPublished(code, self.day)
        return rate


@dataclass(frozen=True, slots=True)
class Conversion:
    """`given` became `got`. `rate` is got per given, to ten places, for people; `got` is exact."""

    given: Money
    got: Money
    rate: Decimal
    day: date
    source: str


def last_published(published: Sequence[DailyRates], day: date) -> DailyRates:
    """The rates of the day, else of the last day before it that has some (weekends, holidays)."""
    known = [rates for rates in published if rates.day <= day]
    latest = max(known, key=lambda rates: rates.day, default=None)
    if latest is None or day - latest.day > timedelta(days=AGE_DAYS_MAX):
        raise NoPublishedRates(day)
    return latest


def convert(money: Money, to: Currency, rates: DailyRates) -> Conversion:
    """The amount at a day's rates, crossed over the euro and rounded once, half up."""
    if money.currency == to:
        return Conversion(money, money, Decimal(1), rates.day, rates.source)
    # A quotient of decimals seldom ends; fractions keep the half exactly a half until the rounding.
    rate = Fraction(rates.of(to)) / Fraction(rates.of(money.currency))
    scale = Fraction(10) ** (exponent(to) - exponent(money.currency))
    got = Money(_half_up(Fraction(money.minor) * rate * scale), to)
    return Conversion(money, got, _shown(rate), rates.day, rates.source)


def _half_up(amount: Fraction) -> int:
    """The nearest whole number; a half goes away from zero, as in Money.rounded."""
    size = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return -size if amount < 0 else size


def _shown(rate: Fraction) -> Decimal:
    with localcontext(EXACT):
        quotient = Decimal(rate.numerator) / Decimal(rate.denominator)
        return quotient.quantize(_RATE_DIGITS, rounding=ROUND_HALF_UP)
