"""How does a window know its sessions, CDR or none? By a row written when the session ends."""

from collections.abc import Iterable, Iterator
from itertools import islice

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.window.sealed import rows

_KEYS_A_READ = 100


def ended_row(session: Session) -> Put:
    """The row of a session that has just ended (or was billed), for its own transaction.

    Written again it is the same row. Without it the 48-hour shares would forget the session.
    """
    assert session.ended_at is not None, "a session that has not ended is in no window"
    window = window_id(session.ended_at, session.settlement_zone)
    return Put(keys.ended_session(window, session.id), {}, expects=None)


def sessions_of(
    ports: Ports,
    window: WindowId,
    shards: Iterable[int] = range(keys.ENTRY_SHARDS),
    besides: frozenset[str] = frozenset(),
) -> Iterator[Session]:
    """The sessions that ended in a window, as they are now, `besides` those."""
    listed = (item for shard in shards for item in rows(ports, keys.ended(window, shard)))
    ids = (item.key.sk for item in listed if item.key.sk not in besides)
    for session in read_sessions(ports, ids):
        ended_at = session.ended_at  # a CDR may tell another end than the charger did
        if ended_at is not None and window_id(ended_at, session.settlement_zone) == window:
            yield session


def read_sessions(ports: Ports, ids: Iterable[str]) -> Iterator[Session]:
    """Those of the sessions that exist, a hundred a read."""
    left = iter(ids)
    while wanted := [keys.session(id_) for id_ in islice(left, _KEYS_A_READ)]:
        for item in ports.store.get_many(wanted).values():
            yield from_plain(Session, item.body)
