"""How is an amount of money held, divided and rounded without losing a cent?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NewType

from chalicelib.domain.errors import Rejected
from chalicelib.domain.iso4217 import ENDED, MINOR_UNITS

Currency = NewType("Currency", str)

_CARD_DECIMALS_MAX, _TEN, _ONE = 2, 10, Decimal(1)
EXACT = Context(prec=80)  # a price, a volume and a rate as long as the wire takes them have 75


class CurrenciesDiffer(Rejected):
    code = "currencies_differ"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} are different currencies; convert one first")
        self.left, self.right = left, right


class CurrencyUnknown(Rejected):
    """Without its minor unit no amount of it can be held, so an unknown code is not guessed at."""

    code = "currency_unknown"

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a three-letter ISO 4217 currency code")
        self.text = text


class CurrencyEnded(Rejected):
    """Nothing new is sold, agreed or paid in a currency from the day on that it has ended."""

    code = "currency_ended"
    how_to_fix = "use EUR"

    def __init__(self, code: str, day: date, since: date) -> None:
        super().__init__(f"{code} ended on {since}, and {day} is not before that")
        self.currency, self.day, self.since = code, day, since


def currency(text: str) -> Currency:
    """The currency of an ISO 4217 code, upper-cased (field feeds send `eur`); an ended one too."""
    code = text.upper()
    if code not in MINOR_UNITS:
        raise CurrencyUnknown(text)
    return Currency(code)


def in_use(code: Currency, day: date) -> Currency:
    """The currency, if it is money on that day. Raises CurrencyEnded."""
    ended = ENDED.get(code)
    if ended is not None and day >= ended.since:
        raise CurrencyEnded(code, day, ended.since)
    return code


def exponent(code: Currency) -> int:
    """How many decimals the currency's minor unit has (ISO 4217)."""
    return MINOR_UNITS.get(code, 2)


def round_half_up(amount: Decimal, exponent_: int) -> int:
    """An exact amount in major units as whole minor units; a half goes away from zero."""
    scaled = amount.scaleb(exponent_, EXACT)
    return int(scaled.quantize(_ONE, ROUND_HALF_UP, EXACT))


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """Whole minor units of one currency. In JSON `{"minor": 1749, "currency": "EUR"}`."""

    minor: int
    currency: Currency

    @classmethod
    def zero(cls, code: Currency) -> "Money":
        return cls(0, code)

    @classmethod
    def rounded(cls, amount: Decimal, code: Currency) -> "Money":
        """An exact amount in major units, rounded once, half up."""
        return cls(round_half_up(amount, exponent(code)), code)

    @property
    def exact(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-exponent(self.currency), EXACT)

    def __str__(self) -> str:
        return f"{self.exact:.{exponent(self.currency)}f} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other).minor

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrenciesDiffer(self.currency, other.currency)
        return other

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Divide by weight without losing a cent.

        Largest remainder takes what is left; of equal remainders the earlier weight wins, so a
        caller that owes ties to the partner names the partner first. Weights are not negative
        and at least one is positive.
        """
        total = sum(weights)
        assert total > 0, "weights must sum to something"
        assert min(weights) >= 0, "weights must not be negative"
        sign = -1 if self.minor < 0 else 1
        size = abs(self.minor)
        floors = [size * weight // total for weight in weights]
        remainders = [size * weight % total for weight in weights]
        order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
        for i in order[: size - sum(floors)]:
            floors[i] += 1
        return [Money(sign * part, self.currency) for part in floors]


def total(amounts: Iterable[Money], code: Currency) -> Money:
    """The sum of amounts of one currency, zero if there are none."""
    minor = 0
    for amount in amounts:
        if amount.currency != code:
            raise CurrenciesDiffer(code, amount.currency)
        minor += amount.minor
    return Money(minor, code)


def card_amount(money: Money, *, up: bool = False) -> Money:
    """An amount that cards can move: networks take no thousandth, so 1.234 KWD becomes 1.230.

    Down, in the driver's favour, unless it is a hold (`up`), which must suffice.
    """
    if exponent(money.currency) <= _CARD_DECIMALS_MAX:
        return money
    rest = money.minor % _TEN
    return Money(money.minor - rest + (_TEN if up and rest else 0), money.currency)
