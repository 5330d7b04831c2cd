"""Does the money add up? The books against the provider, the documents and the sessions.

The channel's own reconciliation, held against the market's outside: the provider's own balances,
the sealed statements, and the raw table, past every list that the use cases keep.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.ids import SessionId
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.book import Balances, balances, journal_sum, total_of
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.money import Currency
from chalicelib.domain.reconciliation.report import Report
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.payout import PAID
from chalicelib.domain.settlement.promise import Fate, shares
from chalicelib.usecases.reconciliation.books import reconcile_books
from chalicelib.usecases.reconciliation.journal import journal
from chalicelib.usecases.window.fates import fates
from sandbox.market.cast import THE_CAST, Cast
from sandbox.market.house import House
from sandbox.market.records import Records, read_records

Amounts = dict[str, int]
_GONE = frozenset({SessionState.REFUSED, SessionState.ABANDONED})
_OVER = frozenset({*_GONE, SessionState.BILLED, SessionState.CREDITED})
_PAYABLES = (Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE)


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Audit:
    """`summary` is what summary.json holds; `checks` are what `balanced` means."""

    summary: dict[str, Any]
    checks: tuple[Check, ...]
    records: Records
    report: Report


def audit(house: House, refused: dict[str, int], cast: Cast = THE_CAST) -> Audit:
    """`refused`: starts that the API refused, by code."""
    records = read_records(house.aws)
    book = balances(records.entries)
    known = [fate for run in records.windows for fate in fates(house.ports, run.id)]
    accepted = [fate.session for fate in known if fate.accepted_at is not None]
    held = _held_sessions(records, known)
    report = reconcile_books(house.ports, deep=True)
    explained = {*accepted, *(row["session"] for row in held)}
    checks = (*_checks(house, cast, records, report), *_nothing_lost_or_twice(records, explained))
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
        "captured": _sums(_captured(records)),
        "paid_out": _paid_out(records),
        "held_money": _negated(total_of(book, *_PAYABLES, Purpose.HELD)),
        "platform": _negated(total_of(book, Purpose.PLATFORM)),
        "vat_due": _vat(book),
        "psp_fees": total_of(book, Purpose.PSP_FEE),
        "balanced": all(check.passed for check in checks),
        "checks": {check.name: check.passed for check in checks},
    }
    return Audit(summary, checks, records, report)


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


def _checks(house: House, cast: Cast, records: Records, report: Report) -> Iterable[Check]:
    sums = journal_sum(balances(records.entries))
    yield _equal("every currency sums to zero", dict.fromkeys(sums, 0), sums)
    listed = {entry.id for entry in journal(house.ports)}
    yield _equal("every entry is in a list", {entry.id for entry in records.entries}, listed)
    yield from _closings(house, cast, report)
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


def _closings(house: House, cast: Cast, report: Report) -> Iterable[Check]:
    """Each place where money lies, by the provider's own state, past its API."""
    provider = house.http.get(f"{house.provider.url}/sim/state").json()
    names = {party.payout_account: f"{RAIL}:{party.id}" for party in cast.paid_parties}
    stated = {RAIL: _provider_cash(provider, "channel")}
    stated |= {place: _provider_cash(provider, account) for account, place in names.items()}
    booked: dict[str, Amounts] = {place: {} for place in stated}
    for closing in report.closings:
        sums = booked.setdefault(closing.place, {})
        sums[closing.currency] = closing.booked + closing.in_transit
    for place in sorted(booked):
        what = "our cash" if place == RAIL else place
        name = f"{what} closes at what the provider holds"
        yield _equal(name, stated.get(place, {}), _without_zero(booked[place]))


def _nothing_lost_or_twice(records: Records, explained: set[str]) -> Iterable[Check]:
    lost = [s.id for s in records.sessions if s.state not in _GONE and s.id not in explained]
    unpaid = [id_ for id_ in lost if _has_money(records, id_)]
    yield Check("every billed session is settled or held with a reason", not unpaid, str(unpaid))
    yield Check("nothing is in quarantine", not records.quarantined, str(records.quarantined))
    twice = [id_ for id_, n in Counter(e.id for e in records.entries).items() if n > 1]
    yield Check("no entry is booked twice", not twice, str(twice))


def _equal(name: str, outside: object, inside: object) -> Check:
    return Check(name, outside == inside, f"outside {outside}, in our books {inside}")


def _has_money(records: Records, session_id: str) -> bool:
    session = next(s for s in records.sessions if s.id == session_id)
    return session.bill is not None and session.bill.gross.minor > 0


def _captured(records: Records) -> Iterable[tuple[str, int]]:
    for entry in records.entries:
        if entry.event is Event.CASH:
            for posting in entry.postings:
                if posting.account.purpose is Purpose.DRIVER_RECEIVABLE:
                    yield posting.money.currency, -posting.money.minor


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


def _provider_cash(state: dict[str, Any], account: str) -> Amounts:
    purses = state["balances"].get(account, {})
    return _without_zero(
        {code: purse["available"] + purse["pending"] for code, purse in purses.items()}
    )


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


def _negated(amounts: Mapping[Currency, int]) -> Amounts:
    return {code: -minor for code, minor in amounts.items()}


def _without_zero(amounts: Mapping[Currency, int] | Amounts) -> Amounts:
    return {code: minor for code, minor in sorted(amounts.items()) if minor}
