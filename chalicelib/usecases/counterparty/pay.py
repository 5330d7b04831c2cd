"""How is a payee paid, once, whatever is killed or repeated on the way?

Each outside call is recorded before it is made (TRANSFERRING, PAYING, REVERSING). Then it is looked
up by our id; only what the rail does not have is asked for, with a key that the rail remembers for
a day (a bank longer). What is neither found nor young enough to be asked again stays, for people.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain.errors import NotYet
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.payout import transfer_entry
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import (
    PAID,
    Payout,
    PayoutEvent,
    PayoutStage,
    advance,
)
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import PayoutRefused, PayoutState, Unfunded
from chalicelib.usecases.counterparty.fund import UNFUNDED, not_clear
from chalicelib.usecases.counterparty.hold import held
from chalicelib.usecases.counterparty.record import booked, fenced, may_wait, saved
from chalicelib.usecases.payout.accept import accepted
from chalicelib.usecases.payout.rail import books_of, rail, remembered_for
from chalicelib.usecases.payout.reverse import reverse
from chalicelib.usecases.payout.staff_hold import STAFF_HOLD, unheld
from chalicelib.usecases.records import Record
from chalicelib.usecases.window.lease import Outcome

_Step = Callable[[Ports, Record[Payout], int], Record[Payout]]


class OutcomeUnknown(NotYet):
    """A call was recorded more than a day ago and the rail does not show it: people must look."""

    code = "payout_outcome_unknown"

    def __init__(self, payout_id: str, call: str) -> None:
        super().__init__(f"whether the {call} of {payout_id} took place is not known")
        self.payout_id, self.call = payout_id, call


class Unanswered(NotYet):
    """The bank has the file and says neither yes nor no: a later attempt finds its answer."""

    code = "payout_unanswered"

    def __init__(self, payout_id: str) -> None:
        super().__init__(f"the bank has not answered {payout_id}")
        self.payout_id = payout_id


class _NotNow(NotYet):
    """The rail has definitely not done it, and may later: the state machine waits."""


def pay(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Outcome:
    """`accepted`, `held`, `wait` for money or the bank's word, or `unresolved` for people."""
    record = fenced(ports, window, attempt, payout_id)
    try:
        while record.value.stage in _NEXT:
            record = _NEXT[record.value.stage](ports, record, attempt)
    except _NotNow:
        return {"outcome": "wait"}
    except (OutcomeUnknown, Unanswered) as unknown:
        return {"outcome": "unresolved", "reason": unknown.code}
    if record.value.stage in PAID:
        return {"outcome": "accepted"}
    return {"outcome": "held", "reason": record.value.reason}


def _try_transfer(ports: Ports, record: Record[Payout], attempt: int) -> Record[Payout]:
    """Recorded before the call: from here on only the rail knows whether money has moved.

    No hold of people's comes between: the write requires that there is none.
    """
    nobody_holds = unheld(ports, record.value)
    reason = STAFF_HOLD if nobody_holds is None else not_clear(ports, record.value)
    if nobody_holds is None or reason:
        kept, row = held(record.value, reason, ports.clock.now())
        return saved(ports, record, kept, reason, attempt, row)
    trying = replace(
        advance(record.value, PayoutEvent.TRY_TRANSFER), tried_at=ports.clock.now(), tries=0
    )
    return saved(ports, record, trying, "transfer_asked", attempt, *nobody_holds)


def _transfer(ports: Ports, record: Record[Payout], attempt: int) -> Record[Payout]:
    payout = record.value
    money = _money(payout)
    # Outside the try: only an answer to the call itself is proof that nothing moved.
    reference = rail(ports, payout.account).find_transfer(payout.id)
    try:
        if reference is None:
            _check_key_lives(ports, payout, "transfer")
            key = f"{payout.id}:transfer:{payout.tries}"
            reference = rail(ports, payout.account).transfer(payout.id, payout.account, money, key)
    except Unfunded:
        return _not_now(ports, record, attempt)
    except PayoutRefused as refused:
        kept, row = held(payout, f"refused_{refused.provider_code}", ports.clock.now())
        return saved(ports, record, kept, "transfer_refused", attempt, row)
    at = ports.clock.now()
    done = replace(
        advance(payout, PayoutEvent.TRANSFER), transfer=reference, tries=0, tried_at=None, polls=0
    )
    books = books_of(payout.account)
    entry = transfer_entry(
        payout.owner, payout.party_id, money, at, rail=books, reference=reference
    )
    done, put = booked(done, entry, "transfer", at)
    return saved(ports, record, done, "transfer", attempt, put)


def _try_pay(ports: Ports, record: Record[Payout], attempt: int) -> Record[Payout]:
    trying = replace(
        advance(record.value, PayoutEvent.TRY_PAY), tried_at=ports.clock.now(), tries=0
    )
    return saved(ports, record, trying, "payout_asked", attempt)


def _pay(ports: Ports, record: Record[Payout], attempt: int) -> Record[Payout]:
    payout = record.value
    found = rail(ports, payout.account).find_payout(payout.id, payout.account)
    try:
        if found is None:
            _check_key_lives(ports, payout, "payout")
            key = f"{payout.id}:pay:{payout.tries}"
            found = rail(ports, payout.account).pay(payout.id, payout.account, _money(payout), key)
    except Unfunded:
        return _not_now(ports, record, attempt)
    except PayoutRefused as refused:
        return _refused(ports, record, refused.provider_code, attempt)
    if found.state is PayoutState.REFUSED:
        return _refused(ports, record, found.reason, attempt)
    if found.state is PayoutState.SENT:
        return _unanswered(ports, record, attempt)
    return accepted(ports, record, found, attempt)


def _refused(ports: Ports, record: Record[Payout], reason: str, attempt: int) -> Record[Payout]:
    back = replace(
        advance(record.value, PayoutEvent.TRY_REVERSE),
        reason=f"refused_{reason}",
        tried_at=ports.clock.now(),
        tries=0,
    )
    return saved(ports, record, back, "payout_refused", attempt)


def _unanswered(ports: Ports, record: Record[Payout], attempt: int) -> Record[Payout]:
    """The bank's answer comes by file: PAYING stays, and only that answer moves it."""
    payout = record.value
    if not may_wait(payout, ports.clock.now()):
        raise Unanswered(payout.id)
    waiting = replace(payout, polls=payout.polls + 1)
    saved(ports, record, waiting, "payout_unanswered", attempt)
    raise _NotNow


def _not_now(ports: Ports, record: Record[Payout], attempt: int) -> Record[Payout]:
    """Not enough money there: nothing moved. The rail repeats that answer to the same key for a
    day, so that the next try has another.
    """
    payout, at = record.value, ports.clock.now()
    if may_wait(payout, at):
        again = replace(payout, tries=payout.tries + 1, tried_at=at, polls=payout.polls + 1)
        saved(ports, record, again, "unfunded", attempt)
        raise _NotNow
    if payout.stage is PayoutStage.TRANSFERRING:
        kept, row = held(payout, UNFUNDED, at)
        return saved(ports, record, kept, "unfunded", attempt, row)
    back = replace(
        advance(payout, PayoutEvent.TRY_REVERSE), reason=UNFUNDED, tried_at=at, tries=0, polls=0
    )
    return saved(ports, record, back, "unfunded", attempt)


def _check_key_lives(ports: Ports, payout: Payout, call: str) -> None:
    assert payout.tried_at is not None, "a call is recorded before it is made"
    if ports.clock.now() - payout.tried_at >= remembered_for(payout.account):
        raise OutcomeUnknown(payout.id, call)


def _money(payout: Payout) -> Money:
    assert payout.money is not None, "paying comes after the conversion"
    return payout.money


_NEXT: dict[PayoutStage, _Step] = {
    PayoutStage.FUNDED: _try_transfer,
    PayoutStage.TRANSFERRING: _transfer,
    PayoutStage.TRANSFERRED: _try_pay,
    PayoutStage.PAYING: _pay,
    PayoutStage.REVERSING: reverse,
}
