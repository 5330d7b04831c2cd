"""How does Stripe save a means of payment? A SetupIntent, confirmed in the driver's app."""

from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.stripe.client import (
    METHOD,
    StripeConnection,
    StripeRefused,
    answered,
    keyed,
)
from chalicelib.ports.payments import PaymentRefused, Setup, SetupRequest, SetupState

_STATES = {
    "requires_payment_method": SetupState.ACTION_REQUIRED,
    "requires_confirmation": SetupState.ACTION_REQUIRED,
    "requires_action": SetupState.ACTION_REQUIRED,
    "processing": SetupState.PENDING,
    "succeeded": SetupState.SAVED,
    "canceled": SetupState.FAILED,
}
_GONE = {"resource_missing", "payment_method_not_attached", "payment_method_unexpected_state"}


class StripeSetups(StripeConnection):
    """The part of ports.payments.Payments that is about saved methods."""

    def set_up(self, request: SetupRequest, key: str) -> Setup:
        api = self._client.v1
        metadata = {METHOD: request.setup_id}
        try:
            with answered(key):
                customer = request.customer
                if not customer:
                    made = api.customers.create({"metadata": metadata}, keyed(f"{key}:customer"))
                    customer = made.id
                intent = api.setup_intents.create(
                    {
                        "customer": customer,
                        "usage": "off_session",
                        "allowed_payment_method_types": [request.kind],
                        "metadata": metadata,
                    },
                    keyed(key),
                )
        except StripeRefused as refused:
            return Setup("", SetupState.FAILED, request.customer, reason=refused.reason)
        return read_setup(intent.to_dict())

    def read_setup(self, reference: str) -> Setup:
        try:
            with answered():
                intent = self._client.v1.setup_intents.retrieve(
                    reference, {"expand": ["payment_method"]}
                )
        except StripeRefused as refused:
            raise PaymentRefused(refused.reason, refused.message) from refused
        return read_setup(intent.to_dict())

    def detach(self, source: str, key: str) -> None:
        method = source.rpartition("/")[2]
        try:
            with answered(key):
                self._client.v1.payment_methods.detach(method, {}, keyed(key))
        except StripeRefused as refused:
            if not _GONE & set(refused.codes):
                raise PaymentRefused(refused.reason, refused.message) from refused


def read_setup(intent: Mapping[str, Any]) -> Setup:
    """A SetupIntent (its method expanded, once there is one) in our words."""
    state = _STATES[intent["status"]]
    error = intent.get("last_setup_error") or {}
    method = intent.get("payment_method")
    source = ""
    if state is SetupState.SAVED:
        known = method if isinstance(method, Mapping) else {"id": method, "type": "card"}
        debit = "sepa:" if known["type"] == "sepa_debit" else ""
        source = f"{debit}{intent['customer']}/{known['id']}"
    return Setup(
        reference=intent["id"],
        state=state,
        customer=str(intent.get("customer") or ""),
        source=source,
        reason=str(error.get("decline_code") or error.get("code") or ""),
        secret="" if state is SetupState.SAVED else str(intent.get("client_secret") or ""),
    )
