"""When has a session, a payout or a market's day come to its end?"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.domain.codec import from_plain
from chalicelib.domain.dispute.chargeback import OVER
from chalicelib.domain.ids import EntryId, SessionId, WindowId
from chalicelib.domain.ledger.entry import entry_id
from chalicelib.domain.session.lifecycle import OPEN
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.ports.payouts import BalanceLine
from chalicelib.ports.store import Item
from chalicelib.usecases import keys
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.session.watch import STUCK
from sandbox.simulation.charger import SimulatedCpo

if TYPE_CHECKING:
    from sandbox.simulation.history import History

_CLOSED = frozenset(
    {SessionState.BILLED, SessionState.CREDITED, SessionState.REFUSED, SessionState.ABANDONED}
)
_PAID = frozenset(
    {PayoutStage.CREDITED, PayoutStage.CARRIED, PayoutStage.NOTHING_DUE, PayoutStage.ACCEPTED}
)
# Held until something changes that is not the channel's to change.
LASTING = ("owes_us", "refused_")
_WAITING = (
    "top-up#",
    "dispute#",
    "chargeback#",
    "early-credit#",
    "method-setup#",
    "delivery#",
    "emsp-news#",
    "reservation#",
)


def is_final(session: Session) -> bool:
    """Nothing more will become of it by itself; what is held says why."""
    if session.reason == STUCK and session.state in OPEN:
        return True
    if session.effects:
        return False
    return session.state in _CLOSED or (
        session.state is SessionState.ENDED and session.reason != ""
    )


def waits(history: "History") -> bool:
    """Whether something other than a session is still under way: a debit, a refund, a decision."""
    if not (history.scenario.acts or history.scenario.roams):
        return False
    if history.table.holds(bank_keys.unmatched()) or history.table.partitions("emsp-news-rows#"):
        return True
    if any(  # the provider's news that was kept, and whose run died: a sweep comes to it
        item.body["outcome"] == ""
        for pk in history.table.partitions("webhook#")
        for item in history.table.query(pk)
    ):
        return True
    return any(
        not _is_for_ever(item, effect["kind"])
        for prefix in _WAITING
        for pk in history.table.partitions(prefix)
        for item in history.table.query(pk)
        for effect in item.body.get("effects", ())
    )


def _is_for_ever(item: Item, effect: str) -> bool:
    """A bank may decide again: what it has decided is looked at long after. What it has not is
    waited for, since its word may be lost and only the next look finds it.
    """
    chargeback = item.key.pk.startswith("chargeback#")
    return chargeback and effect == "look_up" and item.body["state"] in OVER


def settled(history: "History") -> bool:
    """Every window is closed, one of them after the last entry, and every payout is at rest."""
    if history.table.holds(keys.open_windows()):
        return False
    opened = runs(history)
    sealed = all(_frozen_since(history, opened, each) for each in history.schedules.booked_at)
    return sealed and all(
        payout_rests(payout) for run in opened for payout in payouts_in(history, run.id)
    )


def rests(history: "History") -> bool:
    """Whether nothing more is to be expected, but for a CDR that a CPO has (unheard)."""
    if history.clock.at < history.last_trip_at or history.acts.to_come or waits(history):
        return False
    if untold(history) or not all(map(is_final, history.sessions())):
        return False
    return not history.nights() or settled(history)


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


def unheard(history: "History") -> bool:
    """Whether a CPO has a CDR for a session of ours that nobody will ask it for any more."""
    if not any(cpo.finished for cpo in history.cpos.values()):
        return False
    for session in history.sessions():
        ended = session.state is SessionState.ENDED and not session.effects
        if ended and history.cpos[session.peer_id].has_cdr(session.id):
            return True
    if not history.acts.credited:
        return False
    return any(_unknown(history, cpo) for cpo in history.cpos.values())


def untold(history: "History") -> bool:
    """Whether the provider moved a chargeback's or a failed refund's money, and nothing is booked:
    its words may be lost, and the night's reconciliation finds it.
    """
    if not history.payments.taken_back:
        return False
    entries = {
        entry.body["id"]
        for pk in history.table.partitions("entry#")
        for entry in history.table.query(pk, limit=1000)
    }
    lines = history.payouts.balance_lines()
    return any(_entry_of(line) not in entries for line in lines if line.kind in _BY_BANKS)


def unlisted(history: "History") -> bool:
    """Whether the provider lists what it has not told: every webhook of it was lost, or is late."""
    for event in history.payments.told.every()[history.heard :]:
        if history.table.get(keys.provider_event("stripe", event.id)) is None:
            return True
        history.heard += 1
    return False


def nights(history: "History", reconciled: datetime) -> tuple[datetime, ...]:
    """When a reconciliation will find something, after the last one and after what banks did."""
    if not untold(history):
        return ()
    last = max(reconciled, history.payments.taken_back[-1])
    night = last.replace(hour=_NIGHTLY, minute=0, second=0, microsecond=0)
    return (night if night > last else night + timedelta(days=1),)


_NIGHTLY = 7  # o'clock; in Berlin by infra/schedules.json
_BY_BANKS = frozenset({"adjustment", "refund_failure"})


def _entry_of(line: BalanceLine) -> EntryId:
    if line.kind == "adjustment":
        return entry_id(keys.chargeback(line.source).pk, f"moved:{line.reference}")
    top_up = line.owner.startswith("top_")
    owner = keys.top_up(line.owner) if top_up else keys.session(SessionId(line.owner))
    return entry_id(owner.pk, f"refund_failed:{line.source}")


def _unknown(history: "History", cpo: SimulatedCpo) -> bool:
    """Whether it has a CDR that takes one back, or replaces it, that never came to us."""
    peer, (country, party) = cpo.place.peer, cpo.place.party
    return any(
        history.table.get(keys.cdr(peer, country, party, cdr.id)) is None
        and history.table.get(keys.early_credit(peer, country, party, cdr.id)) is None
        for cdr in cpo.finished
        if cdr.id.endswith(("-credit", "-again"))
    )
