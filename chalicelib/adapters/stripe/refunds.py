"""How does Stripe tell that a refund came back? Days later, by the refund's own state.

And what its balance gave for each, which may be in another currency than the payment.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.adapters.stripe.amounts import to_money
from chalicelib.adapters.stripe.client import StripeConnection, StripeRefused, answered, owner_of
from chalicelib.adapters.stripe.lines import moved_as
from chalicelib.domain.fx.rates import Conversion
from chalicelib.ports.payments import PaymentRefused, Refund, RefundState

_CAME_BACK = {"failed", "canceled"}
_LISTED = 100


class StripeRefunds(StripeConnection):
    """The part of ports.payments.Payments that is about a refund's fate."""

    def read_refund(self, reference: str) -> Refund:
        try:
            with answered():
                expand = ["failure_balance_transaction"]
                found = self._client.v1.refunds.retrieve(reference, {"expand": expand}).to_dict()
        except StripeRefused as refused:
            raise PaymentRefused(refused.reason, refused.message) from refused
        return read_refund(found)

    def refund_moves(self, payment: str) -> tuple[Conversion, ...]:
        """What the balance gave for each of our refunds of a payment, the oldest first."""
        found = self._client.v1.refunds.list(
            {"payment_intent": payment, "limit": _LISTED, "expand": ["data.balance_transaction"]}
        )
        return moves_of([refund.to_dict() for refund in reversed(found.data)])


def read_refund(found: Mapping[str, Any]) -> Refund:
    """A Refund (the balance transaction of its failure expanded) in our words."""
    failed, money = found["status"] in _CAME_BACK, to_money(found["amount"], found["currency"])
    return Refund(
        reference=found["id"],
        payment=str(found["payment_intent"] or ""),
        owner=owner_of(found.get("metadata") or {}),
        money=money,
        state=RefundState.FAILED if failed else RefundState.ON_ITS_WAY,
        came_back=moved_as(money, found.get("failure_balance_transaction")),
    )


def moves_of(refunds: Iterable[Mapping[str, Any]]) -> tuple[Conversion, ...]:
    """Of Refunds with their balance transactions; not of what came back, nor of the part of a hold
    that was never captured, which has none of our ids.
    """
    ours = (r for r in refunds if r["status"] not in _CAME_BACK and owner_of(r["metadata"] or {}))
    moved = (
        moved_as(-to_money(r["amount"], r["currency"]), r["balance_transaction"]) for r in ours
    )
    return tuple(each for each in moved if each is not None)
