"""Do CDR, price, journal, provider and bank say the same? The whole books, three ways.

Reads everything, or what is younger than what was brought forward, and changes nothing. What the
settlement held is taken from its own rows; `deep` computes every sale's bill again as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import EntryId
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.reconciliation.compare import booking_differences
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind, aged
from chalicelib.domain.reconciliation.forward import BroughtForward
from chalicelib.domain.reconciliation.identity import billed_by, identities, identity_differences
from chalicelib.domain.reconciliation.journal import journal_faults
from chalicelib.domain.reconciliation.match import match
from chalicelib.domain.reconciliation.moves import Move, ProviderLine, booked_moves, stated_moves
from chalicelib.domain.reconciliation.report import Report
from chalicelib.domain.session.redress import sold
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.netting import session_of
from chalicelib.domain.settlement.payout import PAID, Payout
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.second import second_cdr_differences
from chalicelib.usecases.reconciliation.journal import journal, windows_of
from chalicelib.usecases.reconciliation.outside import all_payouts, pooled, stated_lines
from chalicelib.usecases.window.reconcile import differences, unsettled_of
from chalicelib.usecases.window.register import read_sessions, sessions_of
from chalicelib.usecases.window.sealed import rows

_BOOKS = "books"
_KEYS_A_READ = 100


@dataclass(frozen=True, slots=True)
class Books:
    """What was read, of all times or since an instant. `earlier`: older entries of the sessions."""

    entries: list[Entry]
    earlier: dict[EntryId, Entry]
    payouts: list[Payout]
    sessions: dict[str, Session]
    booked: list[Move]
    stated: list[Move]


def reconcile_books(ports: Ports, as_of: datetime | None = None, *, deep: bool = False) -> Report:
    """As of now, or as of an instant. Sessions and payouts are known as they are now: of the past
    only the journal and the provider's lines are compared, and what was billed by then.
    """
    return report_on(ports, read_books(ports, as_of), as_of, deep=deep)


def read_books(
    ports: Ports, as_of: datetime | None = None, since: BroughtForward | None = None
) -> Books:
    at, begin = as_of or ports.clock.now(), since.at if since else None
    entries = journal(ports, as_of, begin)
    payouts = all_payouts(ports, begin, entries)
    sessions = sessions_in(ports, entries, begin)
    lines = [line for line in stated_lines(ports, payouts, begin) if _by(line, at)]
    return Books(
        entries,
        _earlier(ports, entries, sessions) if since else {},
        payouts,
        sessions,
        list(booked_moves(entries, pooled(payouts))),
        list(stated_moves(lines)),
    )


def report_on(
    ports: Ports,
    books: Books,
    as_of: datetime | None = None,
    since: BroughtForward | None = None,
    *,
    deep: bool = False,
) -> Report:
    """What `read_books` of the same two instants found."""
    at = as_of or ports.clock.now()
    entries, sessions = books.entries, books.sessions
    matched = match(books.booked, books.stated, at, since)
    found = identities(entries, billed_by(sold(entries, sessions)))
    all_found = [
        *journal_faults(entries, books.earlier if since else None),
        *identity_differences(found, _BOOKS),
        *matched.differences,
    ]
    if as_of is None:
        all_found += _by_sessions(ports, books, deep=deep)
        all_found += _by_payouts(entries, books.payouts, since)
    return Report(
        scope=_BOOKS,
        at=at,
        counts={
            "entries": len(entries),
            "sessions": len(sessions),
            "payouts": len(books.payouts),
            "provider moves": len(books.stated),
            "moves paired": matched.paired,
        },
        identities=found,
        closings=matched.closings,
        in_transit=matched.in_transit,
        differences=aged(_once(all_found), first_seen(ports), at),
    )


def first_seen(ports: Ports) -> dict[str, datetime]:
    """Since when each open difference is known, by its id."""
    return {
        row.key.sk: datetime.fromisoformat(row.body["first_seen"])
        for row in rows(ports, keys.open_differences())
    }


def sessions_in(
    ports: Ports, entries: Iterable[Entry], since: datetime | None = None
) -> dict[str, Session]:
    """By the journal and by the register of ended sessions: neither hides what the other has."""
    owners = sorted({session_of(entry) for entry in entries} - {""})
    found = {str(session.id): session for session in read_sessions(ports, owners)}
    for run in windows_of(ports, since):
        found.update({str(session.id): session for session in sessions_of(ports, run.id)})
    return found


def _earlier(
    ports: Ports, entries: Iterable[Entry], sessions: Mapping[str, Session]
) -> dict[EntryId, Entry]:
    """What the sessions booked before the first of the entries."""
    known = {entry.id for entry in entries}
    wanted = [
        keys.entry(booked.window, booked.entry_id)
        for session in sessions.values()
        for booked in session.booked
        if booked.entry_id not in known
    ]
    found: dict[EntryId, Entry] = {}
    for start in range(0, len(wanted), _KEYS_A_READ):
        for item in ports.store.get_many(wanted[start : start + _KEYS_A_READ]).values():
            entry = from_plain(Entry, item.body)
            found[entry.id] = entry
    return found


def _by_sessions(ports: Ports, books: Books, *, deep: bool) -> Iterator[Difference]:
    entries, sessions = books.entries, books.sessions
    by_id: dict[str, Entry] = {each.id: each for each in (*books.earlier.values(), *entries)}
    for session in sessions.values():
        for found in booking_differences(session, by_id):
            yield replace(found, subject=session.id)
    yield from second_cdr_differences(ports)
    for zone in rows(ports, keys.zones()):
        for row in unsettled_of(ports, zone.key.sk):
            if not row.value.taken_by:
                kind = DifferenceKind(row.value.reason)
                yield Difference(kind, row.value.detail, row.value.entry.id)
    if deep:
        for entry in entries:
            for found in differences(ports, entry, sessions.get(session_of(entry))):
                yield replace(found, subject=entry.id)


def _by_payouts(
    entries: Iterable[Entry], payouts: Iterable[Payout], since: BroughtForward | None
) -> Iterator[Difference]:
    """A payout that says that it was paid has its entry, of its sum."""
    booked = {
        entry.owner: sum(p.money.minor for p in entry.postings if p.money.minor > 0)
        for entry in entries
        if entry.event is Event.PAYOUT
    }
    for payout in payouts:
        old = since and payout.accepted_at and payout.accepted_at < since.at
        if payout.stage in PAID and payout.money is not None and not old:
            minor = booked.get(payout.owner)
            if minor != payout.money.minor:
                detail = f"payout {payout.money}, journal {minor or 'nothing'}"
                yield Difference(DifferenceKind.PAYOUT_NOT_BOOKED, detail, payout.id)


def _by(line: ProviderLine, at: datetime) -> bool:
    return line.at is None or line.at <= at


def _once(found: Iterable[Difference]) -> list[Difference]:
    """The first of each id: two looks at one thing are one difference."""
    return list({difference.id: difference for difference in reversed(list(found))}.values())
