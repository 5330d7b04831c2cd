"""What runs by the clock? The five-minute schedules and the executions of the settlement machine.

A schedule that would find nothing to do is not run, so that a quiet day costs nothing; what it
would have done to the sweeper's cursor is done for it (tests/simulation/test_idle_time.py shows
that both end alike).
"""

from collections.abc import Callable, Iterator, Mapping, Sized
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.domain.settlement.window import PROMISE, cut_off, freeze_at, window_on
from chalicelib.handlers.effects.stream import isolated
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.bank.accept_files import accept_files
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.pull import pull_all
from chalicelib.usecases.payment.pull_events import pull_events
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.reconciliation.nightly import reconcile_nightly
from chalicelib.usecases.window.close import publish_over
from chalicelib.usecases.window.open_due import name_of, open_due
from sandbox.memory.machine import Killed, MemoryMachine
from sandbox.simulation.endings import nights, rests, unheard, unlisted
from sandbox.simulation.people import People
from sandbox.simulation.running import End
from sandbox.simulation.sweeper import CURSOR, GRID, SWEPT_AFTER, Sweeper, ceil, floor

if TYPE_CHECKING:
    from sandbox.simulation.history import History

_WAIT_S = 300  # of the machine's Wait states
_EAGER, _PAUSE = 5, timedelta(minutes=30)  # as open_due tries again
_WATCHED = frozenset({"due#", "entr", "payo", "swee", "wind", "zone"})
_OF_PAYOUTS = (
    keys.uncredited(),
    keys.returnable(),
    keys.unmatched_payout("").pk,
    keys.to_reopen(),
    keys.approved(),
)
_NEVER = datetime.max.replace(tzinfo=UTC)
_HOUR = timedelta(hours=1)  # of pull_networks, which is only let run for what nobody else fetches


class LambdaDied(Exception):
    """A task's process died. Its machine goes on, and tries again as its definition says."""


class Schedules:
    """Also the Machine of the bundle: its executions go on step by step, among all else."""

    def __init__(self, history: "History") -> None:
        self._history = history
        self._clock, self._table = history.clock, history.table
        self._sweeper = Sweeper(history.table, history.clock)
        self._changed, self._planned = True, _NEVER
        self._last = self._pulled = self._read_at = self._reconciled = self._clock.at
        self._events_pulled = self._clock.at
        self._people = People(history)
        self._read = 0  # of what the bank has brought
        # CDRs of CPOs, deeds of banks: word of them that is lost writes nothing here.
        cdrs = (cpo.finished for cpo in history.cpos.values())
        self._deeds: list[Sized] = [*cdrs, history.payments.taken_back]
        self._finished = 0
        self._opens = {  # by zone
            row.key.sk: _opening(row.key.sk, row.body["next"])
            for row in self._table.query(keys.zones())
        }
        self.late: set[WindowId] = set()
        self.booked_at: dict[WindowId, datetime] = {}  # a session's last entry in it
        self.isolated = isolated
        self._table.wrote = self._wrote

    def begin(self) -> None:
        self._machine = MemoryMachine(self._history.outside, self._around, _WAIT_S)

    # The Machine.

    def start(self, name: str, payload: Mapping[str, Any]) -> bool:
        execution = self._machine.begin(name, payload)
        if execution is not None:
            self._history.post.send("machine", partial(self._go_on, execution))
        return execution is not None

    def running(self, name: str) -> bool:
        return self._machine.running(name)

    def _go_on(self, execution: Iterator[int]) -> None:
        seconds = next(execution, None)
        if seconds is None:
            self._changed = True
        else:
            self._history.post.send("machine", partial(self._go_on, execution), after_s=seconds)

    def _around(self, payload: Mapping[str, Any], call: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        ran = self._history.processes.run(f"settle:{payload['step']}", lambda _: call())
        if ran.end is End.DONE:
            return ran.value
        if ran.end is End.DEAD and self._history.random.random() < 0.5:
            raise Killed  # somebody aborts the whole execution
        raise LambdaDied(ran.end)

    # The schedules.

    def plan(self) -> None:
        """See that the next schedule that has something to do will run."""
        deeds = sum(map(len, self._deeds))
        if not self._changed and deeds == self._finished:
            return
        self._changed, self._finished = False, deeds
        at = self._next()
        if at is None or at >= self._planned:
            return
        self._planned = at
        self._history.post.send("schedule", partial(self._tick, at), at=at)

    def now(self) -> None:
        """Every schedule at this instant, whether there is something to do or not."""
        self._sweeper.catch_up()
        self._run(_always)

    def _tick(self, planned: datetime) -> None:
        if self._planned == planned:
            self._planned = _NEVER
        self._last, self._changed = self._clock.at, True
        self._sweeper.catch_up()
        self._run(self._has_work)

    def _run(self, wanted: Callable[[str], bool]) -> None:
        run = self._history.processes.run
        self._sweeper.write_cursor()
        if wanted("read_bank_files"):
            brought = self._history.bank.brought
            if run("read_bank_files", accept_files).end is End.DONE:
                self._read_at = self._clock.at
                if self._nothing_left():
                    self._read = brought
        effects: tuple[tuple[str, Callable[[Any], Any]], ...] = (
            ("sweep", sweep),
            ("pull_events", self._pull_events),
            ("sweep_payouts", sweep_payouts),
            ("publish_over", publish_over),
        )
        if wanted("pull_networks"):
            self._pulled = self._clock.at
            run("pull_networks", pull_all)
        for name, act in effects:  # one function: what comes after a death is not reached
            if wanted(name) and run(name, act).end is not End.DONE:
                break
        if wanted("open_due"):
            ran = run("open_due", lambda ports: open_due(ports, ports.machine))
            self.late.update(ran.value["late"] if ran.end is End.DONE else ())
        if any(self._clock.at >= night for night in nights(self._history, self._reconciled)):
            self._reconciled = self._clock.at
            run("reconcile_nightly", reconcile_nightly)
        self._people.look()

    def _pull_events(self, ports: Any) -> object:  # noqa: ANN401 - the guarded bundle
        self._events_pulled = self._clock.at
        return pull_events(ports)

    def _wrote(self, put: Put) -> None:
        pk = put.key.pk
        if pk[:4] not in _WATCHED:
            return
        if pk.startswith("due#"):
            self._sweeper.expect(put.key)
        elif pk.startswith("entry#"):
            if not put.body["owner"].startswith("session#"):
                return
            self.booked_at[WindowId(pk.split("#")[1])] = self._clock.at
        elif pk == "zones":
            self._opens[put.key.sk] = _opening(put.key.sk, put.body["next"])
        elif pk == CURSOR.pk:
            self._sweeper.stand_at(put.body)
            return
        elif "#" in pk:  # a payout or a window moves: its lists tell when that matters
            return
        self._changed = True

    def _next(self) -> datetime | None:
        """The first instant of the grid at which a schedule has something to do."""
        soonest = floor(self._last) + GRID
        wishes = [*self._bank()]
        if self._history.nights():
            wishes += [*self._tried_again(soonest), *self._payouts()]
        wishes += nights(self._history, self._reconciled)
        waits_for_cdr = unheard(self._history)
        if waits_for_cdr:
            wishes.append(self._pulled + _HOUR)
        if unlisted(self._history):
            wishes.append(self._events_pulled + _HOUR)
        if not waits_for_cdr and rests(self._history):
            wishes += self._unpublished()
        else:
            if self._history.nights():
                wishes += self._opens.values()
            if self._sweeper.due:
                wishes.append(self._sweeper.due[0] + SWEPT_AFTER)
        if not wishes:
            return None
        at = max(ceil(min(wishes)), soonest)
        horizon = timedelta(days=self._history.scenario.days)
        return at if at < self._history.scenario.day + horizon else None

    def _has_work(self, name: str) -> bool:
        at = self._clock.at
        match name:
            case "sweep":
                return bool(self._sweeper.due) and self._sweeper.due[0] + SWEPT_AFTER <= at
            case "sweep_payouts":
                return self._history.nights() and any(map(self._table.holds, _OF_PAYOUTS))
            case "read_bank_files":
                return self._bank_brought()
            case "pull_networks" | "pull_events":
                return self._pull_finds(name)
            case "publish_over":
                return bool(unpublished := self._unpublished()) and at >= min(unpublished)
            case _:
                return self._history.nights() and self._windows_wait(at)

    def _pull_finds(self, name: str) -> bool:
        if name == "pull_networks":
            return self._clock.at >= self._pulled + _HOUR and unheard(self._history)
        return self._clock.at >= self._events_pulled + _HOUR and unlisted(self._history)

    def _windows_wait(self, at: datetime) -> bool:
        opens = () if self._history.explained() else self._opens.values()
        return any(at >= wish for wish in (*opens, *self._tried_again(at)))

    def _bank(self) -> Iterator[datetime]:
        if self._history.bank.brought > self._read:
            yield self._last + GRID
        elif self._bank_is_unclear():
            yield self._read_at + _HOUR

    def _payouts(self) -> Iterator[datetime]:
        """Of windows that were opened: before there are none."""
        holds = self._table.holds
        if holds(keys.to_reopen()) or holds(keys.approved()):
            yield self._last + GRID
        for row in self._table.query(keys.returnable(), limit=1):
            yield datetime.fromisoformat(row.key.sk.partition("#")[0])
        if holds(keys.uncredited()):
            arrived = self._history.payouts.next_arrival(self._last)
            yield (arrived or self._last) + _HOUR

    def _bank_brought(self) -> bool:
        """Whether there is a file to read, or a line that fitted nothing and may fit now."""
        if self._history.bank.brought > self._read:
            return True
        return self._bank_is_unclear() and self._clock.at >= self._read_at + _HOUR

    def _nothing_left(self) -> bool:
        """Whether the bank's files are worked off: a round that is done leaves what failed in it
        to the next.
        """
        names = self._history.ports.mailbox.answers()
        files = [self._table.get(bank_keys.file(name)) for name in names]
        return all(file is not None and file.body["state"] != "received" for file in files)

    def _bank_is_unclear(self) -> bool:
        if not self._read or not self._table.holds(bank_keys.unmatched()):
            return False
        return not self._history.explained()

    def _unpublished(self) -> list[datetime]:
        if not self._history.nights():
            return []
        rows = self._table.query(keys.unpublished_windows())
        return [cut_off(WindowId(row.key.sk)) + PROMISE for row in rows]

    def _tried_again(self, soonest: datetime) -> Iterator[datetime]:
        """When the next attempt is made at a window that is open and has no execution."""
        for row in self._table.query(keys.open_windows()):
            item = self._table.get(keys.window(WindowId(row.key.sk)))
            assert item is not None, "an open window has its record"
            run = from_plain(WindowRun, item.body)
            if run.attempt and self.running(name_of(run.id, run.attempt)):
                continue
            pauses = run.attempt >= _EAGER and run.started_at is not None
            yield run.started_at + _PAUSE if pauses and run.started_at else soonest


@cache
def _opening(zone: str, day: str) -> datetime:
    return freeze_at(window_on(date.fromisoformat(day), zone))


def _always(_name: str) -> bool:
    return True
