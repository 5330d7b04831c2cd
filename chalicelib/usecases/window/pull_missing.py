"""Which sessions of the window have no CDR, and does the CPO have it after all?"""

from chalicelib.domain.errors import DomainError
from chalicelib.domain.ids import WindowId
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import after, instruct_by
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Require, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.pull import pull_cdr_of
from chalicelib.usecases.records import Record
from chalicelib.usecases.window.lease import Outcome, leased
from chalicelib.usecases.window.register import sessions_of
from chalicelib.usecases.window.sealed import seal_unsealed

_POLLS_MAX = 3


def pull_missing(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """Ask the CPOs for what was not pushed, and seal what came of it into this window.

    `wait` asks again later, a few times, while money can still be sent in time; sessions that stay
    without a CDR are exceptions of the window's shares, and the window goes on without them.
    """
    record = leased(ports, window, attempt)
    if record.value.reached(Stage.PULLED):
        return {"outcome": "pulled"}
    missing = [session for session in sessions_of(ports, window) if _lacks_cdr(session)]
    for session in missing:
        _ask(ports, session)
    at, polls = ports.clock.now(), record.value.polls + 1
    still = [session for session in sessions_of(ports, window) if _lacks_cdr(session)]
    if still and polls < _POLLS_MAX and at < instruct_by(window):
        ports.store.write(record.put(record.value.polled()))
        return {"outcome": "wait", "missing": len(still)}
    return _pulled(ports, record, len(still))


def _pulled(ports: Ports, record: Record[WindowRun], missing: int) -> Outcome:
    """Seal what has landed since the freeze, unless the next window has begun to adopt it."""
    run, at = record.value, ports.clock.now()
    files, names = seal_unsealed(ports, run)
    more = run.advanced(Stage.PULLED, at, sealed=(*run.sealed, *files), names=(*run.names, *names))
    try:
        # Were the next window opened already, both could name the same entry and pay it twice.
        ports.store.write(record.put(more), Require(keys.window(after(run.id)), ABSENT))
    except WriteConflict as conflict:
        if record.key in conflict.keys:
            raise
        ports.store.write(record.put(run.advanced(Stage.PULLED, at)))
    return {"outcome": "pulled", "missing": missing}


def _lacks_cdr(session: Session) -> bool:
    return session.state is SessionState.ENDED


def _ask(ports: Ports, session: Session) -> None:
    """One CPO's silence or refusal must not stop the window: its sessions stay exceptions."""
    try:
        pull_cdr_of(ports, session)
    except DomainError:
        return
