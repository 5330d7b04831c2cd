"""How does an event reach an eMSP that speaks OCPI? As Session, CDR and CommandResult.

It is one attempt of the delivery of an event (usecases/event/deliver.py), which repeats what fails:
each message tells the present state, so a repeat does no harm.
"""

from collections.abc import Callable
from functools import partial

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.event.event import Event
from chalicelib.domain.hub.reservation import results_of as results_of_reservation
from chalicelib.domain.hub.session import results_of
from chalicelib.domain.ids import PeerId
from chalicelib.domain.session.reservation import Reservation
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable
from chalicelib.usecases import keys
from chalicelib.usecases.hub.told import (
    RECEIPT,
    begun_as_told,
    begun_by,
    cdr_rows_of,
    told_cdrs,
    told_session,
)
from chalicelib.usecases.records import find

_OF_BILLS = frozenset({RECEIPT, "session.refunded"})  # a bill, or one that was taken back
_DONE, _NO_ANSWER, _REFUSED = 204, 0, 422
Send = Callable[[], None]


def push(ports: Ports, peer_id: PeerId, event: Event) -> int:
    """What the eMSP made of it, as a webhook's HTTP status: 0 without an answer."""
    connection = find(ports.store, keys.peer(peer_id), Connection)
    if connection is None:
        return _DONE
    of_reservation = event.type.startswith("reservation.")
    calls = (_of_reservation if of_reservation else _of_session)(ports, connection.value, event)
    if calls and connection.value.state is not ConnectionState.REGISTERED:
        return _NO_ANSWER
    return max((_status(call) for call in calls), key=_worst, default=_DONE)


def _of_reservation(ports: Ports, connection: Connection, event: Event) -> list[Send]:
    """Its eMSP's commands are answered; of its partner's API, nothing."""
    found = find(ports.store, keys.reservation(event.object_id), Reservation)
    command = None if found is None else found.value.command
    if found is None or command is None or command.peer_id != connection.id:
        return []
    results = results_of_reservation(found.value, event)
    whom = found.value.owner, command.emsp
    return [partial(ports.emsps.post_result, connection, *whom, result) for result in results]


def _of_session(ports: Ports, connection: Connection, event: Event) -> list[Send]:
    """Nothing of one that the partner started by the API, or its other eMSP."""
    found = find(ports.store, keys.session(event.object_id), Session)
    begun = None if found is None else begun_by(found.value)
    if found is None or begun is None or begun.peer_id != connection.id:
        return []
    session = found.value
    begun = begun_as_told(ports, session, event.at)
    told = told_session(ports, session, event.at)
    whom = begun.identity, told.token.emsp
    calls: list[Send] = [
        partial(ports.emsps.post_result, connection, *whom, result)
        for result in results_of(begun, session, event.sequence)
    ]
    if session.started_at is not None:
        calls.append(partial(ports.emsps.put_session, connection, told))
    rows = cdr_rows_of(ports, session, event.at) if event.type in _OF_BILLS else []
    cdrs = told_cdrs(ports, rows)
    return [*calls, *(partial(ports.emsps.post_cdr, connection, cdr) for cdr in cdrs)]


def _status(call: Send) -> int:
    try:
        call()
    except CpoUnavailable:
        return _NO_ANSWER
    except CpoRefused:
        return _REFUSED
    return _DONE


def _worst(status: int) -> int:
    """Silence may end; a refusal seldom does."""
    return (_DONE, _REFUSED, _NO_ANSWER).index(status)
