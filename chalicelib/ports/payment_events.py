"""What does a payment provider tell us by itself? Signed events, read once they are proven."""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.errors import Rejected


class SignatureRefused(Rejected):
    """Not signed with a live secret, or too long ago: whoever sent it may not be the provider."""

    code = "signature_refused"
    field = "Stripe-Signature"
    how_to_fix = "Send the body unchanged with its Stripe-Signature, within five minutes."


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """`subject` is the object that changed (`pi_…`, `po_…`); `account` whose it is ("": ours).

    `owner` is our session or payout id in the subject's metadata. The event says that something
    changed; what it changed to is read from the provider, as events come in any order.
    """

    id: str
    type: str
    subject: str
    account: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event as the provider lists it: `body` is what its webhook would have brought."""

    event: PaymentEvent
    body: bytes


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, the newest first; `more`: older ones of the same span follow."""

    events: tuple[ListedEvent, ...]
    more: bool


class PaymentEvents(Protocol):
    def read(self, body: bytes, signature: str) -> PaymentEvent:
        """The event; SignatureRefused, or Invalid when a proven body is no event."""
