"""How is a card charged? Payment intents: hold, capture, raise, cancel, and lapse."""

from functools import partial

from sandbox.peers.provider import cards
from sandbox.peers.provider.amounts import amount_of, chargeable, currency_of, required
from sandbox.peers.provider.books import DAY, Books
from sandbox.peers.provider.cards import Decline
from sandbox.peers.provider.charges import charge, take
from sandbox.peers.provider.debits import begin, is_debit
from sandbox.peers.provider.events import tell
from sandbox.peers.provider.refusals import (
    Thing,
    card_error,
    invalid,
    unexpected_state,
)
from sandbox.peers.provider.render import shown

_OPEN = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
_INCREMENTS_MAX = 10
# Fields that an intent like ours leaves empty, at least at first.
_UNUSED: Thing = dict.fromkeys(
    (
        "application",
        "application_fee_amount",
        "automatic_payment_methods",
        "canceled_at",
        "cancellation_reason",
        "last_payment_error",
        "latest_charge",
        "next_action",
        "on_behalf_of",
        "processing",
        "receipt_email",
        "setup_future_usage",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
    )
)
_METHODS = ("automatic", "automatic_async", "manual")


def create(books: Books, params: Thing) -> Thing:
    currency = currency_of(params)
    amount = chargeable(params, currency)
    method = params.get("capture_method", "automatic_async")
    if method not in _METHODS:
        raise invalid(f"Invalid capture_method: must be one of {', '.join(_METHODS)}")
    source = params.get("payment_method")
    if source is not None:
        cards.card(books, source)
    if params.get("confirm") == "true" and source is None:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            "payment_intent_unexpected_state",
        )
    only_confirming = {"off_session", "return_url", "mandate_data"} & set(params)
    if only_confirming and params.get("confirm") != "true":
        name = min(only_confirming)
        raise invalid(f"You may only pass `{name}` with confirm=true.", param=name)
    intent = books.keep("payment_intent", "", _fresh(books, params, amount, currency))
    tell(books, "payment_intent.created", intent)
    return _confirmed(books, intent, params) if params.get("confirm") == "true" else intent


def _fresh(books: Books, params: Thing, amount: int, currency: str) -> Thing:
    id_ = books.new_id("payment_intent")
    source = params.get("payment_method")
    return {
        "id": id_,
        "object": "payment_intent",
        **_UNUSED,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{id_}_secret_sim",
        "confirmation_method": "automatic",
        "created": books.now,
        "currency": currency,
        "customer": params.get("customer"),
        "description": params.get("description"),
        "livemode": False,
        "metadata": dict(params.get("metadata", {})),
        "payment_method": source,
        "payment_method_options": params.get("payment_method_options", {"card": {}}),
        "payment_method_types": params.get("allowed_payment_method_types", ["card"]),
        "status": "requires_confirmation" if source else "requires_payment_method",
        "transfer_group": params.get("transfer_group"),
        "_increments": 0,
    }


def confirm(books: Books, id_: str, params: Thing) -> Thing:
    intent = books.get("payment_intent", id_)
    source = params.get("payment_method", intent["payment_method"])
    if intent["status"] not in _OPEN or intent["status"] == "requires_capture" or not source:
        raise unexpected_state(
            intent, "confirmed", ("requires_payment_method", "requires_confirmation")
        )
    cards.card(books, source)
    intent["payment_method"] = source
    return _confirmed(books, intent, params)


def _confirmed(books: Books, intent: Thing, params: Thing) -> Thing:
    card = cards.card(books, intent["payment_method"])
    if is_debit(intent["payment_method"]):
        return begin(books, intent)
    if card.get("authentication"):
        if params.get("off_session") == "true":
            raise _declined(books, intent, Decline("authentication_required"))
        return _ask_bank(books, intent, params.get("return_url", ""))
    return _authorise(books, intent)


def _ask_bank(books: Books, intent: Thing, return_url: str) -> Thing:
    if return_url:
        url = f"{books.public_url}/bank-step/{intent['id']}"
        step = {"return_url": return_url, "url": url}
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": step}
    else:
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "3ds2"}}
    intent["status"] = "requires_action"
    tell(books, "payment_intent.requires_action", intent)
    return intent


def complete_action(books: Books, id_: str, *, approve: bool) -> Thing:
    """The driver's bank has its answer. A decline that follows is told by an event only."""
    intent = books.get("payment_intent", id_)
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticated", ("requires_action",))
    intent["next_action"] = None
    if approve:
        declined = cards.refuses(
            books, intent["payment_method"], intent["amount"], intent["currency"]
        )
        if declined is None:
            return _authorise(books, intent)
        _declined(books, intent, declined)
        return intent
    intent["status"] = "requires_payment_method"
    intent["last_payment_error"] = {
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication.",
    }
    tell(books, "payment_intent.payment_failed", intent)
    return intent


def _authorise(books: Books, intent: Thing) -> Thing:
    source, amount = intent["payment_method"], intent["amount"]
    declined = cards.refuses(books, source, amount, intent["currency"])
    if declined is not None:
        raise _declined(books, intent, declined)
    cards.draw(books, source, amount, intent["currency"])
    held = charge(books, intent)
    intent["latest_charge"] = held["id"]
    if intent["capture_method"] != "manual":
        take(books, intent, held, amount)
        return intent
    intent["status"], intent["amount_capturable"] = "requires_capture", amount
    books.at(books.now + books.config.hold_days * DAY, partial(_lapse, books, intent))
    tell(books, "payment_intent.amount_capturable_updated", intent)
    return intent


def _declined(books: Books, intent: Thing, declined: Decline) -> Exception:
    """Record the failed attempt; the error that the caller of the API gets."""
    failed = charge(books, intent, declined)
    intent["latest_charge"], intent["status"] = failed["id"], "requires_payment_method"
    error = {
        "type": "card_error",
        "code": declined.code,
        "decline_code": declined.decline_code,
        "message": declined.message,
        "charge": failed["id"],
    }
    intent["last_payment_error"], intent["next_action"] = error, None
    intent["payment_method"] = None
    tell(books, "payment_intent.payment_failed", intent)
    return card_error(
        declined.code, declined.decline_code, declined.message, shown(books, intent), failed["id"]
    )


def capture(books: Books, id_: str, params: Thing) -> Thing:
    intent = books.get("payment_intent", id_)
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "captured", ("requires_capture",))
    amount = intent["amount_capturable"]
    if "amount_to_capture" in params:
        amount = amount_of(params, intent["currency"], "amount_to_capture")
    if amount > intent["amount_capturable"]:
        raise invalid(
            "The amount to capture must be no more than amount_capturable.",
            "amount_too_large",
            "amount_to_capture",
            saved=True,
        )
    held = books.get("charge", intent["latest_charge"])
    rest = intent["amount_capturable"] - amount
    cards.draw(books, intent["payment_method"], -rest, intent["currency"])
    take(books, intent, held, amount)
    return intent


def increment(books: Books, id_: str, params: Thing) -> Thing:
    intent = books.get("payment_intent", id_)
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "incremented", ("requires_capture",))
    required(params, "amount")
    amount = chargeable(params, intent["currency"])
    if amount <= intent["amount"]:
        raise invalid("The amount must be greater than the current amount.", param="amount")
    held = books.get("charge", intent["latest_charge"])
    details = held["payment_method_details"]["card"]
    able = details["incremental_authorization"]["status"] == "available"
    if not able or intent["_increments"] >= _INCREMENTS_MAX:
        raise invalid(
            "This PaymentIntent is not eligible for incremental authorization.", saved=True
        )
    more = amount - intent["amount"]
    source, currency = intent["payment_method"], intent["currency"]
    declined = cards.refuses(books, source, more, currency)
    if declined is not None:  # the first hold stays as it was
        raise card_error(
            declined.code, declined.decline_code, declined.message, shown(books, intent), ""
        )
    cards.draw(books, source, more, currency)
    intent["_increments"] += 1
    intent["amount"] = intent["amount_capturable"] = held["amount"] = amount
    tell(books, "payment_intent.amount_capturable_updated", intent)
    return intent


def cancel(books: Books, id_: str, params: Thing) -> Thing:
    intent = books.get("payment_intent", id_)
    if intent["status"] not in _OPEN:
        raise unexpected_state(intent, "canceled", _OPEN)
    _end(books, intent, params.get("cancellation_reason"))
    return intent


def _lapse(books: Books, intent: Thing) -> None:
    if intent["status"] == "requires_capture":
        tell(books, "charge.expired", books.get("charge", intent["latest_charge"]))
        _end(books, intent, "automatic")


def _end(books: Books, intent: Thing, reason: str | None) -> None:
    if intent["status"] == "requires_capture":
        held = books.get("charge", intent["latest_charge"])
        held["refunded"], held["amount_refunded"] = True, held["amount"]
        cards.draw(books, intent["payment_method"], -intent["amount"], intent["currency"])
    intent["status"], intent["amount_capturable"] = "canceled", 0
    intent["canceled_at"], intent["cancellation_reason"] = books.now, reason
    intent["next_action"] = None
    tell(books, "payment_intent.canceled", intent)
