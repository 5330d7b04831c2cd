"""What is an amount worth in another currency, and which published rate says so?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from chalicelib.domain.errors import NotYet, Rejected
from chalicelib.domain.iso4217 import ENDED, Ended
from chalicelib.domain.money import EXACT, Currency, Money, exponent, in_use, total

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

    def of(self, code: Currency, on: date | None = None) -> Decimal:
        """Units of the currency for one euro on a day; of an ended one its fixed rate, for good."""
        if code == EUR:
            return Decimal(1)
        ended = ended_by(code, on or self.day)
        if ended is not None:
            return ended.per_euro
        rate = self.per_euro.get(code)
        if rate is None or rate <= 0:
            raise CurrencyNotPublished(code, self.day)
        return rate


@dataclass(frozen=True, slots=True)
class Conversion:
    """`given` became `got`, and a `margin` was kept of it where that was agreed.

    `rate` is published, in units of the one for one of the other, to ten places, for people.
    """

    given: Money
    got: Money
    rate: Decimal
    day: date
    source: str
    margin: Money | None = None

    @property
    def at_rate(self) -> Money:
        """What `given` is worth at the rate."""
        return self.got if self.margin is None else self.got + self.margin


def together(conversions: Sequence[Conversion]) -> Conversion | None:
    """Several between the same two currencies as one, at the rate that they have in sum."""
    if len(conversions) <= 1:
        return conversions[0] if conversions else None
    first = conversions[0]
    given = total((each.given for each in conversions), first.given.currency)
    got = total((each.got for each in conversions), first.got.currency)
    return Conversion(given, got, rate_between(given, got), first.day, first.source)


def rate_between(given: Money, got: Money) -> Decimal:
    """Units of what was got for one of what was given, to ten places."""
    return _shown(Fraction(got.exact) / Fraction(given.exact))


def last_published(published: Sequence[DailyRates], day: date) -> DailyRates:
    """The rates of the day, else of the last day before it that has some (weekends, holidays)."""
    known = [rates for rates in published if rates.day <= day]
    latest = max(known, key=lambda rates: rates.day, default=None)
    if latest is None or day - latest.day > timedelta(days=AGE_DAYS_MAX):
        raise NoPublishedRates(day)
    return latest


def ended_by(code: Currency, day: date) -> Ended | None:
    """What replaced a currency, if it has ended by a day."""
    ended = ENDED.get(code)
    return ended if ended is not None and day >= ended.since else None


def convert(
    money: Money,
    to: Currency,
    rates: DailyRates,
    *,
    on: date | None = None,
    margins: Iterable[tuple[Money, Decimal]] = (),
) -> Conversion:
    """The amount at a day's rates, crossed over the euro and rounded once, half up.

    `on` is the day that is converted for, where the rates are older. `margins` are parts of the
    amount and the fraction that is kept of each; their sum is rounded once, too, and at most all.
    Raises CurrencyNotPublished, and CurrencyEnded: nobody is paid in what is money no more.
    """
    day = on or rates.day
    if money.currency == to:
        return Conversion(money, money, Decimal(1), rates.day, rates.source)
    in_use(to, day)
    # A quotient of decimals seldom ends; fractions keep the half exactly a half until the rounding.
    rate = Fraction(rates.of(to, day)) / Fraction(rates.of(money.currency, day))
    scale = Fraction(10) ** (exponent(to) - exponent(money.currency))
    worth = Money(_half_up(Fraction(money.minor) * rate * scale), to)
    kept = sum((Fraction(part.minor) * Fraction(margin) for part, margin in margins), Fraction(0))
    margin = Money(_half_up(kept * rate * scale), to)
    assert abs(margin.minor) <= abs(worth.minor), "a margin is a part of what is converted"
    ended = ended_by(money.currency, day)
    source = rates.source if ended is None else ended.source
    agreed = margin if margin.minor else None
    return Conversion(money, worth - margin, _shown(rate), rates.day, source, agreed)


def _half_up(amount: Fraction) -> int:
    """The nearest whole number; a half goes away from zero, as in Money.rounded."""
    size = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return -size if amount < 0 else size


def _shown(rate: Fraction) -> Decimal:
    with localcontext(EXACT):
        quotient = Decimal(rate.numerator) / Decimal(rate.denominator)
        return quotient.quantize(_RATE_DIGITS, rounding=ROUND_HALF_UP)
