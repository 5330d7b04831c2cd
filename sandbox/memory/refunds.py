"""What does the provider in memory know of refunds? Each one's fate: some come back after days."""

from dataclasses import replace

from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.money import Money
from chalicelib.ports.payments import PaymentRefused, Refund, RefundState
from sandbox.memory.payouts import MemoryPayouts


class Refunds:
    def __init__(self, rail: MemoryPayouts | None) -> None:
        self._rail = rail
        self._known: dict[str, Refund] = {}
        self._gave: dict[str, Conversion] = {}  # refund → what our balance gave for it

    def make(self, payment: str, owner: str, money: Money) -> None:
        reference = f"re_{len(self._known) + 1:024d}"
        if self._rail is not None:
            self._gave[reference] = by = self._rail.moved_as(-money)
            self._rail.book_refund(reference, owner, -by.got)
        self._known[reference] = Refund(reference, payment, owner, money, RefundState.ON_ITS_WAY)

    def read(self, reference: str) -> Refund:
        if reference not in self._known:
            raise PaymentRefused("resource_missing", f"no such refund: {reference!r}")
        return self._known[reference]

    def fail(self, payment: str) -> Refund:
        """The card's bank sends a payment's last refund back."""
        made = [each for each in self._known.values() if each.payment == payment][-1]
        gave = self._gave.get(made.reference)
        back = None if gave is None else replace(gave, given=-gave.given, got=-gave.got)
        failed = replace(made, state=RefundState.FAILED, came_back=back)
        self._known[made.reference] = failed
        if self._rail is not None:
            money = made.money if back is None else back.got
            self._rail.book_failed_refund(made.reference, made.owner, money)
        return made

    def moves(self, payment: str) -> tuple[Conversion, ...]:
        """Of a payment's refunds that did not come back, the oldest first."""
        own = (r for r in self._known.values() if r.payment == payment)
        gone = (r.reference for r in own if r.state is not RefundState.FAILED)
        return tuple(self._gave[name] for name in gone if name in self._gave)
