"""When has a session, a payout or a market's day come to its end?"""

from typing import TYPE_CHECKING

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.session.lifecycle import OPEN
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.usecases import keys
from chalicelib.usecases.session.watch import STUCK

if TYPE_CHECKING:
    from sandbox.simulation.history import History

_CLOSED = frozenset({SessionState.BILLED, SessionState.REFUSED, SessionState.ABANDONED})
_PAID = frozenset(
    {PayoutStage.CREDITED, PayoutStage.CARRIED, PayoutStage.NOTHING_DUE, PayoutStage.ACCEPTED}
)
# Held until something changes that is not the channel's to change.
LASTING = ("owes_us", "refused_")


def is_final(session: Session) -> bool:
    """Nothing more will become of it by itself; what is held says why."""
    if session.reason == STUCK and session.state in OPEN:
        return True
    if session.effects:
        return False
    return session.state in _CLOSED or (
        session.state is SessionState.ENDED and session.reason != ""
    )


def settled(history: "History") -> bool:
    """Every window is closed, one of them after the last entry, and every payout is at rest."""
    if history.table.query(keys.open_windows(), limit=1):
        return False
    opened = runs(history)
    sealed = all(_frozen_since(history, opened, each) for each in history.schedules.booked_at)
    return sealed and all(
        payout_rests(payout) for run in opened for payout in payouts_in(history, run.id)
    )


def payouts_in(history: "History", window: WindowId) -> list[Payout]:
    items = (
        history.table.get(keys.payout(row.key.sk))
        for row in history.table.query(keys.window_payouts(window))
    )
    return [from_plain(Payout, item.body) for item in items if item is not None]


def payout_rests(payout: Payout) -> bool:
    held = payout.stage is PayoutStage.HELD and payout.reason.startswith(LASTING)
    return held or payout.stage in _PAID


def runs(history: "History") -> list[WindowRun]:
    """Every window that was opened, in order of day."""
    names = [row.key.sk for row in history.table.query(keys.windows())]
    items = [history.table.get(keys.window(WindowId(name))) for name in names]
    return [from_plain(WindowRun, item.body) for item in items if item is not None]


def _frozen_since(history: "History", opened: list[WindowRun], window: WindowId) -> bool:
    """Whether this window, or a later one that adopts, was sealed after its last entry came."""
    last, zone = history.schedules.booked_at[window].isoformat(), window.partition(".")[2]
    return any(
        run.stage is Stage.CLOSED and run.stage_times[Stage.FROZEN.value] > last
        for run in opened
        if run.id >= window and run.id.endswith(f".{zone}")
    )
