"""A payment provider in memory with the rules that our use cases can notice.

The same contract tests run on it and on the Stripe adapter (tests/contract/test_payments.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.money import Money
from chalicelib.ports.clock import Clock
from chalicelib.ports.payments import (
    Hold,
    HoldRequest,
    HoldState,
    KeyReused,
    PaymentRefused,
    ProviderUnavailable,
)
from sandbox.memory.payouts import MemoryPayouts

HOLD_LIFE = timedelta(days=7)
KEY_LIFE = timedelta(hours=24)
_FIXED_FEE_MINOR = {"EUR": 25, "GBP": 20, "CHF": 30}
_MINIMUM_MINOR = {"GBP": 30, "DKK": 250, "NOK": 300, "SEK": 300, "PLN": 200, "CZK": 1500}

# What each test card does, in Stripe's names (docs.stripe.com/testing). A card unknown is refused.
DECLINES = {
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_chargeDeclinedLostCard": "lost_card",
}
APPROVED = {"pm_card_visa", "pm_card_mastercard", "pm_card_visa_debit"}
NO_INCREMENT = {"pm_card_amex"}
ASKS_BANK = {"pm_card_authenticationRequired"}


def fee_of(money: Money) -> Money:
    """1.5 % of the amount, half up, and a fixed part: a European card at Stripe's list price."""
    percent = (money.minor * 150 + 5_000) // 10_000
    return Money(percent + _FIXED_FEE_MINOR.get(money.currency, 25), money.currency)


@dataclass(frozen=True, slots=True)
class _Answer:
    call: tuple[object, ...]
    hold: Hold | None
    refused: PaymentRefused | None
    until: datetime


class MemoryPayments:
    """`calls` lists every call that took effect; `lose_next(name)` makes the next one's answer
    get lost, before or after it took effect.
    """

    def __init__(self, clock: Clock, rail: MemoryPayouts | None = None) -> None:
        self._clock, self._rail = clock, rail
        self._holds: dict[str, Hold] = {}
        self._requests: dict[str, HoldRequest] = {}
        self._answers: dict[str, _Answer] = {}
        self._lost: dict[str, bool] = {}
        self.calls: list[tuple[str, str]] = []

    def hold(self, request: HoldRequest, key: str) -> Hold:
        return self._once("hold", key, (request,), lambda: self._hold(request))

    def extend(self, reference: str, money: Money, key: str) -> Hold:
        return self._once("extend", key, (reference, money), lambda: self._extend(reference, money))

    def capture(self, reference: str, money: Money, key: str) -> Hold:
        return self._once(
            "capture", key, (reference, money), lambda: self._capture(reference, money)
        )

    def release(self, reference: str, key: str) -> Hold:
        return self._once("release", key, (reference,), lambda: self._release(reference))

    def refund(self, reference: str, money: Money, key: str) -> Hold:
        return self._once("refund", key, (reference, money), lambda: self._refund(reference, money))

    def read(self, reference: str) -> Hold:
        self._lose("read")
        return self._current(reference)

    def find(self, session_id: str) -> Hold | None:
        self._lose("find")
        found = [r for r, q in self._requests.items() if q.session_id == session_id]
        return self._current(found[-1]) if found else None

    # What a test may do to it.

    def lose_next(self, call: str, *, after: bool = True) -> None:
        self._lost[call] = after

    def complete_action(self, reference: str, *, approve: bool = True) -> Hold:
        """The driver takes the bank's extra step."""
        hold = self._current(reference)
        assert hold.state is HoldState.ACTION_REQUIRED, f"{reference} asks for nothing"
        if approve:
            return self._keep(self._secured(hold))
        reason = "payment_intent_authentication_failure"
        return self._keep(replace(hold, state=HoldState.DECLINED, action_url="", reason=reason))

    # What the provider does.

    def _hold(self, request: HoldRequest) -> Hold:
        money, source = request.money, request.source
        none = Hold("", HoldState.DECLINED, money)
        if money.minor < _MINIMUM_MINOR.get(money.currency, 50):
            return replace(none, reason="amount_too_small")
        if source not in {*APPROVED, *NO_INCREMENT, *ASKS_BANK, *DECLINES}:
            return replace(none, reason="resource_missing")
        reference = f"pi_{len(self._holds) + 1:024d}"
        self._requests[reference] = request
        asked = replace(none, reference=reference)
        if source in DECLINES:
            return self._keep(replace(asked, reason=DECLINES[source]))
        if source in ASKS_BANK:
            url = f"https://bank.example/{reference}" if request.return_url else ""
            return self._keep(replace(asked, state=HoldState.ACTION_REQUIRED, action_url=url))
        return self._keep(self._secured(asked))

    def _secured(self, hold: Hold) -> Hold:
        before = self._clock.now() + HOLD_LIFE
        return replace(hold, state=HoldState.HELD, capture_before=before, action_url="", reason="")

    def _extend(self, reference: str, money: Money) -> Hold:
        hold = self._current(reference)
        if hold.state is not HoldState.HELD:
            return replace(hold, reason="payment_intent_unexpected_state")
        if money <= hold.money:
            return hold
        if self._requests[reference].source in NO_INCREMENT:
            return replace(hold, reason="incremental_authorization_unavailable")
        return self._keep(replace(hold, money=money))

    def _capture(self, reference: str, money: Money) -> Hold:
        hold = self._current(reference)
        if hold.state in (HoldState.CAPTURED, HoldState.CANCELLED):
            return hold
        if hold.state is not HoldState.HELD:
            raise PaymentRefused("payment_intent_unexpected_state", f"it is {hold.state.value}")
        if money > hold.money:
            raise PaymentRefused("amount_too_large", f"{money} is more than {hold.money}")
        fee = fee_of(money)
        if self._rail is not None:
            self._rail.book_charge(reference, self._requests[reference].session_id, money, fee)
        taken = replace(hold, state=HoldState.CAPTURED, money=money, captured=money, fee=fee)
        return self._keep(replace(taken, capture_before=None))

    def _release(self, reference: str) -> Hold:
        hold = self._current(reference)
        if hold.state in (HoldState.CAPTURED, HoldState.CANCELLED):
            return hold
        return self._keep(self._cancelled(hold, ""))

    def _cancelled(self, hold: Hold, reason: str) -> Hold:
        gone = replace(hold, state=HoldState.CANCELLED, reason=reason)
        return replace(gone, capture_before=None, action_url="")

    def _refund(self, reference: str, money: Money) -> Hold:
        hold = self._current(reference)
        if hold.captured is None:
            raise PaymentRefused("charge_not_captured", f"{reference} has nothing to refund")
        given = (hold.refunded or Money.zero(money.currency)) + money
        if given > hold.captured:
            raise PaymentRefused("refund_too_large", f"{given} is more than {hold.captured}")
        if self._rail is not None:
            self._rail.book_refund(reference, self._requests[reference].session_id, money)
        return self._keep(replace(hold, refunded=given))

    def _current(self, reference: str) -> Hold:
        if reference not in self._holds:
            raise PaymentRefused("resource_missing", f"no such payment_intent: {reference!r}")
        hold = self._holds[reference]
        if hold.capture_before is not None and hold.capture_before <= self._clock.now():
            return self._keep(self._cancelled(hold, "expired"))
        return hold

    def _keep(self, hold: Hold) -> Hold:
        self._holds[hold.reference] = hold
        return hold

    def _once(self, name: str, key: str, call: tuple[object, ...], act: Callable[[], Hold]) -> Hold:
        """The provider's memory of keys: the same call is answered the same for a day."""
        if self._lost.get(name) is False:
            self._lose(name)
        answer = self._answers.get(key)
        if answer is None or answer.until <= self._clock.now():
            answer = self._act((name, *call), act)
            self._answers[key] = answer
            self.calls.append((name, key))
        if answer.call != (name, *call):
            raise KeyReused(key)
        self._lose(name)
        if answer.refused is not None:
            raise answer.refused
        assert answer.hold is not None, "an answer is a hold or a refusal"
        return answer.hold

    def _act(self, call: tuple[object, ...], act: Callable[[], Hold]) -> _Answer:
        until = self._clock.now() + KEY_LIFE
        try:
            return _Answer(call, act(), None, until)
        except PaymentRefused as refused:
            return _Answer(call, None, refused, until)

    def _lose(self, name: str) -> None:
        if self._lost.pop(name, None) is not None:
            raise ProviderUnavailable(f"no answer to {name}")
