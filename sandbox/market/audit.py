"""Does the money add up? The books against the provider, the documents and the sessions.

Written against the market's outside (the provider's own balances, sealed statements) and the raw
journal, not against what the use cases say of themselves.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.ids import SessionId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import Balances, balances, journal_sum
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.money import Currency
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.payout import PAID
from chalicelib.domain.settlement.promise import Fate, shares
from chalicelib.usecases.window.fates import fates
from sandbox.market.cast import THE_CAST, Cast
from sandbox.market.house import House
from sandbox.market.records import Records, read_records

Amounts = dict[str, int]
_GONE = frozenset({SessionState.REFUSED, SessionState.ABANDONED})
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


def audit(house: House, refused: dict[str, int], cast: Cast = THE_CAST) -> Audit:
    """`refused`: starts that the API refused, by code."""
    records = read_records(house.aws)
    book = balances(records.entries)
    known = [fate for run in records.windows for fate in fates(house.ports, run.id)]
    accepted = [fate.session for fate in known if fate.accepted_at is not None]
    held = _held_sessions(records, known)
    checks = tuple(_checks(house, cast, records, book, accepted, held))
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
        "held_money": _negated(_total(book, *_PAYABLES, Purpose.HELD)),
        "platform": _negated(_total(book, Purpose.PLATFORM)),
        "vat_due": _vat(book),
        "psp_fees": _total(book, Purpose.PSP_FEE),
        "balanced": all(check.passed for check in checks),
        "checks": {check.name: check.passed for check in checks},
    }
    return Audit(summary, checks, records)


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
        if session.id not in seen and session.state not in {*_GONE, SessionState.BILLED}
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


def _checks(
    house: House,
    cast: Cast,
    records: Records,
    book: Balances,
    accepted: list[str],
    held: list[dict[str, Any]],
) -> Iterable[Check]:
    provider = house.http.get(f"{house.provider.url}/sim/state").json()
    yield _equal(
        "every currency sums to zero", dict.fromkeys(journal_sum(book), 0), journal_sum(book)
    )
    yield _equal(
        "our cash is the provider's balance",
        _provider_cash(provider, "channel"),
        _without_zero(_total(book, Purpose.CASH)),
    )
    for account, party in _payout_accounts(cast).items():
        booked = book.get(Account(Purpose.CONNECTED, party), {})
        yield _equal(
            f"{party}: what the rail holds is what we booked",
            _provider_cash(provider, account),
            _without_zero(booked),
        )
    yield _equal(
        "every capture of the provider is one of ours",
        _without_zero(provider["sums"].get("channel.charge", {})),
        _without_zero(_sums(_captured(records))),
    )
    yield _equal("billed is due to somebody", _billed(records), _due(records))
    yield _equal(
        "paid out is what the accepted documents say",
        _paid_out(records),
        _documents(house, records),
    )
    yield from _nothing_lost_or_twice(records, {*accepted, *(row["session"] for row in held)})


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


def _billed(records: Records) -> Amounts:
    bills = [s.bill for s in records.sessions if s.bill is not None]
    return _sums((bill.gross.currency, bill.gross.minor) for bill in bills)


def _due(records: Records) -> Amounts:
    """CPO + partner + platform + net VAT, from the sale entries of the journal."""
    due = {*_PAYABLES, Purpose.PLATFORM, Purpose.VAT}
    return _sums(
        (posting.money.currency, -posting.money.minor)
        for entry in records.entries
        if entry.event is Event.SALE
        for posting in entry.postings
        if posting.account.purpose in due
    )


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


def _payout_accounts(cast: Cast) -> dict[str, str]:
    return {party.payout_account: party.id for party in cast.paid_parties}


def _total(book: Balances, *purposes: Purpose) -> Amounts:
    return _sums(
        (code, minor)
        for account, amounts in book.items()
        if account.purpose in purposes
        for code, minor in amounts.items()
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


def _negated(amounts: Mapping[Currency, int] | Amounts) -> Amounts:
    return {code: -minor for code, minor in amounts.items()}


def _without_zero(amounts: Mapping[Currency, int] | Amounts) -> Amounts:
    return {code: minor for code, minor in sorted(amounts.items()) if minor}
