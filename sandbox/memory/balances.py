"""In which currencies has an account at the provider in memory a balance, and what of others?"""

from decimal import Decimal

from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.money import Currency, Money
from chalicelib.ports.clock import Clock


class Balances:
    """In all of them, until a test says otherwise; `account` "" is the channel's own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rates: dict[tuple[str, Currency], tuple[Currency, Decimal]] = {}

    def no_balance(self, code: Currency, into: Currency, rate: str, account: str = "") -> None:
        """Ours, or a payee's, has no such currency: from now on what comes in it is converted."""
        self._rates[account, code] = into, Decimal(rate)

    def has_balance(self, code: Currency, account: str = "") -> None:
        """A bank account in it was added: from now on it lies there as it is."""
        del self._rates[account, code]

    def converted(self, money: Money) -> Conversion | None:
        """What our balance moves by for a payment in a currency that it does not have."""
        return self.moved_as(money) if ("", money.currency) in self._rates else None

    def moved_as(self, money: Money, account: str = "") -> Conversion:
        """What a balance moves by, whether it has the currency or not."""
        own = (money.currency, Decimal(1))
        into, rate = self._rates.get((account, money.currency), own)
        got = Money.rounded(money.exact * rate, into)
        return Conversion(money, got, rate, self._clock.now().date(), "provider: stripe")
