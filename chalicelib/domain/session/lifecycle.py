"""What may happen to a session next? The table of (state, event) → state, and nothing else."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Conflict
from chalicelib.domain.session.session import Session, SessionState


class SessionEvent(StrEnum):
    HOLD_PLACED = "hold_placed"
    HOLD_DECLINED = "hold_declined"
    START_SENT = "start_sent"
    START_REFUSED = "start_refused"
    CHARGER_ACTIVE = "charger_active"
    STOP_ASKED = "stop_asked"
    CHARGER_COMPLETED = "charger_completed"
    PRICED = "priced"  # the CDR came: the sale is booked
    CREDITED = "credited"
    GIVEN_UP = "given_up"  # nothing was charged, as far as anyone can tell


class IllegalSessionTransition(Conflict):
    code = "illegal_session_transition"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"a session that is {state} does not take {event}")
        self.state, self.event = state, event


_S, _E = SessionState, SessionEvent
_STEPS: dict[tuple[SessionState, SessionEvent], SessionState] = {
    (_S.REQUESTED, _E.HOLD_PLACED): _S.AUTHORISED,
    (_S.REQUESTED, _E.HOLD_DECLINED): _S.REFUSED,
    (_S.REQUESTED, _E.STOP_ASKED): _S.ABANDONED,
    (_S.REQUESTED, _E.GIVEN_UP): _S.ABANDONED,
    (_S.AUTHORISED, _E.START_SENT): _S.STARTING,
    (_S.AUTHORISED, _E.STOP_ASKED): _S.ABANDONED,
    (_S.AUTHORISED, _E.GIVEN_UP): _S.ABANDONED,
    (_S.STARTING, _E.START_REFUSED): _S.REFUSED,
    (_S.STARTING, _E.CHARGER_ACTIVE): _S.CHARGING,
    (_S.STARTING, _E.CHARGER_COMPLETED): _S.ENDED,
    (_S.STARTING, _E.STOP_ASKED): _S.STOPPING,
    (_S.STARTING, _E.PRICED): _S.BILLED,
    (_S.STARTING, _E.GIVEN_UP): _S.ABANDONED,
    (_S.CHARGING, _E.STOP_ASKED): _S.STOPPING,
    (_S.CHARGING, _E.CHARGER_COMPLETED): _S.ENDED,
    (_S.CHARGING, _E.PRICED): _S.BILLED,
    (_S.CHARGING, _E.GIVEN_UP): _S.ABANDONED,
    (_S.STOPPING, _E.START_REFUSED): _S.REFUSED,  # the stop had overtaken the start's answer
    (_S.STOPPING, _E.CHARGER_COMPLETED): _S.ENDED,
    (_S.STOPPING, _E.PRICED): _S.BILLED,
    (_S.STOPPING, _E.GIVEN_UP): _S.ABANDONED,
    (_S.ENDED, _E.PRICED): _S.BILLED,
    (_S.ENDED, _E.GIVEN_UP): _S.ABANDONED,  # its CPO calls it void
    (_S.BILLED, _E.CREDITED): _S.CREDITED,
    (_S.CREDITED, _E.PRICED): _S.BILLED,  # by the CDR that replaces the first one
    # A charger may start after we gave it up, or after it said no (ocpi issue 475). The car took
    # energy: the session is billed, and what cannot be captured is a driver's debt.
    (_S.REFUSED, _E.CHARGER_ACTIVE): _S.CHARGING,
    (_S.REFUSED, _E.CHARGER_COMPLETED): _S.ENDED,
    (_S.REFUSED, _E.PRICED): _S.BILLED,
    (_S.ABANDONED, _E.CHARGER_ACTIVE): _S.CHARGING,
    (_S.ABANDONED, _E.CHARGER_COMPLETED): _S.ENDED,
    (_S.ABANDONED, _E.PRICED): _S.BILLED,
}

OPEN = frozenset({_S.STARTING, _S.CHARGING, _S.STOPPING})  # a charger may be delivering energy
LATE = frozenset({_S.REFUSED, _S.ABANDONED})
_NOT_SENT = frozenset({_S.REQUESTED, _S.AUTHORISED})


def awaits_start(session: Session) -> bool:
    """START_SESSION was sent, and no charger has told of it; perhaps a stop was asked meanwhile."""
    return session.state in {_S.STARTING, _S.STOPPING} and session.started_at is None


def too_late(session: Session, at: datetime) -> bool:
    """It has not begun in time: it is given up soon, and its hold with it."""
    begun = session.state not in _NOT_SENT and not awaits_start(session)
    return not begun and at > session.start_not_after


def can(state: SessionState, event: SessionEvent) -> bool:
    return (state, event) in _STEPS


def step(session: Session, event: SessionEvent, reason: str = "") -> Session:
    """The session after an event, or IllegalSessionTransition."""
    state = _STEPS.get((session.state, event))
    if state is None:
        raise IllegalSessionTransition(session.state.value, event.value)
    return replace(session, state=state, reason=reason or session.reason)
