"""Do CDR, price, journal, provider and bank say the same? The whole books, three ways.

Reads everything and changes nothing. What the settlement held is taken from its own rows; `deep`
computes every sale's bill again as well.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.reconciliation.compare import booking_differences
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind, aged
from chalicelib.domain.reconciliation.identity import billed_by, identities, identity_differences
from chalicelib.domain.reconciliation.journal import journal_faults
from chalicelib.domain.reconciliation.match import match
from chalicelib.domain.reconciliation.moves import ProviderLine, booked_moves, stated_moves
from chalicelib.domain.reconciliation.report import Report
from chalicelib.domain.session.redress import sold
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.netting import session_of
from chalicelib.domain.settlement.payout import PAID, Payout
from chalicelib.domain.settlement.window import zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.reconciliation.journal import journal, windows_of
from chalicelib.usecases.reconciliation.outside import all_payouts, pooled, stated_lines
from chalicelib.usecases.window.reconcile import differences, unsettled_rows
from chalicelib.usecases.window.register import read_sessions, sessions_of
from chalicelib.usecases.window.sealed import rows

_BOOKS = "books"


def reconcile_books(ports: Ports, as_of: datetime | None = None, *, deep: bool = False) -> Report:
    """As of now, or as of an instant. Sessions and payouts are known as they are now: of the past
    only the journal and the provider's lines are compared, and what was billed by then.
    """
    at = as_of or ports.clock.now()
    entries, payouts = journal(ports, as_of), all_payouts(ports)
    sessions = sessions_in(ports, entries)
    lines = [line for line in stated_lines(ports, payouts) if _by(line, at)]
    matched = match(booked_moves(entries, pooled(payouts)), stated_moves(lines), at)
    billed = billed_by(sold(entries, sessions))
    found = identities(entries, billed)
    all_found = [
        *journal_faults(entries),
        *identity_differences(found, _BOOKS),
        *matched.differences,
    ]
    if as_of is None:
        all_found += _by_sessions(ports, entries, sessions, deep=deep)
        all_found += _by_payouts(entries, payouts)
    return Report(
        scope=_BOOKS,
        at=at,
        counts={
            "entries": len(entries),
            "sessions": len(sessions),
            "payouts": len(payouts),
            "provider lines": len(lines),
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


def sessions_in(ports: Ports, entries: Iterable[Entry]) -> dict[str, Session]:
    """By the journal and by the register of ended sessions: neither hides what the other has."""
    owners = sorted({session_of(entry) for entry in entries} - {""})
    found = {str(session.id): session for session in read_sessions(ports, owners)}
    for run in windows_of(ports):
        found.update({str(session.id): session for session in sessions_of(ports, run.id)})
    return found


def _by_sessions(
    ports: Ports, entries: list[Entry], sessions: dict[str, Session], *, deep: bool
) -> Iterator[Difference]:
    by_id: dict[str, Entry] = {entry.id: entry for entry in entries}
    for session in sessions.values():
        for found in booking_differences(session, by_id):
            yield replace(found, subject=session.id)
    for window in {zone_of(run.id): run.id for run in windows_of(ports)}.values():
        for row in unsettled_rows(ports, window):
            if not row.value.taken_by:
                kind = DifferenceKind(row.value.reason)
                yield Difference(kind, row.value.detail, row.value.entry.id)
    if deep:
        for entry in entries:
            for found in differences(ports, entry, sessions.get(session_of(entry))):
                yield replace(found, subject=entry.id)


def _by_payouts(entries: Iterable[Entry], payouts: Iterable[Payout]) -> Iterator[Difference]:
    """A payout that says that it was paid has its entry, of its sum."""
    booked = {
        entry.owner: sum(p.money.minor for p in entry.postings if p.money.minor > 0)
        for entry in entries
        if entry.event is Event.PAYOUT
    }
    for payout in payouts:
        if payout.stage in PAID and payout.money is not None:
            minor = booked.get(payout.owner)
            if minor != payout.money.minor:
                detail = f"payout {payout.money}, journal {minor or 'nothing'}"
                yield Difference(DifferenceKind.PAYOUT_NOT_BOOKED, detail, payout.id)


def _by(line: ProviderLine, at: datetime) -> bool:
    return line.at is None or line.at <= at


def _once(found: Iterable[Difference]) -> list[Difference]:
    """The first of each id: two looks at one thing are one difference."""
    return list({difference.id: difference for difference in reversed(list(found))}.values())
