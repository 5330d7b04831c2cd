"""How does each session hear what a window's settlement made of it? A page of its evidence.

Told part by part, so that no call holds a window: each sealed file with the lines that
reconciliation made of it, then the entries held earlier and clean now, then each payout that was
taken over. A session that is in several parts gets a page of each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.netting import (
    CHARGEBACK_OWNER,
    SESSION_OWNER,
    Line,
    session_about,
)
from chalicelib.domain.settlement.payout import Payout, PayoutStage, payout_id
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.evidence.addendum import Sealed, add_settlement
from chalicelib.usecases.records import load
from chalicelib.usecases.window.lines import groups_in
from chalicelib.usecases.window.net import all_lines, payouts_of
from chalicelib.usecases.window.sealed import entries_in

SESSIONS_A_CALL = 8_000  # as a sealed file has: half a minute
_FEW, _AT_ONCE = 50, 16
_NOT_PAID = frozenset({PayoutStage.HELD, PayoutStage.CARRIED})
_Told = dict[str, list[tuple[str, Line]]]  # session → its lines, each with its payout's id


def told(ports: Ports, run: WindowRun) -> WindowRun | None:
    """The record after the next sessions' pages are sealed; None: all were told."""
    taken: list[tuple[Payout, str]] | None = None
    while True:
        number = run.part - len(run.reconciled)
        if number < 0:
            by_session = _of_lines(run.id, _lines_in(ports, run.reconciled[run.part]))
        else:
            taken = _taken(ports, run) if taken is None else taken
            if number >= len(taken):
                return None
            by_session = _of_taken(ports, *taken[number])
        sessions = sorted(by_session)[run.cursor : run.cursor + SESSIONS_A_CALL]
        if sessions:
            _tell(ports, run, {session: by_session[session] for session in sessions})
            return replace(run, cursor=run.cursor + len(sessions))
        run = replace(run, part=run.part + 1, cursor=0)


def _tell(ports: Ports, run: WindowRun, by_session: _Told) -> None:
    sealed = _sealed_of(ports, run, by_session)
    wanted = {id_ for lines in by_session.values() for id_, _ in lines}
    payouts = {id_: load(ports.store, keys.payout(id_), Payout, "payout").value for id_ in wanted}

    def tell(session: str) -> None:
        of_payout: defaultdict[str, list[Line]] = defaultdict(list)
        for id_, line in by_session[session]:
            of_payout[id_].append(line)
        paid = [(payouts[id_], tuple(sorted(each))) for id_, each in sorted(of_payout.items())]
        add_settlement(ports, run.id, session, sealed.get(session, ()), paid, part=run.part)

    if len(by_session) <= _FEW:
        for session in by_session:
            tell(session)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # two calls of the bucket each: nearly all waiting
        list(pool.map(tell, by_session))


def _lines_in(ports: Ports, name: str) -> Iterator[Line]:
    for group in groups_in(ports, name):
        yield from group.lines()


def _of_lines(window: WindowId, lines: Iterable[Line]) -> _Told:
    found: _Told = defaultdict(list)
    for line in lines:
        if line.session:
            found[line.session].append((payout_id(window, line.party_id, line.kind), line))
    return found


def _taken(ports: Ports, run: WindowRun) -> list[tuple[Payout, str]]:
    """Each payout of the window with each that it took over."""
    payouts = [
        load(ports.store, keys.payout(id_), Payout, "payout").value
        for id_ in payouts_of(ports, run)
    ]
    return [(payout, id_) for payout in payouts for id_ in payout.carried_from]


def _of_taken(ports: Ports, payout: Payout, id_: str) -> _Told:
    """One that is held again is told by the window that pays it."""
    found: _Told = defaultdict(list)
    if payout.stage in _NOT_PAID:
        return found
    taken = load(ports.store, keys.payout(id_), Payout, "payout").value
    for line in all_lines(ports, taken):
        if line.session:
            found[line.session].append((payout.id, line))
    return found


def _sealed_of(ports: Ports, run: WindowRun, by_session: _Told) -> dict[str, list[Sealed]]:
    """The sessions' entries in the part's own file, which the part of released entries has not;
    a chargeback's are its session's, too.
    """
    found: defaultdict[str, list[Sealed]] = defaultdict(list)
    if run.part < len(run.sealed):
        name = run.sealed[run.part]
        owners = {f"{SESSION_OWNER}{id_}" for id_ in by_session}
        for entry in entries_in(ports, name, owners, CHARGEBACK_OWNER):
            found[session_about(entry)].append(Sealed(name, entry.id, entry.hash))
    return found
