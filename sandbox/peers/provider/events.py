"""What does the provider tell, and how does it sign that? Events and their deliveries."""

import hmac
import json
from hashlib import sha256

from sandbox.peers.provider.books import DAY, Books
from sandbox.peers.provider.refusals import Thing
from sandbox.peers.provider.render import shown

GIVE_UP_AFTER = 3 * DAY
API_VERSION = "2026-10-28.endive"


def tell(books: Books, type_: str, thing: Thing, account: str = "") -> Thing:
    """Record an event with the object as it is now, and put it out for delivery.

    The snapshot is shallow: what lies inside an object is replaced here, never changed.
    """
    event: Thing = {
        "id": books.new_id("event"),
        "object": "event",
        "api_version": API_VERSION,
        "context": None,
        "created": books.now,
        "data": {"object": shown(books, thing)},
        "livemode": False,
        "pending_webhooks": sum(hook.wants(type_) for hook in books.webhooks),
        "request": {"id": None, "idempotency_key": None},
        "type": type_,
    }
    if account:
        event["account"] = account
    books.keep("event", account, event)
    books.put_out(event)
    return event


def answered(books: Books, number: int, status: int) -> None:
    """2xx ends a delivery; anything else is tried again, ever later, for three days."""
    delivery = books.outbox[number]
    if 200 <= status < 300:
        del books.outbox[number]
        delivery["event"]["pending_webhooks"] = max(0, delivery["event"]["pending_webhooks"] - 1)
        return
    delivery["attempts"] += 1
    delivery["due"] = books.now + min(60 * 4 ** delivery["attempts"], DAY)
    if delivery["due"] > delivery["since"] + GIVE_UP_AFTER:
        del books.outbox[number]


def signed(event: Thing, secret: str, wall_time: int) -> tuple[bytes, str]:
    """The body and its `Stripe-Signature`; receivers compare the time with their wall clock."""
    body = json.dumps(event, separators=(",", ":")).encode()
    mac = hmac.new(secret.encode(), b"%d.%b" % (wall_time, body), sha256)
    return body, f"t={wall_time},v1={mac.hexdigest()}"
