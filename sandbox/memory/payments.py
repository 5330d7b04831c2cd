"""Stripe's rules in memory, as far as use cases notice them: tests/contract runs on both."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.money import Money
from chalicelib.ports.clock import Clock
from chalicelib.ports.payment_events import EventPage, PaymentEvent
from chalicelib.ports.payments import (
    Dispute,
    DisputeState,
    Hold,
    HoldRequest,
    HoldState,
    PaymentRefused,
    Refund,
    Setup,
    SetupRequest,
)
from sandbox.memory.cards import (
    APPROVED,
    ASKS_BANK,
    DEBIT_DAYS,
    DEBITS,
    DECLINES,
    MINIMUM_MINOR,
    NO_INCREMENT,
    fee_of,
)
from sandbox.memory.disputes import Disputes
from sandbox.memory.key_memory import KeyMemory
from sandbox.memory.payouts import MemoryPayouts
from sandbox.memory.refunds import Refunds
from sandbox.memory.setups import Setups
from sandbox.memory.told import Told

HOLD_LIFE = timedelta(days=7)


class MemoryPayments(KeyMemory):
    """`calls`: every one that took effect; `lose_next(name)`: the next one's answer gets lost."""

    def __init__(self, clock: Clock, rail: MemoryPayouts | None = None) -> None:
        super().__init__(clock)
        self._rail = rail
        self._holds: dict[str, Hold] = {}
        self._requests: dict[str, HoldRequest] = {}
        self._asked_at: dict[str, datetime] = {}
        self._disputes = Disputes(clock, rail)
        self._setups = Setups()
        self._refunds = Refunds(rail)
        self.methods: dict[str, str] = {}  # setup → our id of it
        self.told = Told(clock)
        self._events = 0
        self.declining = ""  # while it is set, every new hold is declined for this reason
        self.fees_late = False  # whether balance transactions lag behind their captures

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
        return self._shown(self._current(reference))

    def read_refund(self, reference: str) -> Refund:
        self._lose("read_refund")
        return self._refunds.read(reference)

    def find(self, session_id: str, number: int = 1) -> Hold | None:
        self._lose("find")
        wanted = (session_id, number)
        found = [r for r, q in self._requests.items() if (q.session_id, q.number) == wanted]
        return self._current(found[-1]) if found else None

    def charge(self, request: HoldRequest, key: str) -> Hold:
        return self._once("charge", key, (request,), lambda: self._charge(request))

    def read_dispute(self, reference: str) -> Dispute:
        self._lose("read_dispute")
        return self._disputes.read(reference)

    def contest(self, reference: str, evidence: str, key: str) -> Dispute:
        return self._told("contest", lambda: self._disputes.contest(reference, evidence, key))

    def set_up(self, request: SetupRequest, key: str) -> Setup:
        self._lose("set_up")
        setup = self._setups.set_up(request, key)
        self.methods[setup.reference] = request.setup_id
        return setup

    def events(
        self, types: Sequence[str], since: datetime, until: datetime, after: str = ""
    ) -> EventPage:
        self._lose("events")
        return self.told.page(types, since, until, after)

    def read_setup(self, reference: str) -> Setup:
        self._lose("read_setup")
        return self._setups.read(reference)

    def detach(self, source: str, key: str) -> None:
        self._lose("detach")
        self._setups.detach(source, key)

    # What a test may do to it.

    def complete_action(self, reference: str, *, approve: bool = True) -> Hold:
        """The driver takes the bank's extra step."""
        hold = self._current(reference)
        assert hold.state is HoldState.ACTION_REQUIRED, f"{reference} asks for nothing"
        if approve:
            return self._keep(self._secured(hold))
        reason = "payment_intent_authentication_failure"
        return self._keep(replace(hold, state=HoldState.DECLINED, action_url="", reason=reason))

    def open_dispute(
        self,
        reference: str,
        reason: str = "fraudulent",
        state: DisputeState = DisputeState.NEEDS_RESPONSE,
    ) -> str:
        """The driver's bank takes a captured payment back; an inquiry takes nothing yet."""
        hold = self._current(reference)
        assert hold.captured is not None, "only what was taken is disputed"
        owner = self._requests[reference].session_id
        dispute = self._disputes.open(reference, owner, hold.captured, reason, state)
        self._say("charge.dispute.created", dispute, "")
        return dispute

    def escalate_dispute(self, reference: str) -> None:
        """The driver's bank was not content with an inquiry: it takes the money back."""
        assert not self._current(self._disputes.read(reference).payment).refunded, "given back"
        self._disputes.escalate(reference)
        self._say("charge.dispute.updated", reference, "")
        self._say("charge.dispute.funds_withdrawn", reference, "")

    def fail_refund(self, reference: str) -> str:
        """The card's bank sends a payment's last refund back; the refund's reference."""
        made, hold = self._refunds.fail(reference), self._current(reference)
        assert hold.refunded is not None, "it was refunded"
        left = self._refunds.moves(reference)
        self._keep(replace(hold, refunded=hold.refunded - made.money, refund_moves=left))
        self._say("refund.failed", made.reference, made.owner)
        return made.reference

    def close_dispute(self, reference: str, state: DisputeState) -> None:
        self._disputes.close(reference, state)
        self._say("charge.dispute.closed", reference, "")

    def confirm_setup(self, reference: str, method: str) -> None:
        """The driver fills in the provider's form; a card that is declined fails."""
        known = method in {*APPROVED, *NO_INCREMENT, *ASKS_BANK, *DEBITS}
        self._setups.confirm(reference, method, "" if known else DECLINES[method])
        what = "succeeded" if known else "setup_failed"
        self._say(f"setup_intent.{what}", reference, self.methods[reference])

    # What the provider does.

    def _say(self, type_: str, subject: str, owner: str) -> PaymentEvent:
        """It happened, and is listed from now on."""
        event = PaymentEvent(self._next_event(), type_, subject, "", owner)
        self.told.add(event)
        return event

    def _next_event(self) -> str:
        self._events += 1
        return f"evt_{self._events}"

    def _hold(self, request: HoldRequest) -> Hold:
        money, source = request.money, request.source.rpartition("/")[2]
        none = Hold("", HoldState.DECLINED, money)
        if money.minor < MINIMUM_MINOR.get(money.currency, 50):
            return replace(none, reason="amount_too_small")
        known = source in {*APPROVED, *NO_INCREMENT, *ASKS_BANK, *DECLINES}
        if not known or self._setups.is_detached(request.source):
            return replace(none, reason="resource_missing")
        reference = f"pi_{len(self._holds) + 1:024d}"
        self._requests[reference] = request
        asked = replace(none, reference=reference)
        if source in DECLINES or self.declining:
            return self._keep(replace(asked, reason=self.declining or DECLINES[source]))
        if source in ASKS_BANK and request.off_session:
            return self._keep(replace(asked, reason="authentication_required"))
        if source in ASKS_BANK:
            url = f"https://bank.example/{reference}" if request.return_url else ""
            return self._keep(replace(asked, state=HoldState.ACTION_REQUIRED, action_url=url))
        return self._keep(self._secured(asked))

    def _charge(self, request: HoldRequest) -> Hold:
        if not request.source.startswith("sepa:"):
            held = self._hold(request)
            secured = held.state is HoldState.HELD
            return self._capture(held.reference, request.money) if secured else held
        method = request.source.rpartition("/")[2]
        if method not in DEBITS or self._setups.is_detached(request.source):
            return Hold("", HoldState.DECLINED, request.money, reason="resource_missing")
        reference = f"pi_{len(self._holds) + 1:024d}"
        self._requests[reference] = request
        self._asked_at[reference] = self._clock.now()
        return self._keep(Hold(reference, HoldState.PENDING, request.money))

    def _collected(self, hold: Hold) -> Hold:
        """A debit after its days: paid, or refused by the driver's bank."""
        request = self._requests[hold.reference]
        reason = DEBITS[request.source.rpartition("/")[2]]
        if reason:
            return self._keep(replace(hold, state=HoldState.DECLINED, reason=reason))
        return self._keep(self._taken(hold, hold.money))

    def _taken(self, hold: Hold, money: Money) -> Hold:
        by = None if self._rail is None else self._rail.converted(money)
        lies = money if by is None else by.got
        fee = fee_of(lies)
        if self._rail is not None:
            owner = self._requests[hold.reference].session_id
            self._rail.book_charge(hold.reference, owner, lies, fee)
        taken = replace(hold, state=HoldState.CAPTURED, money=money, captured=money, fee=fee)
        return replace(taken, capture_before=None, converted=by)

    def _secured(self, hold: Hold) -> Hold:
        before = self._clock.now() + HOLD_LIFE
        return replace(hold, state=HoldState.HELD, capture_before=before, action_url="", reason="")

    def _extend(self, reference: str, money: Money) -> Hold:
        hold = self._current(reference)
        if hold.state is not HoldState.HELD:
            return replace(hold, reason="payment_intent_unexpected_state")
        if money <= hold.money:
            return hold
        if self._requests[reference].source.rpartition("/")[2] in NO_INCREMENT:
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
        return self._shown(self._keep(self._taken(hold, money)))

    def _shown(self, hold: Hold) -> Hold:
        return replace(hold, fee=None, converted=None) if self.fees_late else hold

    def _release(self, reference: str) -> Hold:
        hold = self._current(reference)
        if hold.state in (HoldState.CAPTURED, HoldState.CANCELLED):
            return hold
        return self._keep(self._cancelled(hold, ""))

    def _cancelled(self, hold: Hold, reason: str) -> Hold:
        gone = replace(hold, capture_before=None, action_url="")
        return replace(gone, state=HoldState.CANCELLED, reason=reason)

    def _refund(self, reference: str, money: Money) -> Hold:
        hold = self._current(reference)
        if hold.captured is None:
            raise PaymentRefused("charge_not_captured", f"{reference} has nothing to refund")
        if self._disputes.has_money_of(reference):
            raise PaymentRefused("charge_disputed", f"the bank has taken {reference} back")
        given = (hold.refunded or Money.zero(money.currency)) + money
        if given > hold.captured:
            raise PaymentRefused("refund_too_large", f"{given} is more than {hold.captured}")
        self._refunds.make(reference, self._requests[reference].session_id, money)
        gave = self._refunds.moves(reference)
        return self._keep(replace(hold, refunded=given, refund_moves=gave))

    def _current(self, reference: str) -> Hold:
        if reference not in self._holds:
            raise PaymentRefused("resource_missing", f"no such payment_intent: {reference!r}")
        hold = self._holds[reference]
        if hold.capture_before is not None and hold.capture_before <= self._clock.now():
            return self._keep(self._cancelled(hold, "expired"))
        asked_at = self._asked_at.get(reference)
        due = asked_at is not None and asked_at + DEBIT_DAYS <= self._clock.now()
        if due and hold.state is HoldState.PENDING:
            return self._collected(hold)
        return hold

    def _keep(self, hold: Hold) -> Hold:
        self._holds[hold.reference] = hold
        return hold
