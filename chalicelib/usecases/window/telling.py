"""How does each session hear what a window's settlement made of it? A page of its evidence.

Told part by part, so that no call holds a window: each sealed file with the lines that
reconciliation made of it, then the entries held earlier and clean now, then each payout that was
taken over, file by file. A session that is in several parts gets a page of each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from chalicelib.domain.ids import PayoutId, WindowId
from chalicelib.domain.settlement.line_file import Group
from chalicelib.domain.settlement.netting import (
    CHARGEBACK_OWNER,
    SESSION_OWNER,
    Line,
    session_about,
)
from chalicelib.domain.settlement.payout import Payout, PayoutStage, payout_id
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.evidence.addendum import Sealed, add_settlement
from chalicelib.usecases.window.lines import groups_in, rows_in
from chalicelib.usecases.window.net import payouts_of, read_payouts
from chalicelib.usecases.window.sealed import entries_in

SESSIONS_A_CALL = 8_000  # as a sealed file has: half a minute
_FEW, _AT_ONCE = 50, 16
_NOT_PAID = frozenset({PayoutStage.HELD, PayoutStage.CARRIED})
_Told = dict[str, list[tuple[PayoutId, Line]]]  # session → its lines, each with its payout's id


def told(ports: Ports, run: WindowRun) -> WindowRun | None:
    """The record after the next sessions' pages are sealed; None: all were told."""
    taken: list[tuple[Payout, str]] | None = None
    room = SESSIONS_A_CALL
    while room:
        number = run.part - len(run.reconciled)
        if number < 0:
            lines = _lines_in(groups_in(ports, run.reconciled[run.part]))
            pieces = iter((_of_lines(run.id, lines),))
        else:
            taken = _taken(ports, run) if taken is None else taken
            if number >= len(taken):
                return None if room == SESSIONS_A_CALL else run
            pieces = _of_taken(ports, *taken[number])
        told_now = _told_of(ports, run, pieces, room)
        room -= told_now
        run = replace(run, cursor=run.cursor + told_now)
        if room:
            run = replace(run, part=run.part + 1, cursor=0)
    return run


def _told_of(ports: Ports, run: WindowRun, pieces: Iterator[_Told], room: int) -> int:
    """Tell the next sessions of a part, so many at most; how many these were.

    A part that is one file is one piece; a large payee's lines lie in several.
    """
    passed = told_now = 0
    for piece, by_session in enumerate(pieces):
        start = max(run.cursor + told_now - passed, 0)
        sessions = sorted(by_session)[start : start + room - told_now]
        if sessions:
            _tell(ports, run, {session: by_session[session] for session in sessions}, piece)
            told_now += len(sessions)
        if told_now == room:
            break
        passed += len(by_session)
    return told_now


def _tell(ports: Ports, run: WindowRun, by_session: _Told, piece: int) -> None:
    sealed = _sealed_of(ports, run, by_session)
    wanted = sorted({PayoutId(id_) for lines in by_session.values() for id_, _ in lines})
    payouts = {payout.id: payout for payout in read_payouts(ports, wanted)}
    part = f"{run.part}.{piece}" if piece else str(run.part or "")

    def tell(session: str) -> None:
        of_payout: defaultdict[PayoutId, list[Line]] = defaultdict(list)
        for id_, line in by_session[session]:
            of_payout[id_].append(line)
        paid = [(payouts[id_], tuple(sorted(each))) for id_, each in sorted(of_payout.items())]
        add_settlement(ports, run.id, session, sealed.get(session, ()), paid, part=part)

    if len(by_session) <= _FEW:
        for session in by_session:
            tell(session)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # two calls of the bucket each: nearly all waiting
        list(pool.map(tell, by_session))


def _lines_in(groups: Iterable[Group]) -> Iterator[Line]:
    for group in groups:
        yield from group.lines()


def _of_lines(window: WindowId, lines: Iterable[Line]) -> _Told:
    found: _Told = defaultdict(list)
    for line in lines:
        if line.session:
            found[line.session].append((payout_id(window, line.party_id, line.kind), line))
    return found


def _taken(ports: Ports, run: WindowRun) -> list[tuple[Payout, str]]:
    """Each payout of the window with the lines of each that it took over, directly or with another.

    As they were netted, so that a part keeps its number whatever becomes of a payout.
    """
    payouts = read_payouts(ports, payouts_of(ports, run))
    waiting = [(payout, id_) for payout in payouts for id_ in payout.carried_from]
    found = list[tuple[Payout, str]]()
    while waiting:
        known = list(zip(waiting, read_payouts(ports, [id_ for _, id_ in waiting]), strict=True))
        found += [(payout, taken.lines) for (payout, _), taken in known]
        waiting = [(payout, id_) for (payout, _), taken in known for id_ in taken.carried_from]
    return found


def _of_taken(ports: Ports, payout: Payout, lines: str) -> Iterator[_Told]:
    """File by file. One that is held again is told by the window that pays it."""
    files = [] if payout.stage in _NOT_PAID else [lines]
    while files:
        groups = list[Group]()
        for row in rows_in(ports, files.pop()):
            if isinstance(row, str):
                files.append(row)
            else:
                groups.append(row)
        found: _Told = defaultdict(list)
        for line in _lines_in(groups):
            if line.session:
                found[line.session].append((payout.id, line))
        yield found


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
