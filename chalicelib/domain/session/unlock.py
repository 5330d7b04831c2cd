"""May a session's connector be unlocked? A cable that stays locked is freed for its own driver."""

from datetime import datetime, timedelta

from chalicelib.domain.errors import Conflict
from chalicelib.domain.network.location import Evse, EvseStatus
from chalicelib.domain.session.session import Session, SessionState

UNTIL = timedelta(hours=1)  # after the end: by then another car may stand there
_UNDER_WAY = frozenset(
    {
        SessionState.REQUESTED,
        SessionState.AUTHORISED,
        SessionState.STARTING,
        SessionState.CHARGING,
    }
)


class NotUnlockable(Conflict):
    code = "not_unlockable"
    field = "session_id"
    how_to_fix = "Stop the session first; where it is over, call the CPO's help desk."

    def __init__(self, session_id: str, why: str) -> None:
        super().__init__(f"the connector of session {session_id} is not unlocked: {why}")
        self.session_id, self.why = session_id, why


def check_unlockable(session: Session, evse: Evse | None, now: datetime) -> None:
    """`evse` as its CPO last told it, None where it is not known. Raises NotUnlockable."""
    if session.state in _UNDER_WAY or session.started_at is None or not session.charger_session:
        raise NotUnlockable(session.id, f"it is {session.state.value}")
    ended = session.ended_at
    if ended is None:
        return  # it was told to stop, and nothing else can have begun
    if now > ended + UNTIL:
        raise NotUnlockable(session.id, "it is over for more than an hour")
    if evse is not None and evse.status is EvseStatus.CHARGING and evse.last_updated > ended:
        raise NotUnlockable(session.id, "another car charges there")
