"""How does an entry get into the books? Once, in the transaction of its owner's new state."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.ledger.entry import Entry, EntryDiffers
from chalicelib.domain.session.session import Booked, Session
from chalicelib.domain.settlement.window import window_to_book
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put
from chalicelib.usecases import keys

# How long a purse's reservation is kept for a session that never ends or whose CDR does not come.
RESERVATION_LIFE = timedelta(days=7)


def book(session: Session, name: str, entry: Entry, at: datetime) -> tuple[Session, Put]:
    """The session that names the entry, and the entry's write; both go into one transaction.

    The window is the day that charging ended (or, when that is not known, today) in the CPO's time
    zone; an entry that comes after that day was settled goes to the window that is open now.
    """
    if any(booked.name == name for booked in session.booked):
        raise EntryDiffers(entry.id)
    window = window_to_book(session.ended_at or at, session.settlement_zone, at)
    booked = Booked(name, entry.id, window, entry.hash)
    named = replace(session, booked=(*session.booked, booked))
    return named, Put(keys.entry(window, entry.id), to_plain(entry))


def entry_of(ports: Ports, booked: Booked) -> Entry:
    """An entry that its owner names."""
    item = ports.store.get(keys.entry(booked.window, booked.entry_id))
    assert item is not None, "an entry that its owner names is in the books"
    return from_plain(Entry, item.body)
