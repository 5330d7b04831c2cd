"""How is a charger told to start and stop, when any answer may be lost?

START_SESSION is sent at most once: the state STARTING is written first, and only the writer sends.
From then on the outcome is looked for at the CPO and never asked for again.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import NotYet
from chalicelib.domain.ids import SessionId
from chalicelib.domain.network.place import public_name
from chalicelib.domain.session.effects import added, settled, told, without
from chalicelib.domain.session.lifecycle import OPEN, SessionEvent, awaits_start, step
from chalicelib.domain.session.preferences import of_detail
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import (
    CommandAnswer,
    CpoNotAsked,
    CpoRefused,
    CpoUnavailable,
    StartCommand,
)
from chalicelib.usecases.connection.client_info import reachable
from chalicelib.usecases.connection.health import start_unanswered
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.hub.told import begun_by
from chalicelib.usecases.session.follow import follow
from chalicelib.usecases.session.look import look_at_charger
from chalicelib.usecases.session.save import watch
from chalicelib.usecases.session.start_result import start_refused
from chalicelib.usecases.session.watch import FIRST_LOOK, LOOK_AT_STOPPING, LOOK_UNTIL
from chalicelib.usecases.token.read import token_by_uid

LOOK_AGAIN = timedelta(minutes=5)


def response_url(ports: Ports, connection: Connection, command: str, session_id: SessionId) -> str:
    """Where the CPO posts a command's result: unique to the session, unguessable by its id."""
    base = f"{ports.public_url}/ocpi/{connection.version}"
    return f"{base}/commands/{command}/{session_id}/result"


def start_charging(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Write that the start was sent; send it after that write, once. Too late: give up."""
    at = ports.clock.now()
    if session.state is not SessionState.AUTHORISED:
        return Outcome(settled(session, effect))
    if at > session.start_not_after:
        late = step(settled(session, effect), SessionEvent.GIVEN_UP, "start_too_late")
        return Outcome(told(added(late, EffectKind.RELEASE, at), at, "session.abandoned"))
    sent = step(settled(session, effect), SessionEvent.START_SENT)
    sent = added(sent, EffectKind.FIND_SESSION, at, after=FIRST_LOOK)
    row = watch(session.id, at + FIRST_LOOK)
    written = row.key == watch(session.id, session.requested_at + FIRST_LOOK).key  # by `start`
    return Outcome(sent, () if written else (row,), lambda: _send_start(ports, sent))


def _send_start(ports: Ports, session: Session) -> None:
    connection, begun = connection_of(ports, session.peer_id), begun_by(session)
    command = StartCommand(
        token=token_by_uid(ports, session.token_uid),
        location_id=session.location_id,
        evse_uid=session.evse_uid,
        connector_id=session.connector_id,
        authorization_reference=session.authorization_reference,
        response_url=response_url(ports, connection, "START_SESSION", session.id),
        owner=_owner(connection, session),
        correlation_id="" if begun is None else begun.correlation_id,
    )
    if not reachable(ports, connection, command.owner):
        start_refused(ports, session.id, "cpo_offline")
        return
    try:
        answer = ports.cpos.start_session(connection, command)
    except CpoRefused as refusal:
        start_refused(ports, session.id, f"cpo_status_{refusal.status}")
        return
    except CpoNotAsked:  # surely not sent: the driver need not wait for a search
        start_refused(ports, session.id, "cpo_silent")
        return
    except CpoUnavailable:
        start_unanswered(ports, session.peer_id)
        return  # it may have arrived: find_session will tell
    except NotYet:
        return
    if answer is not CommandAnswer.ACCEPTED:
        start_refused(ports, session.id, f"start_{answer.value.lower()}")


def _owner(connection: Connection, session: Session) -> str:
    """The `CC*PID` whose location it is: behind a hub, messages are routed to it."""
    for identity in connection.identities:
        country, _, party = identity.partition("*")
        if public_name(connection.id, country, party, session.location_id) == session.place_id:
            return identity
    return ""


def find_session(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Did the start arrive? Look at the CPO until the car has surely left."""
    at = ports.clock.now()
    if not awaits_start(session):
        return Outcome(settled(session, effect))
    if _seen(ports, session):
        return Outcome(settled(session, effect))
    if at <= session.start_not_after + LOOK_UNTIL:
        again = added(settled(session, effect), EffectKind.FIND_SESSION, at, after=LOOK_AGAIN)
        return Outcome(again, (watch(session.id, at + LOOK_AGAIN),))
    gone = without(settled(session, effect), EffectKind.STOP_CHARGING)
    gone = step(gone, SessionEvent.GIVEN_UP, "charger_never_started")
    return Outcome(told(added(gone, EffectKind.RELEASE, at), at, "session.abandoned"))


def _seen(ports: Ports, session: Session) -> bool:
    """Whether the CPO has our session; what it says of it is followed."""
    try:
        pk = look_at_charger(ports, session)
    except CpoRefused:
        return False  # it will not say: what it pushes still counts
    if pk:
        follow(ports, pk)  # it may have been pushed, and its reader have failed
    return bool(pk)


def stop_charging(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """STOP_SESSION may be repeated: stopping what has stopped changes nothing."""
    if session.state not in OPEN or not session.charger_session:
        done = without(session, EffectKind.STOP_CHARGING)
        return Outcome(done if session.state not in OPEN else settled(session, effect))
    connection = connection_of(ports, session.peer_id)
    country, party, charger_id = session.charger_session.split("*", 2)
    url = response_url(ports, connection, "STOP_SESSION", session.id)
    with suppress(CpoRefused):  # the charger's own report decides; the sweeper looks at it
        ports.cpos.stop_session(connection, charger_id, url, f"{country}*{party}")
    # It said yes, or nothing: `look_again` repeats the stop while the charger goes on.
    row = watch(session.id, ports.clock.now() + LOOK_AT_STOPPING)
    return Outcome(settled(session, effect), (row,))


def send_preferences(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """PUT replaces what was preferred before: repeating it changes nothing."""
    done = settled(session, effect)
    if session.state is not SessionState.CHARGING:
        return Outcome(done)
    connection = connection_of(ports, session.peer_id)
    country, party, charger_id = session.charger_session.split("*", 2)
    wanted, owner = of_detail(effect.detail), f"{country}*{party}"
    try:
        answer = ports.cpos.prefer(connection, charger_id, wanted, owner)
    except CpoRefused:
        answer = "NOT_SUPPORTED"  # of a version or a charger that takes none
    if "emsp" in done.detail:  # it is told when it asks again: OCPI has no later answer
        said = {**effect.detail, "answer": answer}
        done = replace(done, detail={**done.detail, "preferred": said})
    return Outcome(told(done, ports.clock.now(), "session.preferences", answer=answer))
