"""How does an event reach an eMSP that speaks OCPI? As Session, CDR and CommandResult.

It is one attempt of the delivery of an event (usecases/event/deliver.py), which repeats what fails:
each message tells the present state, so a repeat does no harm.
"""

from collections.abc import Callable
from functools import partial

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.event.event import Event
from chalicelib.domain.hub.session import results_of
from chalicelib.domain.ids import PeerId
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


def push(ports: Ports, peer_id: PeerId, event: Event) -> int:
    """What the eMSP made of it, as a webhook's HTTP status: 0 without an answer."""
    session = find(ports.store, keys.session(event.object_id), Session)
    begun = None if session is None else begun_by(session.value)
    connection = find(ports.store, keys.peer(peer_id), Connection)
    if session is None or begun is None or begun.peer_id != peer_id or connection is None:
        return _DONE  # the partner started it by the API, or its other eMSP
    if connection.value.state is not ConnectionState.REGISTERED:
        return _NO_ANSWER
    return max(
        (_status(call) for call in _calls(ports, connection.value, session.value, event)),
        key=_worst,
        default=_DONE,
    )


def _calls(
    ports: Ports, connection: Connection, session: Session, event: Event
) -> list[Callable[[], None]]:
    begun = begun_as_told(ports, session, event.at)
    told = told_session(ports, session, event.at)
    calls: list[Callable[[], None]] = [
        partial(ports.emsps.post_result, connection, told, result)
        for result in results_of(begun, session, event.sequence)
    ]
    if session.started_at is not None:
        calls.append(partial(ports.emsps.put_session, connection, told))
    rows = cdr_rows_of(ports, session, event.at) if event.type in _OF_BILLS else []
    cdrs = told_cdrs(ports, rows)
    return [*calls, *(partial(ports.emsps.post_cdr, connection, cdr) for cdr in cdrs)]


def _status(call: Callable[[], None]) -> int:
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
