"""When must somebody look at a session again, if nothing is heard of it?"""

from datetime import datetime, timedelta

from chalicelib.domain.session.lifecycle import OPEN
from chalicelib.domain.session.session import Session, SessionState

FIRST_LOOK = timedelta(minutes=2)  # after a start was asked for
LOOK_UNTIL = timedelta(minutes=30)  # after `start_not_after`: then the car is taken to have left
# A lost push is normal (OCPI repeats none), so an open session is looked up at its CPO.
LOOK_AT_CHARGER = timedelta(hours=3)
HEARD_LATELY = timedelta(minutes=10)  # a report as young as this says that pushes arrive
LOOK_AT_STOPPING = timedelta(minutes=15)  # a stop may be accepted and still not be obeyed
EXPIRING = "hold_expiring"  # the reason of a stop because no later hold could be had
STUCK = "session_stuck"  # the reason of a charge that never ended and was named for people
_RETRY = timedelta(minutes=5)


def next_look(session: Session, now: datetime) -> datetime | None:
    """The instant of the next look; None when the session is closed and nothing is pending."""
    if session.effects:
        earliest = min(effect.due for effect in session.effects)
        return max(earliest, now + _RETRY)
    if session.state is SessionState.STOPPING and session.reason != STUCK:
        return now + LOOK_AT_STOPPING
    if session.state in OPEN:
        return now + LOOK_AT_CHARGER
    if session.state in {SessionState.REQUESTED, SessionState.AUTHORISED}:
        return now + _RETRY
    return None
