"""How does a partner stop a session?"""

from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.session.effects import added, told, without
from chalicelib.domain.session.lifecycle import SessionEvent, can, step
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.save import again, replacing

_STOPPED = frozenset(
    {
        SessionState.STOPPING,
        SessionState.ENDED,
        SessionState.BILLED,
        SessionState.CREDITED,
        SessionState.REFUSED,
        SessionState.ABANDONED,
    }
)


def stop(ports: Ports, partner_id: PartyId, session_id: str) -> Session:
    """Ask the charger to stop; before it was asked to start, give the hold back instead.

    Stopping what has stopped, or is stopping, is success and changes nothing.
    """

    def decide() -> Session:
        current = record(ports, session_id)
        session, at = current.value, ports.clock.now()
        if session.partner_id != partner_id:
            raise NotFound("session", session_id, "session_id")
        if session.state in _STOPPED or not can(session.state, SessionEvent.STOP_ASKED):
            return session
        never_sent = session.state in {SessionState.REQUESTED, SessionState.AUTHORISED}
        stopped = step(session, SessionEvent.STOP_ASKED, "stopped_by_partner")
        if never_sent:
            stopped = without(stopped, EffectKind.HOLD, EffectKind.START_CHARGING)
            stopped = told(added(stopped, EffectKind.RELEASE, at), at, "session.abandoned")
        else:
            stopped = added(stopped, EffectKind.STOP_CHARGING, at)
        ports.store.write(replacing(current, stopped, at))
        return stopped

    return again(decide)
