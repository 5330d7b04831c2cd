"""What if the provider has no balance in a payment's currency? It converts what moves at once.

The cash then stands in the balance's currency, what was paid for in the payment's own, and
FX_POSITION between them. It opens at what the payment was worth by the published rates, so that the
provider's margin is a loss of its own. What goes back closes its share of that; what the provider's
rate of that day makes more or less of it is a gain or a loss.
"""

from dataclasses import dataclass

from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.money import Money

POSITION = Account(Purpose.FX_POSITION)
Postings = tuple[tuple[Account, Money], ...]


@dataclass(frozen=True, slots=True)
class Converted:
    """A payment's money in the provider's balance; both of a conversion are negative where it left.

    `worth`, in the balance's currency, is what stands open in FX_POSITION for it, or is closed.
    """

    by: Conversion
    worth: Money

    def share(self, moved: Conversion) -> "Converted":
        """What moved of it later, back or forth, at the worth with which it had come in."""
        if moved.got.currency != self.worth.currency:  # the balance is another one by now
            return Converted(moved, moved.got)
        size = _of(self.worth.minor, moved.given.minor, self.by.given.minor)
        return Converted(moved, Money(size if moved.given.minor > 0 else -size, moved.got.currency))

    def in_payments_currency(self, fee: Money) -> Money:
        """What a fee, which lies in the balance's, is at the provider's own rate."""
        given = self.by.given
        return Money(_of(fee.minor, given.minor, self.by.got.minor), given.currency)

    @property
    def postings(self) -> Postings:
        """All but the cash: they sum to the payment in its currency, and to `-got` in the other."""
        given, got = self.by.given, self.by.got
        return (POSITION, given), (POSITION, -self.worth), result(self.worth - got)

    @property
    def refs(self) -> dict[str, str]:
        """Whose rate it was, for the entry."""
        by = self.by
        return {
            "rate": format(by.rate, "f"),
            "rate_day": by.day.isoformat(),
            "rate_source": by.source,
        }


def _of(minor: int, part: int, whole: int) -> int:
    """A part of it by the sizes of two others, half up."""
    size = abs(whole)
    return (2 * minor * abs(part) + size) // (2 * size)


def result(cost: Money) -> tuple[Account, Money]:
    """More given or less got than the position says is a loss; the contrary is a gain."""
    return Account(Purpose.FX_LOSS if cost.minor > 0 else Purpose.FX_GAIN), cost
