"""What does an attempt on a card leave behind? Charges, what is taken, and what is given back."""

from sandbox.peers.provider import cards
from sandbox.peers.provider.amounts import amount_of
from sandbox.peers.provider.books import DAY, Books
from sandbox.peers.provider.cards import Decline
from sandbox.peers.provider.events import tell
from sandbox.peers.provider.money import post, settled
from sandbox.peers.provider.refusals import Thing, invalid

# Fields that a charge like ours leaves empty, at least at first.
_UNUSED: Thing = dict.fromkeys(
    (
        "application",
        "application_fee",
        "application_fee_amount",
        "balance_transaction",
        "failure_balance_transaction",
        "on_behalf_of",
        "source_transfer",
        "transfer_data",
    )
)


def charge(books: Books, intent: Thing, declined: Decline | None = None) -> Thing:
    """An attempt: failed, or authorised and not yet captured."""
    billing = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    thing: Thing = {
        "id": books.new_id("charge"),
        "object": "charge",
        **_UNUSED,
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": billing,
        "captured": False,
        "created": books.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": declined.code if declined else None,
        "failure_message": declined.message if declined else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": {"type": "issuer_declined" if declined else "authorized"},
        "paid": declined is None,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {
            "type": "card",
            "card": _card_details(books, intent, held=declined is None),
        },
        "refunded": False,
        "status": "failed" if declined else "succeeded",
        "transfer_group": intent["transfer_group"],
    }
    books.keep("charge", "", thing)
    if intent["transfer_group"]:
        books.groups["charge", intent["transfer_group"]].append(thing)
    return thing


def _card_details(books: Books, intent: Thing, *, held: bool) -> Thing:
    card = cards.card(books, intent["payment_method"])
    asked = intent["payment_method_options"].get("card", {})
    wanted = asked.get("request_incremental_authorization") == "if_available"
    able = wanted and books.config.incremental and card.get("incremental", True)
    manual = held and intent["capture_method"] == "manual"
    before = {"capture_before": books.now + books.config.hold_days * DAY} if manual else {}
    return {
        "brand": card.get("brand", "visa"),
        "country": "DE",
        "last4": "4242",
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "available" if able else "unavailable"},
        "multicapture": {"status": "unavailable"},
        "overcapture": {"status": "unavailable", "maximum_amount_capturable": intent["amount"]},
        **before,
    }


def take(books: Books, intent: Thing, held: Thing, amount: int) -> None:
    """Capture. What is not taken is given back and counts as refunded on the charge."""
    currency = intent["currency"]
    lies, into, _ = settled(books, amount, currency)
    fee = books.config.fee(lies, into)
    days = books.config.delay_days
    held["balance_transaction"] = post(
        books, "", "charge", held["id"], amount, currency, fee=fee, delay_days=days
    )
    rest = held["amount"] - amount
    held["captured"], held["amount_captured"], held["amount_refunded"] = True, amount, rest
    if rest:
        books.keep("refund", "", _refund(books, intent, held, rest, {}))
    intent["status"], intent["amount_received"] = "succeeded", amount
    intent["amount_capturable"] = 0
    tell(books, "charge.captured", held)
    tell(books, "payment_intent.succeeded", intent)


def refund(books: Books, params: Thing) -> Thing:
    paid = _refundable(books, params)
    intent = books.get("payment_intent", paid["payment_intent"])
    if _is_at_bank(books, paid):
        raise invalid(f"Charge {paid['id']} has been charged back.", "charge_disputed", saved=True)
    left = paid["amount"] - paid["amount_refunded"]
    amount = amount_of(params, paid["currency"]) if "amount" in params else left
    if left == 0:
        raise invalid(
            f"Charge {paid['id']} has already been refunded.",
            "charge_already_refunded",
            saved=True,
        )
    if amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
            saved=True,
        )
    given = _refund(books, intent, paid, amount, dict(params.get("metadata", {})))
    given["reason"] = params.get("reason")
    books.keep("refund", "", given)
    given["balance_transaction"] = post(books, "", "refund", given["id"], -amount, paid["currency"])
    paid["amount_refunded"] += amount
    paid["refunded"] = paid["amount_refunded"] == paid["amount"]
    cards.draw(books, paid["payment_method"], -amount, paid["currency"])
    tell(books, "refund.created", given)
    tell(books, "charge.refunded", paid)
    return given


def fail_refund(books: Books, said: Thing) -> Thing:
    """{"payment_intent"}: the card's bank sends its last refund back."""
    name = said.get("payment_intent", "")
    made = next(r for r in books.newest("refund", "") if r["payment_intent"] == name)
    paid = books.get("charge", made["charge"])
    line = books.get("balance_transaction", made["balance_transaction"])
    back = post(books, "", "refund_failure", made["id"], -line["amount"], line["currency"])
    made |= {"status": "failed", "failure_balance_transaction": back}
    made["failure_reason"] = "expired_or_canceled_card"
    paid["amount_refunded"] -= made["amount"]
    paid["refunded"] = False
    cards.draw(books, paid["payment_method"], made["amount"], paid["currency"])
    tell(books, "refund.failed", made)
    return made


def _is_at_bank(books: Books, paid: Thing) -> bool:
    disputes = (each for each in books.newest("dispute", "") if each["charge"] == paid["id"])
    moves = [line["amount"] for dispute in disputes for line in dispute["balance_transactions"]]
    return bool(paid["disputed"]) and sum(moves) < 0


def _refundable(books: Books, params: Thing) -> Thing:
    if "charge" in params:
        paid = books.get("charge", params["charge"], param="charge", status=400)
    elif "payment_intent" in params:
        name = params["payment_intent"]
        intent = books.get("payment_intent", name, param="payment_intent", status=400)
        paid = books.things["charge", ""].get(intent["latest_charge"] or "", {})
    else:
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    if not paid or not paid["captured"]:
        raise invalid(
            "This PaymentIntent does not have a successful charge to refund.",
            "charge_not_refundable",
            saved=True,
        )
    return paid


def _refund(books: Books, intent: Thing, paid: Thing, amount: int, metadata: Thing) -> Thing:
    return {
        "id": books.new_id("refund"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": paid["id"],
        "created": books.now,
        "currency": paid["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": metadata,
        "payment_intent": intent["id"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
