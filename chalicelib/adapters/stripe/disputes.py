"""How does Stripe tell of a chargeback, and how is it answered?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters.stripe.amounts import to_money
from chalicelib.adapters.stripe.client import (
    StripeConnection,
    StripeRefused,
    answered,
    keyed,
    owner_of,
)
from chalicelib.adapters.stripe.lines import converted, gross_of
from chalicelib.ports.payments import Dispute, DisputeMove, DisputeState, PaymentRefused

_EXPAND = ["payment_intent"]
_STATES = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.CLOSED,
    "needs_response": DisputeState.NEEDS_RESPONSE,
    "under_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "prevented": DisputeState.CLOSED,
}
_ASKS = frozenset({"warning_needs_response", "needs_response"})  # evidence is taken


class StripeDisputes(StripeConnection):
    """The part of ports.payments.Payments that is about chargebacks."""

    def read_dispute(self, reference: str) -> Dispute:
        return read_dispute(self._read(reference))

    def _read(self, reference: str) -> Mapping[str, Any]:
        try:
            with answered():
                found = self._client.v1.disputes.retrieve(reference, {"expand": _EXPAND})
        except StripeRefused as refused:
            raise PaymentRefused(refused.reason, refused.message) from refused
        plain: Mapping[str, Any] = found.to_dict()
        return plain

    def contest(self, reference: str, evidence: str, key: str) -> Dispute:
        try:
            with answered(key):
                found = self._client.v1.disputes.update(
                    reference,
                    {
                        "evidence": {"uncategorized_text": evidence},
                        "submit": True,
                        "expand": _EXPAND,
                    },
                    keyed(key),
                )
        except StripeRefused as refused:
            as_it_is = self._read(reference)
            if as_it_is["status"] not in _ASKS:  # it was answered, or decided, before
                return read_dispute(as_it_is)
            raise PaymentRefused(refused.reason, refused.message) from refused
        return read_dispute(found.to_dict())


def read_dispute(dispute: Mapping[str, Any]) -> Dispute:
    """A Dispute (its payment intent expanded) in our words."""
    intent = dispute.get("payment_intent")
    intent = intent if isinstance(intent, Mapping) else {"id": intent or ""}
    answer_by = (dispute.get("evidence_details") or {}).get("due_by")
    return Dispute(
        reference=dispute["id"],
        payment=str(intent["id"]),
        owner=owner_of(intent.get("metadata") or {}),
        state=_STATES[dispute["status"]],
        money=to_money(dispute["amount"], dispute["currency"]),
        reason=dispute["reason"],
        opened_at=datetime.fromtimestamp(dispute["created"], UTC),
        answer_by=None if answer_by is None else datetime.fromtimestamp(answer_by, UTC),
        moves=tuple(_move(dispute, line) for line in dispute.get("balance_transactions") or ()),
    )


def _move(dispute: Mapping[str, Any], line: Mapping[str, Any]) -> DisputeMove:
    """Stripe lists at most two: all of it was withdrawn, and all of it was reinstated."""
    moved, fee = gross_of(line), to_money(line["fee"], line["currency"])
    whole = to_money(dispute["amount"], dispute["currency"])
    if moved.currency == whole.currency:
        return DisputeMove(line["id"], moved, fee)
    money = -whole if moved.minor < 0 else whole
    return DisputeMove(line["id"], money, fee, converted(money, line))
