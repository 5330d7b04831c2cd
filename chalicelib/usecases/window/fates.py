"""What became of every billable session that ended in a window, and why not more?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ids import PayoutId, WindowId
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.netting import session_of
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.promise import Fate
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.domain.settlement.window import after, window_id
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import find, load
from chalicelib.usecases.window.net import lines_in, payouts_of
from chalicelib.usecases.window.reconcile import unsettled_rows
from chalicelib.usecases.window.register import read_sessions, sessions_of
from chalicelib.usecases.window.sealed import sealed_entries

_LATER = 3  # windows after its own in which a session may be settled and still be in time
AWAITING_CDR = "awaiting_cdr"
BOOKED_LATE = "booked_late"  # billed, and not yet in any window that was netted
_DONE = frozenset({PayoutStage.ACCEPTED, PayoutStage.CREDITED, PayoutStage.NOTHING_DUE})


@dataclass(frozen=True, slots=True)
class _Settled:
    """Session → the payouts that pay it, and entry's session → why it is held."""

    payouts: dict[str, list[Payout]]
    held: dict[str, str]


def fates(ports: Ports, window: WindowId, only: frozenset[str] | None = None) -> list[Fate]:
    """One a session (of `only`, where it is given), as things stand now; sessions with nothing to
    pay are not billable.
    """
    settled = _Settled(_payouts_by_session(ports, window), _held_sessions(ports, window))
    found = _sessions(ports, window) if only is None else read_sessions(ports, sorted(only))
    return [_fate(session, settled) for session in found if _billable(session)]


def final_payout(ports: Ports, payout: Payout) -> Payout:
    """The payout that pays what this one owed, through however many were taken over."""
    while payout.carried_into:
        payout = load(ports.store, keys.payout(payout.carried_into), Payout, "payout").value
    return payout


def _sessions(ports: Ports, window: WindowId) -> Iterator[Session]:
    """By the register of ended sessions, and by the sealed entries: a sale proves a session."""
    seen = set[str]()
    for session in sessions_of(ports, window):
        seen.add(session.id)
        yield session
    run = find(ports.store, keys.window(window), WindowRun)
    owners = {session_of(entry) for entry in sealed_entries(ports, run.value)} if run else set()
    for session in read_sessions(ports, sorted(owners - seen - {""})):
        ended_at = session.ended_at
        if ended_at is not None and window_id(ended_at, session.settlement_zone) == window:
            yield session


def _billable(session: Session) -> bool:
    if session.bill is not None:
        return session.bill.gross.minor > 0
    return session.state is SessionState.ENDED and session.energy_kwh > 0


def _fate(session: Session, settled: _Settled) -> Fate:
    assert session.ended_at is not None, "a session of a window has ended"
    payouts = settled.payouts.get(session.id, [])
    waiting = [payout for payout in payouts if payout.stage not in _DONE]
    if not payouts or waiting:
        reason = settled.held.get(session.id, "") or _why(session, waiting)
        return Fate(session.id, session.ended_at, reason=reason)
    return Fate(
        session.id,
        session.ended_at,
        accepted_at=_latest(payout.accepted_at for payout in payouts),
        credited_at=_latest(payout.credited_at for payout in payouts),
        reason="late",
    )


def _why(session: Session, waiting: list[Payout]) -> str:
    if waiting:
        return waiting[0].reason or waiting[0].stage.value
    return AWAITING_CDR if session.state is SessionState.ENDED else BOOKED_LATE


def _latest(instants: Iterable[datetime | None]) -> datetime | None:
    """The last of the instants; none when one of them is still to come."""
    known: list[datetime] = []
    for at in instants:
        if at is None:
            return None
        known.append(at)
    return max(known, default=None)


def _payouts_by_session(ports: Ports, window: WindowId) -> dict[str, list[Payout]]:
    found: defaultdict[str, dict[PayoutId, Payout]] = defaultdict(dict)
    settling = window
    for _ in range(_LATER + 1):
        run = find(ports.store, keys.window(settling), WindowRun)
        for id_ in () if run is None else payouts_of(ports, run.value):
            payout = load(ports.store, keys.payout(id_), Payout, "payout").value
            final = final_payout(ports, payout)
            for line in lines_in(ports, payout):
                if line.minor > 0:  # a fee that a payee bears, booked a day later, delays nobody
                    found[line.session][final.id] = final
        settling = after(settling)
    return {session: list(payouts.values()) for session, payouts in found.items()}


def _held_sessions(ports: Ports, window: WindowId) -> dict[str, str]:
    return {
        session_of(row.value.entry): row.value.reason
        for row in unsettled_rows(ports, window)
        if not row.value.taken_by
    }
