"""How does each card behave? Stripe's test methods, and cards that the market makes."""

from dataclasses import dataclass

from sandbox.peers.provider.books import Books
from sandbox.peers.provider.refusals import Thing, invalid, missing

# Direct debits, and what the driver's bank says after days; "" pays (debits.py).
DEBITS: dict[str, str] = {
    "pm_sepa_pays": "",
    "pm_sepa_fails": "insufficient_funds",
    "pm_sepa_gone": "account_closed",
}
_MESSAGES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "authentication_required": (
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
}


@dataclass(frozen=True, slots=True)
class Decline:
    decline_code: str

    @property
    def code(self) -> str:
        return _MESSAGES[self.decline_code][0]

    @property
    def message(self) -> str:
        return _MESSAGES[self.decline_code][1]


_TEST_CARDS: dict[str, Thing] = {
    "pm_card_visa": {},
    "pm_card_visa_debit": {},
    "pm_card_mastercard": {"brand": "mastercard"},
    "pm_card_amex": {"brand": "amex", "incremental": False},
    "pm_card_chargeDeclined": {"decline": "generic_decline"},
    "pm_card_chargeDeclinedInsufficientFunds": {"decline": "insufficient_funds"},
    "pm_card_visa_chargeDeclinedInsufficientFunds": {"decline": "insufficient_funds"},
    "pm_card_chargeDeclinedExpiredCard": {"decline": "expired_card"},
    "pm_card_chargeDeclinedIncorrectCvc": {"decline": "incorrect_cvc"},
    "pm_card_chargeDeclinedProcessingError": {"decline": "processing_error"},
    "pm_card_chargeDeclinedLostCard": {"decline": "lost_card"},
    "pm_card_chargeDeclinedStolenCard": {"decline": "stolen_card"},
    "pm_card_authenticationRequired": {"authentication": True},
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": {
        "authentication": True,
        "decline": "insufficient_funds",
    },
}


def issue(books: Books, said: Thing) -> Thing:
    """A card of our own: {"id", "decline", "authentication", "incremental", "funds": {cur: n}}."""
    id_ = str(said.get("id") or books.new_id("payment_method"))
    unknown = set(said) - {"id", "brand", "decline", "authentication", "incremental", "funds"}
    decline = said.get("decline")
    if unknown or (decline and decline not in _MESSAGES):
        raise invalid(f"a card has no {sorted(unknown) or decline}")
    books.cards[id_] = {**said, "id": id_, "funds": dict(said.get("funds", {}))}
    return books.cards[id_]


def card(books: Books, id_: str) -> Thing:
    found = books.cards.get(id_) or _TEST_CARDS.get(id_)
    if id_ in DEBITS:
        found = {}
    if found is None or id_ in books.detached:
        raise missing("PaymentMethod", id_, "payment_method", status=400)
    return found


def refuses(books: Books, id_: str, amount: int, currency: str) -> Decline | None:
    """Whether the issuer declines an amount, now."""
    known = card(books, id_)
    if known.get("decline"):
        return Decline(known["decline"])
    funds = known.get("funds", {})
    if currency in funds and funds[currency] < amount:
        return Decline("insufficient_funds")
    return None


def draw(books: Books, id_: str, amount: int, currency: str) -> None:
    """Take from (or, negative, give back to) a card that has limited funds."""
    funds = card(books, id_).get("funds", {})
    if currency in funds:
        funds[currency] -= amount


def method_object(books: Books, id_: str) -> Thing:
    known = card(books, id_)
    return {
        "id": id_,
        "object": "payment_method",
        "created": books.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "card": {"brand": known.get("brand", "visa"), "last4": "4242", "country": "DE"},
    }
