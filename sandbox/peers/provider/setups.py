"""How is a driver's means of payment saved? Customers and setup intents, confirmed in the app."""

from sandbox.peers.provider import cards
from sandbox.peers.provider.books import Books
from sandbox.peers.provider.debits import is_debit
from sandbox.peers.provider.events import tell
from sandbox.peers.provider.refusals import Thing, invalid, missing


def customer(books: Books, params: Thing) -> Thing:
    thing = {
        "id": books.new_id("customer"),
        "object": "customer",
        "created": books.now,
        "livemode": False,
        "metadata": dict(params.get("metadata", {})),
    }
    return books.keep("customer", "", thing)


def create(books: Books, params: Thing) -> Thing:
    name = params.get("customer", "")
    books.get("customer", name, param="customer", status=400)
    id_ = books.new_id("setup_intent")
    intent: Thing = {
        "id": id_,
        "object": "setup_intent",
        "client_secret": f"{id_}_secret_sim",
        "created": books.now,
        "customer": name,
        "last_setup_error": None,
        "livemode": False,
        "metadata": dict(params.get("metadata", {})),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": params.get("allowed_payment_method_types", ["card"]),
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }
    tell(books, "setup_intent.created", books.keep("setup_intent", "", intent))
    return intent


def confirmed(books: Books, said: Thing) -> Thing:
    """{"setup_intent", "payment_method"}: the driver fills in the provider's form."""
    intent = books.get("setup_intent", said.get("setup_intent", ""))
    method = said.get("payment_method", "")
    declined = None if is_debit(method) else cards.refuses(books, method, 0, "eur")
    if declined is not None:
        intent["last_setup_error"] = {"type": "card_error", "code": declined.code}
        intent["last_setup_error"]["decline_code"] = declined.decline_code
        tell(books, "setup_intent.setup_failed", intent)
        return intent
    intent["status"], intent["payment_method"] = "succeeded", method
    thing = cards.method_object(books, method) if not is_debit(method) else _debit(books, method)
    books.keep("payment_method", "", {**thing, "customer": intent["customer"]})
    books.detached.discard(method)
    tell(books, "setup_intent.succeeded", intent)
    return intent


def _debit(books: Books, method: str) -> Thing:
    return {
        "id": method,
        "object": "payment_method",
        "created": books.now,
        "livemode": False,
        "metadata": {},
        "type": "sepa_debit",
        "sepa_debit": {"bank_code": "37040044", "country": "DE", "last4": "3000"},
    }


def detach(books: Books, id_: str) -> Thing:
    known = books.things["payment_method", ""].get(id_)
    if known is None:
        raise missing("PaymentMethod", id_, "payment_method", status=400)
    if known["customer"] is None:
        raise invalid("The payment method is not attached.", "payment_method_not_attached")
    known["customer"] = None
    books.detached.add(id_)
    tell(books, "payment_method.detached", known)
    return known
