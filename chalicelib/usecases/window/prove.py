"""Does the window add up? Payouts to nets, nets to lines, lines to the sealed journal, to zero.

Each session's evidence gets its addendum, five hundred a call; then one proof is sealed.
"""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.book import balances, journal_sum
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.netting import Line, lines_of, net, session_of
from chalicelib.domain.settlement.payout import SETTLED, Payout
from chalicelib.domain.settlement.promise import shares
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.evidence.addendum import Sealed, add_settlement
from chalicelib.usecases.records import Record, load
from chalicelib.usecases.window.fates import fates
from chalicelib.usecases.window.lease import Outcome, leased
from chalicelib.usecases.window.net import all_lines, lines_in, payouts_of
from chalicelib.usecases.window.reconcile import reconciled_in
from chalicelib.usecases.window.sealed import entries_in, seal_plain, sealed_entries

_SESSIONS_A_CALL = 500


class WindowDoesNotAddUp(AssertionError):
    """A bug: what was netted is not what the sealed journal owes."""


def prove(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """`unresolved` while a payout is neither made nor held, `more` until all are told, `proved`."""
    record = leased(ports, window, attempt)
    run = record.value
    if run.reached(Stage.PROVED):
        return {"outcome": "proved"}
    payouts = _payouts(ports, run)
    open_ = [payout.id for payout in payouts if payout.stage not in SETTLED]
    if open_:
        return {"outcome": "unresolved", "payouts": len(open_)}
    told = _told(ports, run, payouts)
    if told:
        ports.store.write(record.put(replace(run, cursor=run.cursor + told)))
        return {"outcome": "more"}
    return _prove(ports, record, payouts)


def _prove(ports: Ports, record: Record[WindowRun], payouts: list[Payout]) -> Outcome:
    run, at = record.value, ports.clock.now()
    found = shares(fates(ports, run.id), at)
    book = balances(sealed_entries(ports, run))
    proof = {
        "window": run.id,
        "sealed": list(run.sealed),
        "journal_sum": dict(journal_sum(book)),
        "accounts": {str(account): dict(sums) for account, sums in sorted(book.items())},
        "owed": to_plain(_owed(ports, run)),
        "payouts": [_shown(payout) for payout in payouts],
        "shares": to_plain(found),
    }
    if any(journal_sum(book).values()):
        raise WindowDoesNotAddUp(f"{run.id}: the sealed entries sum to {journal_sum(book)}")
    name = seal_plain(ports, run.id, "proof", proof)
    done = run.advanced(Stage.PROVED, at, proof=name, shares=to_plain(found))
    ports.store.write(record.put(done))
    return {"outcome": "proved"}


def _owed(ports: Ports, run: WindowRun) -> tuple[Money, ...]:
    """What the window owes to payees, by currency: twice computed, from the journal and the lines.

    journal + entries held earlier and clean now - entries held now = lines of the payouts
    """
    found = reconciled_in(ports, run)
    lines = [line for part in found for line in part.lines]
    released = {id_ for part in found for id_ in part.released}
    held = {item.entry.id for part in found for item in part.held}
    journal = [
        line
        for entry in sealed_entries(ports, run)
        if entry.id not in held
        for line in lines_of(entry)
    ]
    expected = net(line.money for line in [*journal, *_of(lines, released)])
    paid = [line for payout in _payouts(ports, run) for line in lines_in(ports, payout)]
    if net(line.money for line in paid) != expected:
        raise WindowDoesNotAddUp(
            f"{run.id}: payouts {net(line.money for line in paid)}, {expected}"
        )
    return expected


def _of(lines: list[Line], entries: set[Any]) -> list[Line]:
    return [line for line in lines if line.entry_id in entries]


def _payouts(ports: Ports, run: WindowRun) -> list[Payout]:
    return [
        load(ports.store, keys.payout(id_), Payout, "payout").value
        for id_ in payouts_of(ports, run)
    ]


def _told(ports: Ports, run: WindowRun, payouts: list[Payout]) -> int:
    """Seal the next sessions' addenda; how many. Payouts taken over tell their sessions too."""
    by_session: defaultdict[str, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for payout in payouts:
        for line in all_lines(ports, payout):
            by_session[line.session][payout.id].append(line)
    sessions = sorted(by_session.keys() - {""})
    part = sessions[run.cursor : run.cursor + _SESSIONS_A_CALL]
    if not part:
        return 0
    sealed = _sealed_of(ports, run, set(part))
    by_id = {str(payout.id): payout for payout in payouts}
    for session in part:
        paid = [(by_id[id_], tuple(lines)) for id_, lines in sorted(by_session[session].items())]
        add_settlement(ports, run.id, session, sealed[session], paid)
    return len(part)


def _sealed_of(ports: Ports, run: WindowRun, sessions: set[str]) -> dict[str, list[Sealed]]:
    """The entries of some sessions in this window, and the files that name them."""
    found: defaultdict[str, list[Sealed]] = defaultdict(list)
    for name in run.sealed:
        for entry in entries_in(ports, name):
            if session_of(entry) in sessions:
                found[session_of(entry)].append(Sealed(name, entry.id, entry.hash))
    return found


def _shown(payout: Payout) -> dict[str, Any]:
    return {
        "id": payout.id,
        "payee": payout.party_id,
        "kind": payout.kind.value,
        "stage": payout.stage.value,
        "reason": payout.reason,
        "due": to_plain(payout.due),
        "money": to_plain(payout.money),
        "reference": payout.reference,
        "statement": payout.statement,
        "carried_from": list(payout.carried_from),
    }
