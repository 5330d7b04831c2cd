"""Is each sealed entry right, to the cent? What is clean is owed; what differs is held and shown.

One file of entries a call, so that no call is long; what a call found is sealed, and counts once
the window's record names it. An entry held by an earlier window is looked at again, and comes into
this one when its difference is gone.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import Rejected
from chalicelib.domain.ids import EntryId, SessionId, WindowId
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.reconciliation.compare import (
    billing_differences,
    journal_differences,
    payment_differences,
)
from chalicelib.domain.reconciliation.difference import Difference
from chalicelib.domain.reconciliation.identity import (
    Identity,
    billed_by,
    identities,
    merged,
)
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.redress import as_sold, sold
from chalicelib.domain.session.session import Bill, Session
from chalicelib.domain.settlement.line_file import rows_of
from chalicelib.domain.settlement.netting import SESSION_OWNER, Line, lines_of, session_of
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put, Require
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import KeptCdr
from chalicelib.usecases.records import Record, find
from chalicelib.usecases.remembered import remembering
from chalicelib.usecases.session.bill import as_bill, bill
from chalicelib.usecases.window.lease import Outcome, leased
from chalicelib.usecases.window.register import read_sessions
from chalicelib.usecases.window.sealed import (
    JSON_LINES,
    entries_in,
    read_sealed,
    rows,
    seal_bytes,
)

_OWNERS_A_READ = 100


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An entry that owes nobody yet, and why. `taken_by`: the window that settles it."""

    entry: Entry
    sealed_in: WindowId
    reason: str
    detail: str = ""
    taken_by: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What one call found beside the lines of clean entries; the first row of the call's file."""

    held: tuple[Unsettled, ...] = ()
    released: tuple[EntryId, ...] = ()  # held by earlier windows, clean now
    identities: tuple[Identity, ...] = ()  # billed is owed, over the call's file


def reconcile(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """`more` until every sealed file and every entry held earlier has been looked at."""
    record = leased(ports, window, attempt)
    run = record.value
    if run.reached(Stage.RECONCILED):
        return {"outcome": "reconciled"}
    if run.cursor < len(run.sealed):
        lines, head = _checked(ports, window, entries_in(ports, run.sealed[run.cursor]))
        name = seal_reconciled(ports, window, lines, head)
        done = replace(run, cursor=run.cursor + 1, reconciled=(*run.reconciled, name))
        ports.store.write(record.put(done))
        return {"outcome": "more"}
    name = seal_reconciled(ports, window, *_released(ports, record))
    at = ports.clock.now()
    done = run.advanced(Stage.RECONCILED, at, reconciled=(*run.reconciled, name))
    ports.store.write(record.put(done))
    return {"outcome": "reconciled"}


def seal_reconciled(ports: Ports, window: WindowId, lines: Iterable[Line], head: Head) -> str:
    """The file of one call: its head, then the lines by payee."""
    rows_ = (canonical_bytes(to_plain(head)), *rows_of(lines))
    content = b"".join(row + b"\n" for row in rows_)
    return seal_bytes(ports, window, "reconciled", content, ("jsonl", JSON_LINES))


def heads_in(ports: Ports, run: WindowRun) -> Iterator[tuple[str, Head]]:
    """Each file of the window's reconciliation, and its head."""
    for name in run.reconciled:
        row, _, _ = read_sealed(ports, name).partition(b"\n")
        yield name, from_plain(Head, json.loads(row))


def unsettled_rows(ports: Ports, window: WindowId) -> Iterable[Record[Unsettled]]:
    """Every entry that the zone's windows ever held; few, and never deleted."""
    return unsettled_of(ports, zone_of(window))


def unsettled_of(ports: Ports, zone: str) -> Iterable[Record[Unsettled]]:
    for item in rows(ports, keys.unsettled(zone)):
        yield Record(item.key, from_plain(Unsettled, item.body), item.version)


def held_row(window: WindowId, held: Unsettled) -> Put:
    """The row of a held entry, for its first write."""
    key = Key(keys.unsettled(zone_of(window)), held.entry.id)
    return Put(key, to_plain(held))


def _checked(ports: Ports, window: WindowId, entries: list[Entry]) -> tuple[list[Line], Head]:
    """A file's entries, a hundred owners at a time: what is read of them is read together."""
    lines, held, found = list[Line](), list[Unsettled](), list[Identity]()
    sharing, shared = remembering(ports)
    for part in _parts(entries):
        owners = dict.fromkeys(session_of(entry) for entry in part)
        sessions = {s.id: s for s in read_sessions(ports, [o for o in owners if o])}
        cdrs = ((session, cdr_key(session)) for session in sessions.values())
        shared.read_ahead(key for session, key in cdrs if session.cdr_id)
        for entry in part:
            session = sessions.get(SessionId(session_of(entry)))
            differ = differences(sharing, entry, session)
            if differ:
                held.append(Unsettled(entry, window, differ[0].kind.value, differ[0].detail))
            else:
                lines.extend(lines_of(entry, _agreement(session)))
        by_id = {str(id_): session for id_, session in sessions.items()}
        found.extend(identities(part, billed_by(sold(part, by_id))))
    return lines, Head(tuple(held), identities=merged(found))


def _parts(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Entries in order, those of some owners together."""
    part, owners = list[Entry](), 0
    for owner, own in groupby(entries, key=lambda entry: entry.owner):
        del owner
        part.extend(own)
        owners += 1
        if owners == _OWNERS_A_READ:
            yield part
            part, owners = [], 0
    if part:
        yield part


def _agreement(session: Session | None) -> str:
    """Under which agreement an entry that names none is owed: its session's."""
    return "" if session is None else session.agreement_id


def _released(ports: Ports, record: Record[WindowRun]) -> tuple[list[Line], Head]:
    """What earlier windows held and is clean now. Each is claimed before it counts.

    A claim requires the window's record as this attempt read it: an attempt that was superseded
    could otherwise claim what the later one does not pay.
    """
    window = record.value.id
    lines, released = list[Line](), list[EntryId]()
    for row in unsettled_rows(ports, window):
        if row.value.taken_by not in {"", window} or row.value.sealed_in >= window:
            continue
        session = next(read_sessions(ports, [session_of(row.value.entry)]), None)
        if not row.value.taken_by:
            if differences(ports, row.value.entry, session):
                continue
            claimed = replace(row.value, taken_by=window)
            ports.store.write(row.put(claimed), Require(record.key, record.version))
        lines.extend(lines_of(row.value.entry, _agreement(session)))
        released.append(row.value.entry.id)
    return lines, Head(released=tuple(released))


def differences(ports: Ports, entry: Entry, session: Session | None) -> tuple[Difference, ...]:
    """Every difference between an entry and the records around it; none is clean."""
    if not entry.owner.startswith(SESSION_OWNER):
        return ()
    session = None if session is None else as_sold(session, entry.id)
    found = journal_differences(entry, session)
    if found or entry.event is not Event.SALE:
        return found
    assert session is not None
    assert session.bill is not None
    return (
        *billing_differences(session.bill, _billed_again(ports, session)),
        *payment_differences(session),
    )


def _billed_again(ports: Ports, session: Session) -> Bill | None:
    """The bill computed anew from the pinned tariff and the kept CDR; None: there is no CDR."""
    kept = kept_cdr(ports, session)
    if kept is None:
        return None
    return next(iter(bills_again(ports, session, kept.cdr)), None)


def bills_again(ports: Ports, session: Session, cdr: ReceivedCdr) -> list[Bill]:
    """The bill computed anew, the one that the session has first if it is among them.

    What was captured before a CDR came limits the bill. Whether the capture's outcome was known
    in that moment is not recorded, so a session that was captured provisionally has two readings.
    So has one that was billed anew after a credit CDR.
    """
    free = replace(session, payment=replace(session.payment, captured=None))
    provisional = any(booked.name == "provisional" for booked in session.booked)
    found = list[Bill]()
    for known in (free, session) if provisional or session.redress else (free,):
        try:
            found.append(as_bill(bill(ports, known, cdr), cdr))
        except Rejected:
            continue
    return sorted(found, key=lambda again: again != session.bill)


def cdr_key(session: Session) -> Key:
    """Where the CDR of a session that has one lies."""
    country_code, _, rest = session.charger_session.partition("*")
    return keys.cdr(session.peer_id, country_code, rest.partition("*")[0], session.cdr_id)


def kept_cdr(ports: Ports, session: Session) -> KeptCdr | None:
    record = find(ports.store, cdr_key(session), KeptCdr)
    if record is None or record.value.session_id != session.id:
        return None
    return record.value
