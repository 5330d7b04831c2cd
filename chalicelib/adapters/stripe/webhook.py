"""Is a webhook really from Stripe, and what does it say? Checked over the bytes as they came."""

import json

from chalicelib.adapters.stripe.client import owner_of
from chalicelib.domain.errors import Invalid
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
        return _event(text)


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


def _event(text: str) -> PaymentEvent:
    try:
        said = json.loads(text)
        subject = said["data"]["object"]
        metadata = subject.get("metadata") or {}
        event = PaymentEvent(
            id=said["id"],
            type=said["type"],
            subject=subject.get("id") or "",
            account=said.get("account") or "",
            owner=owner_of(metadata),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("", "this is signed but no Stripe event", "Send snapshot events.") from error
    if said.get("object") != "event" or not all(
        isinstance(part, str) for part in (event.id, event.type, event.subject, event.owner)
    ):
        raise Invalid("object", "this is signed but no Stripe event", "Send snapshot events.")
    return event
