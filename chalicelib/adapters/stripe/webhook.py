"""Is a webhook really from Stripe, and what does it say? Checked over the bytes as they came."""

import json

from chalicelib.adapters.stripe.events import event_of
from chalicelib.ports.payment_events import PaymentEvent, SignatureRefused
from chalicelib.ports.secrets import Secrets

TOLERANCE_S = 300


class StripeEvents:
    """Implements ports.payment_events.PaymentEvents.

    The secret is a JSON list of the live signing secrets: two while one replaces the other. Stripe
    dates its signature by wall time, so this check does too, in the sandbox as well.
    """

    def __init__(self, secrets: Secrets, secret_name: str) -> None:
        self._secrets, self._secret_name = secrets, secret_name

    def read(self, body: bytes, signature: str) -> PaymentEvent:
        text = _text(body, signature)
        secrets = json.loads(self._secrets.read(self._secret_name))
        if not any(_signed(text, signature, secret) for secret in secrets):
            raise SignatureRefused("no live secret signed this body in the last five minutes")
        return event_of(text)


def _text(body: bytes, signature: str) -> str:
    """The SDK's check wants text, and an ASCII header to compare with."""
    if not signature or not signature.isascii():
        raise SignatureRefused("there is no readable Stripe-Signature header")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise SignatureRefused("the body is not UTF-8") from error


def _signed(text: str, signature: str, secret: str) -> bool:
    import stripe  # noqa: PLC0415 - slow: only this route pays for it

    try:
        stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_S)
    except stripe.SignatureVerificationError:
        return False
    return True
