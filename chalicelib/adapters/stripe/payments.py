"""How does Stripe hold, take and give back a card's money? Payment intents, captured by hand.

A hold is one PaymentIntent with `capture_method: manual`. Our session id is its metadata and its
transfer group: charges can be listed by the latter at once, while Stripe's search lags behind.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.stripe.amounts import to_code, to_money, to_stripe
from chalicelib.adapters.stripe.client import (
    HOLD_NUMBER,
    SESSION,
    TOP_UP,
    StripeRefused,
    answered,
    keyed,
)
from chalicelib.adapters.stripe.disputes import StripeDisputes
from chalicelib.adapters.stripe.events import StripeEventList
from chalicelib.adapters.stripe.lines import converted
from chalicelib.adapters.stripe.refunds import StripeRefunds
from chalicelib.adapters.stripe.setups import StripeSetups
from chalicelib.domain.money import Money
from chalicelib.ports.payments import Hold, HoldRequest, HoldState, PaymentRefused

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

_EXPAND = ["latest_charge.balance_transaction"]
_LISTED = 100
_STATES = {
    "requires_payment_method": HoldState.DECLINED,
    "requires_confirmation": HoldState.PENDING,
    "requires_action": HoldState.ACTION_REQUIRED,
    "processing": HoldState.PENDING,
    "requires_capture": HoldState.HELD,
    "succeeded": HoldState.CAPTURED,
    "canceled": HoldState.CANCELLED,
}
# What Stripe says when the intent is no longer where the call wants it: look how it stands.
_MOVED_ON = {"payment_intent_unexpected_state", "charge_expired_for_capture"}


class StripePayments(StripeDisputes, StripeEventList, StripeRefunds, StripeSetups):
    """Implements ports.payments.Payments."""

    def hold(self, request: HoldRequest, key: str) -> Hold:
        return self._asked(_held(request), request.money, key)

    def charge(self, request: HoldRequest, key: str) -> Hold:
        params = _asked(request)
        params["capture_method"] = "automatic"
        return self._asked(params, request.money, key)

    def _asked(self, params: "PaymentIntentCreateParams", money: Money, key: str) -> Hold:
        try:
            with answered(key):
                intent = self._client.v1.payment_intents.create(params, keyed(key))
        except StripeRefused as refused:
            none = Hold("", HoldState.DECLINED, money, reason=refused.reason)
            return replace(none, reference=str(refused.intent.get("id", "")))
        return read_hold(intent.to_dict())

    def extend(self, reference: str, money: Money, key: str) -> Hold:
        intents = self._client.v1.payment_intents
        try:
            with answered(key):
                intents.increment_authorization(reference, {"amount": to_stripe(money)}, keyed(key))
        except StripeRefused as refused:
            as_it_is = self.read(reference)
            enough = as_it_is.state is HoldState.HELD and as_it_is.money >= money
            return as_it_is if enough else replace(as_it_is, reason=refused.reason)
        return self.read(reference)

    def capture(self, reference: str, money: Money, key: str) -> Hold:
        try:
            with answered(key):
                intent = self._client.v1.payment_intents.capture(
                    reference,
                    {"amount_to_capture": to_stripe(money), "expand": _EXPAND},
                    keyed(key),
                )
        except StripeRefused as refused:
            as_it_is = self.read(reference) if _MOVED_ON & set(refused.codes) else None
            if as_it_is and as_it_is.state in {HoldState.CAPTURED, HoldState.CANCELLED}:
                return as_it_is
            raise PaymentRefused(refused.reason, refused.message) from refused
        return read_hold(intent.to_dict())

    def release(self, reference: str, key: str) -> Hold:
        try:
            with answered(key):
                intent = self._client.v1.payment_intents.cancel(
                    reference, {"expand": _EXPAND}, keyed(key)
                )
        except StripeRefused as refused:
            if _MOVED_ON & set(refused.codes):
                return self.read(reference)
            raise PaymentRefused(refused.reason, refused.message) from refused
        return read_hold(intent.to_dict())

    def refund(self, reference: str, money: Money, key: str) -> Hold:
        try:
            with answered(key):
                owner = self._client.v1.payment_intents.retrieve(reference).metadata.to_dict()
                ours = {name: str(owner[name]) for name in (SESSION, TOP_UP) if owner.get(name)}
                self._client.v1.refunds.create(
                    {
                        "payment_intent": reference,
                        "amount": to_stripe(money),
                        "metadata": ours,
                    },
                    keyed(key),
                )
        except StripeRefused as refused:
            raise PaymentRefused(refused.reason, refused.message) from refused
        return self.read(reference)

    def read(self, reference: str) -> Hold:
        try:
            with answered():
                intent = self._client.v1.payment_intents.retrieve(reference, {"expand": _EXPAND})
                hold = read_hold(intent.to_dict())
                if hold.refunded is None:
                    return hold
                return replace(hold, refund_moves=self.refund_moves(reference))
        except StripeRefused as refused:
            raise PaymentRefused(refused.reason, refused.message) from refused

    def find(self, session_id: str, number: int = 1) -> Hold | None:
        """By its charge, which is listed at once; else (no charge yet) by the lagging search.

        A session has few holds: the first has no number in its metadata, as they always had none.
        """
        api = self._client.v1
        with answered():
            charges = api.charges.list({"transfer_group": session_id, "limit": _LISTED}).data
            names = [
                str(charge.payment_intent)
                for charge in charges
                if charge.payment_intent and _number(charge.metadata.to_dict()) == number
            ]
            if not names:
                query = f"metadata['{_owner_name(session_id)}']:'{session_id}'"
                found = api.payment_intents.search({"query": query, "limit": _LISTED}).data
                own = (i for i in found if _number(i.metadata.to_dict()) == number)
                names = [intent.id for intent in own]
        return self.read(names[0]) if names else None


def _number(metadata: Mapping[str, Any]) -> int:
    return int(metadata.get(HOLD_NUMBER, 1))


def _owner_name(id_: str) -> str:
    return TOP_UP if id_.startswith("top_") else SESSION


def _held(request: HoldRequest) -> "PaymentIntentCreateParams":
    params = _asked(request)
    params["capture_method"] = "manual"
    params["payment_method_options"] = {
        "card": {"request_incremental_authorization": "if_available"}
    }
    return params


def _asked(request: HoldRequest) -> "PaymentIntentCreateParams":
    """`source` is `pm_…`, or `cus_…/pm_…` for a method that is attached to a customer."""
    debit = request.source.startswith("sepa:")
    customer, _, method = request.source.removeprefix("sepa:").rpartition("/")
    metadata = {_owner_name(request.session_id): request.session_id}
    if request.number > 1:
        metadata[HOLD_NUMBER] = str(request.number)
    params: PaymentIntentCreateParams = {
        "amount": to_stripe(request.money),
        "currency": to_code(request.money.currency),
        "confirm": True,
        "payment_method": method,
        "allowed_payment_method_types": ["sepa_debit" if debit else "card"],
        "metadata": metadata,
        "transfer_group": request.session_id,
        "expand": _EXPAND,
    }
    if customer:
        params["customer"] = customer
    if request.off_session:
        params["off_session"] = True
    if request.return_url:
        params["return_url"] = request.return_url
    return params


def read_hold(intent: Mapping[str, Any]) -> Hold:
    """A PaymentIntent (its latest charge expanded) as a hold."""
    state, currency = _STATES[intent["status"]], intent["currency"]
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, Mapping) else {}
    amount = intent["amount_received" if state is HoldState.CAPTURED else "amount"]
    hold = Hold(
        reference=intent["id"],
        state=state,
        money=to_money(amount, currency),
        reason=_reason(intent, state),
        action_url=_action_url(intent),
    )
    if state is HoldState.HELD:
        return replace(hold, capture_before=_capture_before(charge))
    return _taken(hold, charge) if state is HoldState.CAPTURED else hold


def _reason(intent: Mapping[str, Any], state: HoldState) -> str:
    if state is HoldState.CANCELLED:
        lapsed = intent.get("cancellation_reason") in {"automatic", "expired"}
        return "expired" if lapsed else ""
    error = intent.get("last_payment_error") or {}
    return str(error.get("decline_code") or error.get("code") or "") if error else ""


def _action_url(intent: Mapping[str, Any]) -> str:
    step = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    return str(step.get("url") or "")


def _capture_before(charge: Mapping[str, Any]) -> datetime | None:
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    at = card.get("capture_before")
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _taken(hold: Hold, charge: Mapping[str, Any]) -> Hold:
    """What a capture left on its charge.

    Stripe counts the part of a hold that was never captured as refunded: that is no refund.
    """
    line = charge.get("balance_transaction")
    # It may lag behind the capture: then the fee is not known yet.
    fee = to_money(line["fee"], line["currency"]) if isinstance(line, Mapping) else None
    by = converted(hold.money, line)
    refunded = None
    if charge:
        never_taken = charge["amount"] - charge["amount_captured"]
        given_back = charge["amount_refunded"] - never_taken
        refunded = to_money(given_back, charge["currency"]) if given_back > 0 else None
    return replace(hold, captured=hold.money, fee=fee, refunded=refunded, converted=by)
