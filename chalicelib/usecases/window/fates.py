"""What became of every billable session that ended in a window, and why not more?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from chalicelib.domain.ids import PayoutId, WindowId
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.netting import session_of, session_owning
from chalicelib.domain.settlement.payout import Payout, PayoutStage, payout_id
from chalicelib.domain.settlement.promise import Fate
from chalicelib.domain.settlement.run import Span, WindowRun
from chalicelib.domain.settlement.window import after, window_id
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import find, load
from chalicelib.usecases.window.lines import groups_in
from chalicelib.usecases.window.net import payouts_of, read_payouts
from chalicelib.usecases.window.reconcile import unsettled_rows
from chalicelib.usecases.window.register import read_sessions, sessions_of
from chalicelib.usecases.window.sealed import owners_in

_Payouts = tuple[PayoutId, ...]
_FILES_A_TURN = 8  # of some eight thousand sessions each
_LATER = 3  # windows after its own in which a session may be settled and still be in time
AWAITING_CDR = "awaiting_cdr"
BOOKED_LATE = "booked_late"  # billed, and not yet in any window that was netted
_BANKS = frozenset({Event.CHARGEBACK, Event.CHARGEBACK_LOST, Event.REVERSAL})
_DONE = frozenset({PayoutStage.ACCEPTED, PayoutStage.CREDITED, PayoutStage.NOTHING_DUE})


@dataclass(frozen=True, slots=True)
class _Settled:
    """Session → the payouts that pay it, and entry's session → why it is held."""

    payouts: dict[str, _Payouts]
    held: dict[str, str]
    final: dict[PayoutId, Payout]  # each payout, or the one that took it over in the end


def fates(ports: Ports, window: WindowId) -> Iterator[Fate]:
    """One a session, as things stand now; sessions with nothing to pay are not billable."""
    for turn in range(turns_of(ports, window)):
        yield from fates_in(ports, window, turn)


def turns_of(ports: Ports, window: WindowId) -> int:
    """In how many turns a window's sessions are looked at. Once its CDRs are pulled it is fixed."""
    run = find(ports.store, keys.window(window), WindowRun)
    sealed = 0 if run is None else len(run.value.sealed)
    return min(keys.ENTRY_SHARDS, 1 + sealed // _FILES_A_TURN)


def fates_in(ports: Ports, window: WindowId, turn: int, *, unpaid: bool = False) -> Iterator[Fate]:
    """Those of one turn, so that a large window is never in memory whole, nor read by one call:
    of the files, too, a turn reads those alone that may name its sessions.

    `unpaid`: those alone that no rail has accepted; what is paid is not read.
    """
    mine = _Turn(turn, turns_of(ports, window))
    held = _held_sessions(ports, window)
    settled = _settled(ports, _netted(ports, window), mine, held)
    paid = _paid(settled) if unpaid else frozenset[str]()
    for session in _sessions(ports, window, mine, paid):
        if _billable(session):
            yield _fate(session, settled)


def _paid(settled: _Settled) -> frozenset[str]:
    """The sessions whose every payout a rail has accepted, or owes nothing."""
    done = {
        id_ for id_, payout in settled.final.items() if payout.stage in _DONE and payout.accepted_at
    }
    return frozenset(session for session, ids in settled.payouts.items() if done.issuperset(ids))


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which sessions are looked at now: those of some shards side by side, which the register of
    ended sessions and the entries of a session share.
    """

    number: int
    of: int

    @property
    def shards(self) -> range:
        every = keys.ENTRY_SHARDS
        return range(self.number * every // self.of, (self.number + 1) * every // self.of)

    def has(self, session_id: str) -> bool:
        return self.of == 1 or keys.ended_shard(session_id) in self.shards

    def of_files(self, run: WindowRun, files: Iterable[str]) -> Iterator[str]:
        """Of the sealed files, or those that were made of each, the ones with entries of its
        shards. The last one of a reconciliation, of entries held earlier, has them of any.
        """
        for name, span in zip_longest(files, run.spans):
            if self.of == 1 or span is None or self._meets(span):
                yield name

    def _meets(self, span: Span) -> bool:
        first, last = keys.entry_shard(span.first), keys.entry_shard(span.last)
        return first < self.shards.stop and self.shards.start <= last


def final_payout(ports: Ports, payout: Payout) -> Payout:
    """The payout that pays what this one owed, through however many were taken over."""
    while payout.carried_into:
        payout = load(ports.store, keys.payout(payout.carried_into), Payout, "payout").value
    return payout


def _sessions(
    ports: Ports, window: WindowId, turn: _Turn, besides: frozenset[str]
) -> Iterator[Session]:
    """By the register of ended sessions, and by the sealed entries: a sale proves a session."""
    seen = set(besides)
    for session in sessions_of(ports, window, turn.shards, besides):
        seen.add(session.id)
        yield session
    run = find(ports.store, keys.window(window), WindowRun)
    for name in () if run is None else turn.of_files(run.value, run.value.sealed):
        owners = (session_owning(owner) for owner in owners_in(ports, name))
        strange = {owner for owner in owners if turn.has(owner)} - seen - {""}
        seen |= strange
        for session in read_sessions(ports, sorted(strange)):
            ended_at = session.ended_at
            if ended_at is not None and window_id(ended_at, session.settlement_zone) == window:
                yield session


def _billable(session: Session) -> bool:
    if session.bill is not None:
        return session.bill.owes_payees
    return session.state is SessionState.ENDED and session.energy_kwh > 0


def _fate(session: Session, settled: _Settled) -> Fate:
    assert session.ended_at is not None, "a session of a window has ended"
    payouts = [settled.final[id_] for id_ in settled.payouts.get(session.id, ())]
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


def _netted(ports: Ports, window: WindowId) -> Iterator[WindowRun]:
    """The windows that may settle a session of this one in time, as far as they are netted."""
    settling = window
    for _ in range(_LATER + 1):
        run = find(ports.store, keys.window(settling), WindowRun)
        if run is not None and run.value.nets:
            yield run.value
        settling = after(settling)


def _settled(
    ports: Ports, runs: Iterable[WindowRun], turn: _Turn, held: dict[str, str]
) -> _Settled:
    """Sessions share what they have in common: those of a CPO and a partner, two payouts."""
    final: dict[PayoutId, Payout] = {}
    found: dict[str, _Payouts] = {}
    shared: dict[_Payouts, _Payouts] = {}
    for run in runs:
        last_of: dict[PayoutId, PayoutId] = {}
        for payout in read_payouts(ports, payouts_of(ports, run)):
            last = final_payout(ports, payout)
            final[last.id] = last
            last_of[payout.id] = last.id
        for session, paying in _paying(ports, run, turn):
            known, last_id = found.get(session, ()), last_of[paying]
            if last_id not in known:
                both = (*known, last_id)
                found[session] = shared.setdefault(both, both)
    return _Settled(found, held, final)


def _paying(ports: Ports, run: WindowRun, turn: _Turn) -> Iterator[tuple[str, PayoutId]]:
    """Its sessions in a window's lines, and the payout of each. Neither a fee that a payee bears,
    booked a day later, nor what a bank gave back in the end delays anybody: the sale was paid.
    """
    for name in turn.of_files(run, run.reconciled):
        for group in groups_in(ports, name):
            paying, names = payout_id(run.id, *group.payee), group.names()
            lines = zip(names["session"], names["event"], group.minor, strict=True)
            for session, event, minor in lines:
                if minor > 0 and event not in _BANKS and turn.has(session):
                    yield session, paying


def _held_sessions(ports: Ports, window: WindowId) -> dict[str, str]:
    return {
        session_of(row.value.entry): row.value.reason
        for row in unsettled_rows(ports, window)
        if not row.value.taken_by
    }
