"""What may a partner see of its sessions?"""

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId, SessionId
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, find, load

_MONTH_DIGITS = 6


def record(ports: Ports, session_id: str) -> Record[Session]:
    return load(ports.store, keys.session(session_id), Session, "session")


def read(ports: Ports, partner_id: PartyId, session_id: str) -> Session:
    """The partner's own session; another partner's looks as if it were not there."""
    found = find(ports.store, keys.session(session_id), Session)
    if found is None or found.value.partner_id != partner_id:
        raise NotFound("session", session_id, "session_id")
    return found.value


def list_row(session: Session) -> Key:
    """Where a session stands in its partner's list: by the instant that it was requested."""
    at = session.requested_at
    pk = keys.partner_sessions(session.partner_id, f"{at:%Y%m}")
    return Key(pk, f"{at:%Y-%m-%dT%H:%M:%S.%fZ}#{session.id}")


def page(
    ports: Ports, partner_id: PartyId, month: str, cursor: str, limit: int
) -> tuple[list[Session], str]:
    """Sessions requested in a month (yyyymm), oldest first, and the cursor of the next page."""
    if len(month) != _MONTH_DIGITS or not month.isdecimal():
        raise Invalid("month", f"{month!r} is not a month", "send yyyymm, e.g. 202611")
    pk = keys.partner_sessions(partner_id, month)
    rows = ports.store.query(pk, after=cursor, limit=limit)
    ids = [SessionId(row.key.sk.rpartition("#")[2]) for row in rows]
    wanted = [keys.session(id_) for id_ in ids]
    items = ports.store.get_many(wanted)
    found = [from_plain(Session, item.body) for item in items.values()]
    by_row = {list_row(session): session for session in found}
    # A row is written before its session, which another request may have prevented or made.
    sessions = [by_row[row.key] for row in rows if row.key in by_row]
    return sessions, rows[-1].key.sk if len(rows) == limit else ""
