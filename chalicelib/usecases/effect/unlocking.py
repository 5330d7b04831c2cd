"""How is a charger told to unlock a connector, and what does it answer? (mod_commands 13.3.7)

UNLOCK_CONNECTOR is sent at most once: a second one might free the cable of whoever came next. Its
effect stays with the session until the charger has answered, or for two minutes.
"""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import NotFound, NotYet
from chalicelib.domain.ids import PeerId, SessionId
from chalicelib.domain.session.effects import settled, told
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CommandAnswer, CpoNotAsked, CpoRefused, UnlockCommand
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.save import again, replacing, watch

SEND_WITHIN = timedelta(minutes=2)  # the driver stands there now
ANSWER_WITHIN = timedelta(minutes=2)
SILENT = "TIMEOUT"


def unlock_connector(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Write that it is sent, and send it after that write; later say that nobody answered."""
    at = ports.clock.now()
    if "sent" in effect.detail or at > effect.made_at + SEND_WITHIN:
        return Outcome(_answered(ports, session, effect, SILENT))
    waits = replace(effect, due=at + ANSWER_WITHIN, detail={"sent": "yes"})
    effects = tuple(waits if one.id == effect.id else one for one in session.effects)
    row = watch(session.id, waits.due)
    return Outcome(replace(session, effects=effects), (row,), lambda: _send(ports, session, effect))


def unlock_result(
    ports: Ports, peer_id: PeerId, session_id: str, effect_id: str, answer: str
) -> Session:
    """Tell the partner what the charger said; NotFound for another peer's session.

    An answer to a command that nobody waits for any more changes nothing.
    """
    if record(ports, session_id).value.peer_id != peer_id:
        raise NotFound("session", session_id, "session_id")
    return _tell(ports, session_id, effect_id, answer)


def _tell(ports: Ports, session_id: str, effect_id: str, answer: str) -> Session:
    def decide() -> Session:
        current = record(ports, session_id)
        session = current.value
        for effect in session.effects:
            if effect.kind is EffectKind.UNLOCK and effect.id == effect_id:
                session = _answered(ports, session, effect, answer)
                ports.store.write(replacing(current, session, ports.clock.now()))
        return session

    return again(decide)


def _answered(ports: Ports, session: Session, effect: Effect, answer: str) -> Session:
    done, at = settled(session, effect), ports.clock.now()
    return told(done, at, "session.unlock_answered", answer=answer)


def _send(ports: Ports, session: Session, effect: Effect) -> None:
    connection = connection_of(ports, session.peer_id)
    country, party, _ = session.charger_session.split("*", 2)
    command = UnlockCommand(
        session.location_id,
        session.evse_uid,
        session.connector_id,
        _response_url(ports, connection.version, session.id, effect.id),
        f"{country}*{party}",
    )
    try:
        answer = ports.cpos.unlock(connection, command).value
    except CpoRefused as refusal:
        answer = f"CPO_STATUS_{refusal.status}"
    except CpoNotAsked:
        answer = SILENT
    except NotYet:
        return  # it may have arrived: the charger's own answer may come
    if answer != CommandAnswer.ACCEPTED:
        _tell(ports, session.id, effect.id, answer)


def _response_url(ports: Ports, version: str, session_id: SessionId, effect_id: str) -> str:
    """Of this one command: what comes to it later is no answer to the next."""
    return f"{ports.public_url}/ocpi/{version}/commands/UNLOCK_CONNECTOR/{session_id}/{effect_id}"
