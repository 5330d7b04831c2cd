"""Which sessions of the window have no CDR, and does the CPO have it after all?"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.errors import DomainError
from chalicelib.domain.ids import PeerId, WindowId
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import after, instruct_by
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import Received
from chalicelib.ports.store import ABSENT, Require, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.pull import accept_pulled_cdr
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.records import Record
from chalicelib.usecases.window.lease import Outcome, leased
from chalicelib.usecases.window.register import sessions_of
from chalicelib.usecases.window.sealing import seal_next

POLLS_MAX = 3
_AT_ONCE = 8
_OVERLAP = timedelta(minutes=10)  # clocks differ


def pull_missing(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """Ask the CPOs for what was not pushed, and seal what came of it into this window.

    `wait` asks again later, a few times, while money can still be sent in time; sessions that stay
    without a CDR are exceptions of the window's shares, and the window goes on without them.
    Sealing goes file by file: `more` until the last.
    """
    record = leased(ports, window, attempt)
    if record.value.reached(Stage.PULLED):
        return {"outcome": "pulled"}
    if record.value.sealing:  # the CPOs were asked before the first file
        return _sealed(ports, record)
    missing = [session for session in sessions_of(ports, window) if _lacks_cdr(session)]
    _ask_cpos(ports, missing)
    again = sessions_of(ports, window) if missing else ()
    at, polls = ports.clock.now(), record.value.polls + 1
    still = [session for session in again if _lacks_cdr(session)]
    if still and polls < POLLS_MAX and at < instruct_by(window):
        ports.store.write(record.put(record.value.polled()))
        return {"outcome": "wait", "missing": len(still)}
    return {**_sealed(ports, record), "missing": len(still)}


def _sealed(ports: Ports, record: Record[WindowRun]) -> Outcome:
    """Seal what has landed since the freeze, unless the next window has begun to adopt it."""
    run, at = record.value, ports.clock.now()
    done = seal_next(ports, run)
    done = done if done.sealing else done.advanced(Stage.PULLED, at)
    try:
        # Were the next window opened already, both could name the same entry and pay it twice.
        ports.store.write(record.put(done), Require(keys.window(after(run.id)), ABSENT))
    except WriteConflict as conflict:
        if record.key in conflict.keys:
            raise
        done = run.advanced(Stage.PULLED, at)
        ports.store.write(record.put(done))
    return {"outcome": "more" if done.sealing else "pulled"}


def _lacks_cdr(session: Session) -> bool:
    return session.state is SessionState.ENDED


def _ask_cpos(ports: Ports, missing: list[Session]) -> None:
    """One pull a CPO. Its silence or refusal leaves its sessions missing and stops nothing.

    Several are asked at once, so that a slow one delays no other; what they tell is taken in order.
    """
    by_peer: defaultdict[PeerId, list[Session]] = defaultdict(list)
    for session in missing:
        by_peer[session.peer_id].append(session)
    if len(by_peer) == 1:
        told = [_asked(ports, *only) for only in by_peer.items()]
    else:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            told = list(pool.map(lambda one: _asked(ports, *one), by_peer.items()))
    for (connection, items), sessions in zip(told, by_peer.values(), strict=True):
        for received in items:
            if connection is not None and _is_of(received.value, sessions):
                _accept(ports, connection, received)


def _asked(
    ports: Ports, peer_id: PeerId, sessions: list[Session]
) -> tuple[Connection | None, Sequence[Received]]:
    try:
        connection = connection_of(ports, peer_id)
        since = min(session.started_at or session.requested_at for session in sessions)
        until = ports.clock.now() + _OVERLAP
        return connection, ports.cpos.cdrs(connection, since - _OVERLAP, until).items
    except DomainError:
        return None, ()


def _accept(ports: Ports, connection: Connection, received: Received) -> None:
    try:
        accept_pulled_cdr(ports, connection, received)
    except DomainError:
        return  # its session stays an exception of the window; the pull is not repeated for it


def _is_of(cdr: ReceivedCdr, sessions: list[Session]) -> bool:
    """Whether one of the sessions is meant: by our reference, else by the CPO's own id."""
    if cdr.authorization_reference:
        return any(cdr.authorization_reference == s.authorization_reference for s in sessions)
    name = f"{cdr.country_code}*{cdr.party_id}*{cdr.session_id}"
    return any(session.charger_session == name for session in sessions)
