"""How is an amount of money held, divided and rounded without losing a cent?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NewType

from chalicelib.domain.errors import Rejected

Currency = NewType("Currency", str)

# ISO 4217 minor units that are not 2. A currency not listed here and not three letters is refused.
_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
EXACT = Context(prec=60)  # more digits than any product of a price, a volume and a rate has


class CurrenciesDiffer(Rejected):
    code = "currencies_differ"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} are different currencies; convert one first")
        self.left, self.right = left, right


class CurrencyUnknown(Rejected):
    code = "currency_unknown"

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a three-letter ISO 4217 currency code")
        self.text = text


def currency(text: str) -> Currency:
    """The currency of an ISO 4217 code, upper-cased (field feeds send `eur`)."""
    code = text.upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():  # noqa: PLR2004 - ISO 4217
        raise CurrencyUnknown(text)
    return Currency(code)


def exponent(code: Currency) -> int:
    """How many decimals the currency's minor unit has (ISO 4217)."""
    return _EXPONENTS.get(code, 2)


def round_half_up(amount: Decimal, exponent_: int) -> int:
    """An exact amount in major units as whole minor units; a half goes away from zero."""
    with localcontext(EXACT):
        scaled = amount.scaleb(exponent_)
        return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


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
        with localcontext(EXACT):
            return Decimal(self.minor).scaleb(-exponent(self.currency))

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
    result = Money.zero(code)
    for amount in amounts:
        result += amount
    return result
