"""How is an account debited? Accepted at once, and paid or sent back days later."""

from functools import partial

from sandbox.peers.provider.books import DAY, Books
from sandbox.peers.provider.cards import DEBITS
from sandbox.peers.provider.charges import charge, take
from sandbox.peers.provider.events import tell
from sandbox.peers.provider.refusals import Thing

DAYS = 5  # SEPA core debits: docs.stripe.com/payments/sepa-debit, up to 14


def is_debit(source: str | None) -> bool:
    return source in DEBITS


def begin(books: Books, intent: Thing) -> Thing:
    made = charge(books, intent)
    made["status"], made["payment_method_details"] = "pending", {"type": "sepa_debit"}
    intent["latest_charge"], intent["status"] = made["id"], "processing"
    tell(books, "payment_intent.processing", intent)
    books.at(books.now + DAYS * DAY, partial(_end, books, intent))
    return intent


def _end(books: Books, intent: Thing) -> None:
    made = books.get("charge", intent["latest_charge"])
    reason = DEBITS[intent["payment_method"]]
    if not reason:
        made["status"] = "succeeded"
        take(books, intent, made, intent["amount"])
        return
    made["status"], made["paid"], made["failure_code"] = "failed", False, reason
    intent["status"], intent["payment_method"] = "requires_payment_method", None
    intent["last_payment_error"] = {
        "type": "card_error",
        "code": reason,
        "message": "The customer's bank sent the debit back.",
        "charge": made["id"],
    }
    tell(books, "payment_intent.payment_failed", intent)
