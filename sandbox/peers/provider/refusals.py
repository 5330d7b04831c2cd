"""How does Stripe say no? One error object, and whether an idempotency key remembers it."""

from typing import Any

Thing = dict[str, Any]  # one API object, as it goes out (names with `_` stay inside)


class Refused(Exception):
    """`saved`: execution had begun, so that the idempotency key repeats this answer."""

    def __init__(self, status: int, error: Thing, *, saved: bool = False) -> None:
        super().__init__(error.get("message", ""))
        self.status, self.error, self.saved = status, error, saved


def invalid(
    message: str, code: str = "", param: str = "", *, status: int = 400, saved: bool = False
) -> Refused:
    error: Thing = {"type": "invalid_request_error", "message": message}
    if code:
        error["code"] = code
        error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
    if param:
        error["param"] = param
    return Refused(status, error, saved=saved)


def missing(kind: str, id_: str, param: str = "id", *, status: int = 404) -> Refused:
    """A path that names nothing is a 404, a parameter that does is a 400."""
    return invalid(f"No such {kind}: '{id_}'", "resource_missing", param, status=status)


def unexpected_state(intent: Thing, verb: str, allowed: tuple[str, ...]) -> Refused:
    refused = invalid(
        f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
        f" Only a PaymentIntent with one of the following statuses may be {verb}:"
        f" {', '.join(allowed)}.",
        "payment_intent_unexpected_state",
        saved=True,
    )
    refused.error["payment_intent"] = {n: v for n, v in intent.items() if n[0] != "_"}
    return refused


def card_error(code: str, decline_code: str, message: str, intent: Thing, charge: str) -> Refused:
    error = {
        "type": "card_error",
        "code": code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "payment_intent": intent,
    }
    if decline_code:
        error["decline_code"] = decline_code
    if charge:
        error["charge"] = charge
    return Refused(402, error, saved=True)


def insufficient(message: str) -> Refused:
    return invalid(message, "balance_insufficient", saved=True)


def key_reused(message: str) -> Refused:
    return Refused(400, {"type": "idempotency_error", "message": message})
