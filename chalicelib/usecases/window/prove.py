"""Does the window add up? Payouts to nets, nets to lines, lines to the sealed journal, to zero.

Each session's evidence gets its addendum (telling.py); then one proof is sealed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.book import Balances, journal_sum
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.debt import Part
from chalicelib.domain.settlement.netting import net
from chalicelib.domain.settlement.packed import add_sums
from chalicelib.domain.settlement.payout import SETTLED, Payout
from chalicelib.domain.settlement.promise import Shares, for_record
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import instruct_by
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import POLLS_MAX
from chalicelib.usecases.reconciliation.window import seal_window_report
from chalicelib.usecases.records import Record, load
from chalicelib.usecases.window.lease import Outcome, leased
from chalicelib.usecases.window.lines import groups_in
from chalicelib.usecases.window.net import payouts_of, read_payouts, still_due
from chalicelib.usecases.window.reconcile import heads_in
from chalicelib.usecases.window.sealed import books_in, seal_plain
from chalicelib.usecases.window.tally import counted_on
from chalicelib.usecases.window.telling import told


class WindowDoesNotAddUp(AssertionError):
    """A bug: what was netted is not what the sealed journal owes."""


def prove(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """`proved`, or `more` until all sessions are told and counted. While a payout is neither made
    nor held: `wait` if it waits for money or a bank's word and there is time, else `unresolved`.
    """
    record = leased(ports, window, attempt)
    run = record.value
    if run.reached(Stage.PROVED):
        return {"outcome": "proved"}
    payouts = _payouts(ports, run) if not (run.part or run.cursor or run.tally) else []
    open_ = [payout for payout in payouts if payout.stage not in SETTLED]
    if open_:
        return {"outcome": _left(ports, record, open_), "payouts": len(open_)}
    further = told(ports, run)
    if further is not None:
        ports.store.write(record.put(further))
        return {"outcome": "more"}
    tally, found = counted_on(ports, window, run.tally)
    if found is None:
        ports.store.write(record.put(replace(run, tally=tally)))
        return {"outcome": "more"}
    return _prove(ports, record, payouts or _payouts(ports, run), found)


def _left(ports: Ports, record: Record[WindowRun], open_: Iterable[Payout]) -> str:
    """Whether there is another round. They are counted, so that no execution has too many steps."""
    run = record.value
    asked = any(payout.polls for payout in open_)
    if not asked or run.polls >= POLLS_MAX or ports.clock.now() >= instruct_by(run.id):
        return "unresolved"
    ports.store.write(record.put(run.polled()))
    return "wait"


def _prove(
    ports: Ports, record: Record[WindowRun], payouts: list[Payout], found: Shares
) -> Outcome:
    run, at = record.value, ports.clock.now()
    book, owed = book_of(ports, run)
    proof = {
        "window": run.id,
        "sealed": list(run.sealed),
        "journal_sum": dict(journal_sum(book)),
        "accounts": {str(account): dict(sums) for account, sums in sorted(book.items())},
        "owed": to_plain(owed),
        "payouts": [_shown(payout) for payout in payouts],
        "shares": to_plain(found),
        "reconciliation": seal_window_report(ports, run),
    }
    if any(journal_sum(book).values()):
        raise WindowDoesNotAddUp(f"{run.id}: the sealed entries sum to {journal_sum(book)}")
    name = seal_plain(ports, run.id, "proof", proof)
    done = run.advanced(Stage.PROVED, at, proof=name, shares=for_record(found))
    ports.store.write(record.put(done))
    return {"outcome": "proved"}


def book_of(ports: Ports, run: WindowRun) -> tuple[Balances, tuple[Money, ...]]:
    """The window's balances, and what it owes to payees: from the journal, and from the lines.

    journal + entries held earlier and clean now - entries held now = lines of the payouts
    """
    book: Balances = {}
    owed = list[Money]()
    # The first files of the reconciliation are those of the sealed ones, in their order.
    for (name, head), books in zip_longest(heads_in(ports, run), books_in(ports, run.sealed)):
        if books is not None:
            sums, held = books.sums(), {item.entry.id for item in head.held}
            add_sums(book, books, sums)
            owed.extend(Money(minor, code) for code, minor in books.owed(sums, held).items())
        if head.released:
            owed.extend(part.money for part in _parts_of(ports, name))
    expected = net(owed)
    paid = list[Money]()
    for payout in _payouts(ports, run):
        lines = net(part.money for part in _parts_of(ports, payout.lines))
        _check_set_off(ports, payout, lines)
        paid.extend(lines)
    if net(paid) != expected:
        raise WindowDoesNotAddUp(f"{run.id}: payouts {net(paid)}, {expected}")
    return book, expected


def _check_set_off(ports: Ports, payout: Payout, lines: Iterable[Money]) -> None:
    """Lines + what was taken over = what is due - what is left owing + what older debts kept."""
    before = list(lines)
    for id_ in payout.carried_from:
        taken = load(ports.store, keys.payout(id_), Payout, "payout").value
        before += [part.money for part in still_due(taken)]
    after = [*payout.due, *(part.money for part in payout.kept)]
    after += [-part.money for part in payout.left]
    if net(before) != net(after):
        raise WindowDoesNotAddUp(f"{payout.id}: {net(before)} is not {net(after)}")


def _parts_of(ports: Ports, name: str) -> Iterator[Part]:
    """The sums of a file's lines."""
    return (group.part for group in groups_in(ports, name))


def _payouts(ports: Ports, run: WindowRun) -> list[Payout]:
    return list(read_payouts(ports, payouts_of(ports, run)))


def _shown(payout: Payout) -> dict[str, Any]:
    return {
        "id": payout.id,
        "payee": payout.party_id,
        "kind": payout.kind.value,
        "stage": payout.stage.value,
        "reason": payout.reason,
        "due": to_plain(payout.due),
        "left_owing": to_plain(payout.left),
        "set_off": to_plain(payout.kept),
        "money": to_plain(payout.money),
        "reference": payout.reference,
        "statement": payout.statement,
        "carried_from": list(payout.carried_from),
    }
