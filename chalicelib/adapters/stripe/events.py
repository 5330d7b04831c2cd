"""What does Stripe say happened? An event's text as ours, and the list of the last thirty days."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.adapters.stripe.client import StripeConnection, StripeRefused, answered, owner_of
from chalicelib.domain.errors import Invalid
from chalicelib.ports.payment_events import EventPage, ListedEvent, PaymentEvent
from chalicelib.ports.payments import PaymentRefused

if TYPE_CHECKING:
    from stripe.params import EventListParams

_PAGE = 100


class StripeEventList(StripeConnection):
    """The part of ports.payments.Payments that tells what its webhooks may not have told."""

    def events(
        self, types: Sequence[str], since: datetime, until: datetime, after: str = ""
    ) -> EventPage:
        wanted: EventListParams = {
            "types": list(types),
            "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
            "limit": _PAGE,
        }
        if after:
            wanted["starting_after"] = after
        try:
            with answered():
                page = self._client.v1.events.list(wanted)
        except StripeRefused as refused:
            raise PaymentRefused(refused.reason, refused.message) from refused
        texts = [json.dumps(event.to_dict()) for event in page.data]
        told = (ListedEvent(event_of(text), text.encode()) for text in texts)
        return EventPage(tuple(told), bool(page.has_more))


def event_of(text: str) -> PaymentEvent:
    """A snapshot event in our words; Invalid when it is none."""
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
        raise Invalid("", "this is no Stripe event", "Send snapshot events.") from error
    if said.get("object") != "event" or not all(
        isinstance(part, str) for part in (event.id, event.type, event.subject, event.owner)
    ):
        raise Invalid("object", "this is no Stripe event", "Send snapshot events.")
    return event
