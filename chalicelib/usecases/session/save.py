"""How is a session written? With its pending effects counted, and seen again by the sweeper."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.session.effects import due
from chalicelib.domain.session.session import Session
from chalicelib.ports.store import Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record

_TRIES = 5
T = TypeVar("T")


def replacing(record: Record[Session], session: Session, at: datetime) -> Put:
    """The write of a session; the table's stream runs the effects that are due by now."""
    return record.put(session, pending=len(due(session, at)))


def watch(session_id: str, at: datetime) -> Put:
    """The row by which the sweeper looks at the session from `at` on."""
    key = keys.session(session_id)
    return Put(keys.due_at(at, key.pk), {}, expects=None)


def again(decide: Callable[[], T]) -> T:
    """Read, decide and write; read and decide again while somebody else was faster."""
    for _ in range(_TRIES - 1):
        try:
            return decide()
        except WriteConflict:
            continue
    return decide()
