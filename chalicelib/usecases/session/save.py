"""How is a session written? With its pending effects counted, and seen again by the sweeper."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.session.effects import due
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.store import Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, due_row
from chalicelib.usecases.window.register import ended_row

_TRIES = 5
T = TypeVar("T")


def replacing(record: Record[Session], session: Session, at: datetime) -> Put:
    """The write of a session; the table's stream runs the effects that are due by now."""
    return record.put(session, pending=len(due(session, at)))


def watch(session_id: str, at: datetime) -> Put:
    """The row by which the sweeper looks at the session from `at` on."""
    key = keys.session(session_id)
    return due_row(at, key.pk)


def in_its_window(session: Session) -> tuple[Session, list[Put]]:
    """The window of the day that charging ended, and the session's row in its list if it is new.

    Settlement counts every session in that list, billed or not: the 48 hours begin at its end. A
    CDR may tell another end than the charger did.
    """
    assert session.ended_at is not None, "only an ended session has a window"
    window = window_id(session.ended_at, session.settlement_zone)
    if session.window == window:
        return session, []
    return replace(session, window=window), [ended_row(session)]


def again(decide: Callable[[], T]) -> T:
    """Read, decide and write; read and decide again while somebody else was faster."""
    for _ in range(_TRIES - 1):
        try:
            return decide()
        except WriteConflict:
            continue
    return decide()
