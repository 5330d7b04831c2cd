"""What does the payment provider do by itself? It tells of every change, and pays out in its time.

Its rules are those of sandbox/memory/{payments,payouts}.py, on which the contract tests run.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.money import Money
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import (
    Dispute,
    Hold,
    HoldRequest,
    HoldState,
    KeyReused,
    ProviderUnavailable,
    Setup,
    SetupRequest,
)
from chalicelib.ports.payouts import RailPayout
from sandbox.memory.cards import DEBIT_DAYS
from sandbox.memory.payments import MemoryPayments
from sandbox.memory.payouts import MemoryPayouts, next_banking_day
from sandbox.memory.plain import MemoryClock

_TYPES = {
    HoldState.HELD: "payment_intent.amount_capturable_updated",
    HoldState.ACTION_REQUIRED: "payment_intent.requires_action",
    HoldState.DECLINED: "payment_intent.payment_failed",
    HoldState.CANCELLED: "payment_intent.canceled",
    HoldState.CAPTURED: "payment_intent.succeeded",
    HoldState.PENDING: "payment_intent.processing",
}
Telling = Callable[[PaymentEvent, datetime], None]


_SILENT_FOR = timedelta(hours=26)  # longer than keys are remembered


class SimulatedPayouts(MemoryPayouts):
    """`tell` takes an event and when it happens.

    `silent`: the first of which calls, if any, is not answered for a day, however often it is made.
    `arrives`: whether it takes effect.
    """

    def __init__(self, clock: MemoryClock, tell: Telling) -> None:
        super().__init__(clock)
        self._tell = tell
        self._arrivals: list[datetime] = []
        self.silent, self.arrives = "", False
        self._unanswered, self._until = "", clock.now()

    def _once(
        self, key: str, call: tuple[object, ...], act: Callable[[], str | RailPayout]
    ) -> str | RailPayout:
        now, name = self._clock.now(), str(call[1])
        if call[0] == self.silent and not self._unanswered:
            self._unanswered, self._until = name, now + _SILENT_FOR
            if self.arrives:
                super()._once(key, call, act)
        if call[0] == self.silent and name == self._unanswered and now < self._until:
            raise ProviderUnavailable(f"no answer to {self.silent}")
        return super()._once(key, call, act)

    def next_arrival(self, after: datetime) -> datetime | None:
        """When the rail's word on a payout changes next."""
        return min((at for at in self._arrivals if at > after), default=None)

    def _pay(self, payout_id: str, account: str, money: Money) -> RailPayout:
        fate = self._next_failure or self._next_return
        rail = super()._pay(payout_id, account, money)
        arrives = next_banking_day(self._clock.now())
        self._arrivals.append(arrives)
        self._tell(_payout_event(rail, "paid", account, payout_id), arrives)
        if fate:
            back = next_banking_day(arrives)
            self._arrivals.append(back)
            self._tell(_payout_event(rail, "failed", account, payout_id), back)
        return rail


def _payout_event(rail: RailPayout, what: str, account: str, payout_id: str) -> PaymentEvent:
    id_ = f"evt_{rail.reference}_{what}"
    return PaymentEvent(id_, f"payout.{what}", rail.reference, account, payout_id)


class SimulatedPayments(MemoryPayments):
    """`asks_bank` is told the session and the hold that waits for its driver's bank.

    `shows_form` is told a setup that its driver has to fill in. `later` does what banks do in days.

    `reused` lists keys that came with another call: Stripe refuses that, and we may never do it.
    """

    def __init__(self, clock: MemoryClock, rail: MemoryPayouts, tell: Telling) -> None:
        super().__init__(clock, rail)
        self._tell = tell
        self.asks_bank: Callable[[str, str], None] = lambda _session, _reference: None
        self.shows_form: Callable[[str, str], None] = lambda _reference, _kind: None
        self.later: Callable[[datetime, Callable[[], object]], None] = lambda _at, _act: None
        self.reused: list[str] = []
        self.taken_back: list[datetime] = []  # when drivers' banks moved money
        self.mute = False  # while it is, of what banks do neither a webhook nor the list tells
        self.unsent = False  # while it is, no webhook tells, and the list does

    def _hold(self, request: HoldRequest) -> Hold:
        hold = super()._hold(request)
        if hold.state is HoldState.ACTION_REQUIRED:
            self.asks_bank(request.session_id, hold.reference)
        return hold

    def _charge(self, request: HoldRequest) -> Hold:
        hold = super()._charge(request)
        if hold.state is HoldState.PENDING:
            self.later(self._clock.now() + DEBIT_DAYS, partial(self._current, hold.reference))
        return hold

    def set_up(self, request: SetupRequest, key: str) -> Setup:
        setup = super().set_up(request, key)
        self.shows_form(setup.reference, request.kind)
        return setup

    def _say(self, type_: str, subject: str, owner: str) -> PaymentEvent:
        if type_.startswith(("charge.dispute.", "refund.")):
            self.taken_back.append(self._clock.now())
            if self.mute:
                return PaymentEvent(self._next_event(), type_, subject, "", owner)
        event = super()._say(type_, subject, owner)
        if not self.unsent:
            self._tell(event, self._clock.now())
        return event

    def _keep(self, hold: Hold) -> Hold:
        owner = self._requests[hold.reference].session_id
        event = PaymentEvent(self._next_event(), _TYPES[hold.state], hold.reference, "", owner)
        self._tell(event, self._clock.now())
        return super()._keep(hold)

    def _once(self, name: str, key: str, call: tuple[object, ...], act: Callable[[], Hold]) -> Hold:
        try:
            return super()._once(name, key, call, act)
        except KeyReused:
            self.reused.append(key)
            raise

    def disputes(self) -> dict[str, Dispute]:
        return self._disputes.every()

    def unanswered(self) -> list[str]:
        return self._disputes.unanswered()

    def holds(self) -> list[tuple[str, Hold]]:
        """Session and hold, as they are now: the provider's own record."""
        return [(self._requests[ref].session_id, self._current(ref)) for ref in list(self._holds)]
