"""How does Stripe tell that a refund came back? Days later, by the refund's own state."""

from chalicelib.adapters.stripe.amounts import to_money
from chalicelib.adapters.stripe.client import StripeConnection, StripeRefused, answered, owner_of
from chalicelib.ports.payments import PaymentRefused, Refund, RefundState

_CAME_BACK = {"failed", "canceled"}


class StripeRefunds(StripeConnection):
    """The part of ports.payments.Payments that is about a refund's fate."""

    def read_refund(self, reference: str) -> Refund:
        try:
            with answered():
                found = self._client.v1.refunds.retrieve(reference).to_dict()
        except StripeRefused as refused:
            raise PaymentRefused(refused.reason, refused.message) from refused
        failed = found["status"] in _CAME_BACK
        return Refund(
            reference=found["id"],
            payment=str(found["payment_intent"] or ""),
            owner=owner_of(found.get("metadata") or {}),
            money=to_money(found["amount"], found["currency"]),
            state=RefundState.FAILED if failed else RefundState.ON_ITS_WAY,
        )
