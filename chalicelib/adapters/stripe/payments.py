"""How does Stripe hold, take and give back a card's money? Payment intents, captured by hand.

A hold is one PaymentIntent with `capture_method: manual`. Our session id is its metadata and its
transfer group: charges can be listed by the latter at once, while Stripe's search lags behind.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.stripe.amounts import to_code, to_money, to_stripe
from chalicelib.adapters.stripe.client import StripeConnection, outcome_known
from chalicelib.domain.money import Money
from chalicelib.ports.payments import Hold, HoldRequest, HoldState, PaymentRefused
from chalicelib.ports.secrets import Secrets

if TYPE_CHECKING:
    from stripe import StripeError
    from stripe.params import PaymentIntentCreateParams

SESSION = "session_id"  # the name in the provider's metadata
_EXPAND = ["latest_charge.balance_transaction"]
_STATES = {
    "requires_payment_method": HoldState.DECLINED,
    "requires_confirmation": HoldState.PENDING,
    "requires_action": HoldState.ACTION_REQUIRED,
    "processing": HoldState.PENDING,
    "requires_capture": HoldState.HELD,
    "succeeded": HoldState.CAPTURED,
    "canceled": HoldState.CANCELLED,
}
_UNEXPECTED = "payment_intent_unexpected_state"


class StripePayments(StripeConnection):
    """Implements ports.payments.Payments."""

    def __init__(self, secrets: Secrets, secret_name: str, api_base: str = "") -> None:
        super().__init__(secrets, secret_name, api_base)

    def hold(self, request: HoldRequest, key: str) -> Hold:
        import stripe  # noqa: PLC0415 - see client.py

        params = _hold_params(request)
        try:
            with outcome_known(key):
                options = {"idempotency_key": key}
                intent = self.client.v1.payment_intents.create(params, options)  # type: ignore[arg-type]
        except (stripe.CardError, stripe.InvalidRequestError) as refused:
            return _declined(refused, request.money)
        return _hold(intent)

    def extend(self, reference: str, money: Money, key: str) -> Hold:
        import stripe  # noqa: PLC0415 - see client.py

        service = self.client.v1.payment_intents
        try:
            with outcome_known(key):
                service.increment_authorization(
                    reference, {"amount": to_stripe(money)}, {"idempotency_key": key}
                )
        except stripe.CardError as refused:
            return self._as_it_is(reference, _reason(refused))
        except stripe.InvalidRequestError as refused:
            return self._as_it_is(reference, _reason(refused))
        return self.read(reference)
