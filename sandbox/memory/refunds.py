"""What does the provider in memory know of refunds? Each one's fate: some come back after days."""

from dataclasses import replace

from chalicelib.domain.money import Money
from chalicelib.ports.payments import PaymentRefused, Refund, RefundState
from sandbox.memory.payouts import MemoryPayouts


class Refunds:
    def __init__(self, rail: MemoryPayouts | None) -> None:
        self._rail = rail
        self._known: dict[str, Refund] = {}

    def make(self, payment: str, owner: str, money: Money) -> None:
        reference = f"re_{len(self._known) + 1:024d}"
        if self._rail is not None:
            self._rail.book_refund(reference, owner, money)
        self._known[reference] = Refund(reference, payment, owner, money, RefundState.ON_ITS_WAY)

    def read(self, reference: str) -> Refund:
        if reference not in self._known:
            raise PaymentRefused("resource_missing", f"no such refund: {reference!r}")
        return self._known[reference]

    def fail(self, payment: str) -> Refund:
        """The card's bank sends a payment's last refund back."""
        made = [each for each in self._known.values() if each.payment == payment][-1]
        self._known[made.reference] = replace(made, state=RefundState.FAILED)
        if self._rail is not None:
            self._rail.book_failed_refund(made.reference, made.owner, made.money)
        return made
