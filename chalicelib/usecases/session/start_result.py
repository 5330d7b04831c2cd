"""What does the CPO's asynchronous answer to a command change?"""

from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PeerId
from chalicelib.domain.session.effects import added, told, without
from chalicelib.domain.session.lifecycle import SessionEvent, awaits_start, step
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.network.reliability import saw_it_fail
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.save import again, replacing

# The noes of CommandResultType (OCPI 2.2.1 mod_commands 13.4.4). A TIMEOUT is none of them: the
# charger may start all the same, so the session is looked for, as after a word that we do not know.
# ACCEPTED is not a start either: the Session object is.
_NOES = frozenset(
    {
        "CANCELED_RESERVATION",
        "EVSE_INOPERATIVE",
        "EVSE_OCCUPIED",
        "FAILED",
        "NOT_SUPPORTED",
        "REJECTED",
        "UNKNOWN_RESERVATION",
    }
)


def command_result(
    ports: Ports, peer_id: PeerId, command: str, session_id: str, result: str
) -> Session:
    """Take a result that a peer posts for one of its sessions; NotFound for another's."""
    found = record(ports, session_id).value
    if found.peer_id != peer_id:
        raise NotFound("session", session_id, "session_id")
    if command == "START_SESSION" and result in _NOES:
        return start_refused(ports, session_id, f"start_{result.lower()}")
    return found  # a stop is confirmed by the Session object, not by its command


def start_refused(ports: Ports, session_id: str, reason: str) -> Session:
    """The charger said no: give the hold back. A session that charges already goes on."""

    def decide() -> Session:
        current = record(ports, session_id)
        session, at = current.value, ports.clock.now()
        if not awaits_start(session):
            return session
        refused = step(session, SessionEvent.START_REFUSED, reason)
        refused = without(refused, EffectKind.FIND_SESSION, EffectKind.STOP_CHARGING)
        refused = added(refused, EffectKind.RELEASE, at)
        refused = told(refused, at, "session.refused", reason=reason)
        ports.store.write(replacing(current, refused, at))
        saw_it_fail(ports, refused)
        return refused

    return again(decide)
