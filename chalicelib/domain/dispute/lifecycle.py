"""What may happen to a dispute next, and what follows? One table of (state, event).

A chargeback is decided by the driver's bank, which may decide again; everything else by our staff.
A credit CDR that takes back exactly what it names is granted as it comes: nobody has to decide.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.dispute.dispute import Dispute, DisputeState
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Conflict
from chalicelib.domain.payment.waiting import added, told


class DisputeEvent(StrEnum):
    OPENED = "opened"
    BANK_TOOK = "bank_took"
    PROPOSED = "proposed"
    GRANTED = "granted"
    DENIED = "denied"
    EVEN = "even"  # the driver has back what was granted
    BANK_WON = "bank_won"  # by us: the money is ours again
    BANK_LOST = "bank_lost"


class Follows(StrEnum):
    """CORRECT is booked in the same transaction; the others wait in the dispute as its effects."""

    CORRECT = "correct"
    AWAIT_REFUND = "await_refund"
    TELL_OPENED = "dispute.opened"
    TELL_DECIDED = "dispute.decided"
    TELL_CLOSED = "dispute.closed"
    SEAL = "seal"


class IllegalDisputeTransition(Conflict):
    code = "illegal_dispute_transition"
    how_to_fix = "read the dispute: it was decided, or its bank decides it"

    def __init__(self, dispute_id: str, state: str, event: str) -> None:
        super().__init__(f"{dispute_id} is {state} and does not take {event}")
        self.dispute_id, self.state, self.event = dispute_id, state, event


_S, _E, _F = DisputeState, DisputeEvent, Follows
_GRANTED = (_S.GRANTED, (_F.CORRECT, _F.TELL_DECIDED, _F.AWAIT_REFUND))
_DENIED = (_S.DENIED, (_F.TELL_DECIDED, _F.TELL_CLOSED, _F.SEAL))
_BANK_LOST = (_S.SETTLED, (_F.TELL_DECIDED, _F.TELL_CLOSED, _F.SEAL))
FIRST: dict[DisputeEvent, tuple[DisputeState, tuple[Follows, ...]]] = {
    _E.OPENED: (_S.OPEN, (_F.TELL_OPENED,)),
    _E.BANK_TOOK: (_S.AT_BANK, (_F.TELL_OPENED,)),
    _E.GRANTED: (_S.GRANTED, (_F.CORRECT, _F.TELL_OPENED, _F.TELL_DECIDED, _F.AWAIT_REFUND)),
}
STEPS: dict[tuple[DisputeState, DisputeEvent], tuple[DisputeState, tuple[Follows, ...]]] = {
    (_S.OPEN, _E.PROPOSED): (_S.PROPOSED, ()),
    (_S.OPEN, _E.GRANTED): _GRANTED,
    (_S.OPEN, _E.DENIED): _DENIED,
    (_S.PROPOSED, _E.PROPOSED): (_S.PROPOSED, ()),  # by another person, or of another sum
    (_S.PROPOSED, _E.GRANTED): _GRANTED,
    (_S.PROPOSED, _E.DENIED): _DENIED,
    (_S.GRANTED, _E.EVEN): (_S.SETTLED, (_F.TELL_CLOSED, _F.SEAL)),
    (_S.AT_BANK, _E.BANK_WON): _DENIED,
    (_S.AT_BANK, _E.BANK_LOST): _BANK_LOST,
    (_S.DENIED, _E.BANK_LOST): _BANK_LOST,  # a bank may decide again
    (_S.SETTLED, _E.BANK_WON): _DENIED,
}


def opened(dispute: Dispute, event: DisputeEvent, at: datetime) -> Dispute:
    """A new dispute in its first state, with what follows from it."""
    state, follows = FIRST[event]
    return _with(replace(dispute, state=state), follows, at)


def advance(dispute: Dispute, event: DisputeEvent, at: datetime) -> Dispute:
    """The dispute after an event, with what follows; or IllegalDisputeTransition."""
    found = STEPS.get((dispute.state, event))
    if found is None:
        raise IllegalDisputeTransition(dispute.id, dispute.state.value, event.value)
    state, follows = found
    return _with(replace(dispute, state=state), follows, at)


def _with(dispute: Dispute, follows: tuple[Follows, ...], at: datetime) -> Dispute:
    for each in follows:
        match each:
            case Follows.TELL_OPENED | Follows.TELL_DECIDED | Follows.TELL_CLOSED:
                if dispute.tells:
                    dispute = told(dispute, at, each.value, **_data(dispute))
            case Follows.AWAIT_REFUND:
                dispute = added(dispute, EffectKind.LOOK_UP, at)
            case Follows.SEAL:
                dispute = added(dispute, EffectKind.SEAL_EVIDENCE, at)
            case Follows.CORRECT:
                pass  # an entry, in the transaction of this very step
    return dispute


def _data(dispute: Dispute) -> dict[str, str]:
    data = {
        "session": dispute.session_id,
        "cause": dispute.cause.value,
        "reason": dispute.reason.value,
        "state": dispute.state.value,
    }
    granted = None if dispute.decision is None else dispute.decision.money
    return data if granted is None else {**data, "minor": str(granted.minor)}
