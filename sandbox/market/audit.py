"""Does the money add up? The books against the provider, the documents and the sessions.

The channel's own reconciliation, held against the market's outside: what the provider and the bank
hold, the sealed statements, and the raw table, past every list that the use cases keep.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chalicelib.domain.ids import SessionId
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.book import Balances, balances, journal_sum, total_of
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.reconciliation.report import Report
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.payout import PAID
from chalicelib.domain.settlement.promise import Fate, shares
from chalicelib.usecases.payout.rail import SEPA
from chalicelib.usecases.reconciliation.books import reconcile_books
from chalicelib.usecases.reconciliation.journal import journal
from chalicelib.usecases.window.fates import fates
from sandbox.market import roaming
from sandbox.market.cast import THE_CAST
from sandbox.market.holdings import (
    Amounts,
    Booked,
    Holdings,
    everywhere,
    expected,
    holdings,
    without_zero,
)
from sandbox.market.house import House
from sandbox.market.records import Records, read_records
from sandbox.market.roles import Cast

_GONE = frozenset({SessionState.REFUSED, SessionState.ABANDONED})
_OVER = frozenset({*_GONE, SessionState.BILLED, SessionState.CREDITED})
_PAYABLES = (Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE)
_OURS = {
    RAIL: "our cash closes at what the provider holds",
    SEPA: "our bank account closes at what the bank holds",
}


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Audit:
    """`summary` is what summary.json holds; `checks` are what `balanced` means; `settled` are the
    sessions of which the rails have accepted every payout.
    """

    summary: dict[str, Any]
    checks: tuple[Check, ...]
    records: Records
    report: Report
    settled: frozenset[str]


def audit(house: House, refused: dict[str, int], cast: Cast = THE_CAST) -> Audit:
    """`refused`: starts that the API refused, by code."""
    records = read_records(house.aws)
    book = balances(records.entries)
    known = [fate for run in records.windows for fate in fates(house.ports, run.id)]
    accepted = [fate.session for fate in known if fate.accepted_at is not None]
    held = _held_sessions(records, known)
    report = reconcile_books(house.ports, deep=True)
    explained = {*accepted, *(row["session"] for row in held)}
    lies = holdings(house, cast)
    checks = (
        *_checks(house, records, report),
        *_closings(lies, report),
        _all_money(cast, records, lies),
        *_nothing_lost_or_twice(records, explained),
        *(_told_to_the_emsp(house, records) if cast.emsp else ()),
    )
    never = Counter(s.reason for s in records.sessions if s.state in _GONE)
    summary = {
        "sessions": len(accepted) + len(held),
        "settled": len(accepted),
        "held": len(held),
        "refused": sum(refused.values()) + sum(never.values()),
        "refused_reasons": dict(sorted({**never, **refused}.items())),
        "held_reasons": held,
        "accepted_48h": str(shares(known, house.now()).accepted_48h),
        "journal_sum": journal_sum(book),
        "captured": _captured(records),
        "paid_out": _paid_out(records),
        "at_provider_and_bank": lies,
        "held_money": _negated(total_of(book, *_PAYABLES, Purpose.HELD)),
        "platform": _negated(total_of(book, Purpose.PLATFORM)),
        "vat_due": _vat(book),
        "psp_fees": total_of(book, Purpose.PSP_FEE),
        "balanced": all(check.passed for check in checks),
        "checks": {check.name: check.passed for check in checks},
    }
    return Audit(summary, checks, records, report, frozenset(accepted))


def _held_sessions(records: Records, known: list[Fate]) -> list[dict[str, Any]]:
    """What ended and is not paid out, and what never ended: each with its reason."""
    sessions = {session.id: session for session in records.sessions}
    held = [
        _held(sessions[SessionId(fate.session)], fate.reason)
        for fate in known
        if fate.accepted_at is None
    ]
    seen = {fate.session for fate in known}
    open_ones = (
        session
        for session in records.sessions
        if session.id not in seen and session.state not in _OVER
    )
    return [*held, *(_held(each, each.reason or each.state.value) for each in open_ones)]


def _paid_out(records: Records) -> Amounts:
    return _sums(
        (payout.money.currency, payout.money.minor)
        for payout in records.payouts
        if payout.money is not None and payout.stage in PAID
    )


def _held(session: Session, reason: str) -> dict[str, Any]:
    money = session.bill.gross if session.bill else session.running_cost
    return {
        "session": session.id,
        "reason": reason,
        "minor": 0 if money is None else money.minor,
        "currency": session.payment.hold.currency,
    }


def _checks(house: House, records: Records, report: Report) -> Iterable[Check]:
    sums = journal_sum(balances(records.entries))
    yield _equal("every currency sums to zero", dict.fromkeys(sums, 0), sums)
    listed = {entry.id for entry in journal(house.ports)}
    yield _equal("every entry is in a list", {entry.id for entry in records.entries}, listed)
    broken = [
        f"{each.currency}: billed {each.billed}" for each in report.identities if not each.holds
    ]
    yield Check("billed is owed to somebody", not broken, str(broken))
    found = [f"{d.difference.id} {d.difference.detail}" for d in report.differences]
    yield Check("CDR, price, journal and provider agree", report.balanced, str(found))
    yield _equal(
        "paid out is what the accepted documents say",
        _paid_out(records),
        _documents(house, records),
    )


def _closings(held: Holdings, report: Report) -> Iterable[Check]:
    """Each place where money lies, by what its holder says."""
    booked: Holdings = {place: {} for place in held}
    for closing in report.closings:
        booked.setdefault(closing.place, {})[closing.currency] = closing.booked
    for place in sorted(booked):
        name = _OURS.get(place, f"{place} closes at what the provider holds")
        yield _equal(name, held.get(place, {}), without_zero(booked[place]))


def _all_money(cast: Cast, records: Records, lies: Holdings) -> Check:
    """What was there and came in, less refunds, fees and payouts, is what both rails hold."""
    fees = total_of(balances(records.entries), Purpose.PSP_FEE)
    went = (_sums(_driver_moves(records, Event.REFUND)), fees, _paid_out(records))
    ours = expected(cast, came=_captured(records), went=went)
    return _equal("money in less money out is what both rails hold", everywhere(lies), ours)


def _nothing_lost_or_twice(records: Records, explained: set[str]) -> Iterable[Check]:
    lost = [s.id for s in records.sessions if s.state not in _GONE and s.id not in explained]
    unpaid = [id_ for id_ in lost if _has_money(records, id_)]
    yield Check("every billed session is settled or held with a reason", not unpaid, str(unpaid))
    yield Check("nothing is in quarantine", not records.quarantined, str(records.quarantined))
    twice = [id_ for id_, n in Counter(e.id for e in records.entries).items() if n > 1]
    yield Check("no entry is booked twice", not twice, str(twice))


def _told_to_the_emsp(house: House, records: Records) -> Iterable[Check]:
    """What it holds of its drivers' charges, by OCPI alone."""
    ours = {
        session.id: Decimal(session.bill.gross.minor)
        for session in records.sessions
        if session.bill is not None and "emsp" in session.detail
    }
    yield _equal("the eMSP was told what its sessions cost", roaming.bills(house), ours)
    wrong = roaming.complaints(house)
    yield Check("the eMSP has nothing to complain of", not wrong, str(wrong))


def _equal(name: str, outside: object, inside: object) -> Check:
    return Check(name, outside == inside, f"outside {outside}, in our books {inside}")


def _has_money(records: Records, session_id: str) -> bool:
    session = next(s for s in records.sessions if s.id == session_id)
    return session.bill is not None and session.bill.gross.minor > 0


def _captured(records: Records) -> Amounts:
    return _negated(_sums(_driver_moves(records, Event.CASH)))


def _driver_moves(records: Records, event: Event) -> Iterable[tuple[str, int]]:
    """What drivers owe more (below zero: less) by each entry of an event."""
    for entry in records.entries:
        if entry.event is event:
            for posting in entry.postings:
                if posting.account.purpose is Purpose.DRIVER_RECEIVABLE:
                    yield posting.money.currency, posting.money.minor


def _documents(house: House, records: Records) -> Amounts:
    """The totals of the sealed statements of what was paid."""
    sums: Counter[str] = Counter()
    for payout in records.payouts:
        if payout.stage in PAID:
            content = house.ports.files.read(payout.statement)
            assert content is not None, "a paid payout has its statement"
            total = json.loads(content)["total"]
            sums[total["currency"]] += total["minor"]
    return dict(sorted(sums.items()))


def _vat(book: Balances) -> dict[str, Amounts]:
    result: dict[str, Amounts] = {}
    for account, amounts in sorted(book.items()):
        if account.purpose is Purpose.VAT:
            result[account.jurisdiction] = _negated(amounts)
    return result


def _sums(pairs: Iterable[tuple[str, int]]) -> Amounts:
    sums: Counter[str] = Counter()
    for code, minor in pairs:
        sums[code] += minor
    return dict(sorted(sums.items()))


def _negated(amounts: Booked) -> Amounts:
    return {code: -minor for code, minor in amounts.items()}
