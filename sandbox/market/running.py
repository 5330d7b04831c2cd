"""How does the market's time pass? The clock steps to the next thing that happens, never inside it.

Between two steps everything that was caused has been done (drain), so that every run is the same.
Scheduled functions are invoked when the clock passes their times, as EventBridge would.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from sandbox.market.banking import bank_acts
from sandbox.market.drain import drain
from sandbox.market.house import House
from sandbox.peers.processes import Running

_LONGEST_STEP = timedelta(hours=4)
_SWEEPS, _SETTLES, _PULLS = timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=1)
_CLOSELY = timedelta(minutes=4)
_RATES_HOUR = 16
_MACHINE_SECONDS_MAX = 300
_PAUSE_S = 0.1


class MachineStandsStill(RuntimeError):
    """An execution does not end although nobody moves the clock."""


@dataclass
class Market:
    """`plans` are things that people do, at their times. `told` hears of every step."""

    house: House
    now: datetime
    told: Callable[[datetime], None] = lambda _: None
    grid: timedelta = timedelta(minutes=15)
    _closely_until: datetime | None = None
    _plans: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0

    def plan(self, at: datetime, act: Callable[[], None]) -> None:
        self._count += 1
        heappush(self._plans, (at, self._count, act))

    def watch_closely(self, until: datetime) -> None:
        """Small steps for a while: what happens there follows from what happened minutes ago."""
        self._closely_until = until

    def run_until(self, end: datetime) -> None:
        """Step until `end`; whatever was planned until then is done."""
        while self.now < end:
            self._step(min(end, *self._next()))

    def _next(self) -> Iterator[datetime]:
        yield self.now + _LONGEST_STEP
        if self._plans:
            yield max(self._plans[0][0], self.now + timedelta(seconds=1))
        for peer in self.house.cpos.values():
            due = self.house.http.get(f"{peer.url}/sim/next").json()["next"]
            if due:
                at = datetime.fromisoformat(due)
                yield max(at, self.now + timedelta(seconds=1))

    def _step(self, at: datetime) -> None:
        """Move to the next point of the grid, and let everybody act until all is quiet."""
        before, self.now = self.now, _on_grid(at, self._width())
        self.house.set_clock(self.now)
        self._tick()
        acted = False
        while self._plans and self._plans[0][0] <= self.now:
            heappop(self._plans)[2]()
            acted = True
        if acted:
            drain(self.house.ports)
            if self.house.tell(self.house.provider, "tick")["delivered"]:
                drain(self.house.ports)
        self._schedules(before)
        self.told(self.now)

    def _width(self) -> timedelta:
        closely = self._closely_until is not None and self.now < self._closely_until
        return _CLOSELY if closely else self.grid

    def _tick(self) -> None:
        """Peers send what is due by now, and the channel does what follows.

        Once is enough: an answer to what follows (a command's result, a webhook) is due later.
        """
        with ThreadPoolExecutor() as at_once:  # CPOs wait for nobody
            ticked = at_once.map(self._ticked, self.house.cpos.values())
            sent = sum(ticked)
        if sent:
            drain(self.house.ports)
        if self.house.tell(self.house.provider, "tick")["delivered"]:
            drain(self.house.ports)
        if bank_acts(self.house):
            drain(self.house.ports)

    def _ticked(self, cpo: Running) -> int:
        return len(self.house.tell(cpo, "tick", now=_text(self.now))["sent"])

    def _schedules(self, before: datetime) -> None:
        swept = _passed(before, self.now, _SWEEPS) and self.house.aws.scheduled("sweep_effects")
        if swept and swept["looked_at"]:
            drain(self.house.ports)
        if _passed(before, self.now, _PULLS):
            pulled = self.house.aws.scheduled("pull_networks")["peers"]
            if any(peer["news"] for peer in pulled):
                drain(self.house.ports)
            if self.house.bank is not None:
                self.house.aws.scheduled("read_bank_files")
        if _passed(before, self.now, _SETTLES):
            self._settle()
        if before.hour < _RATES_HOUR <= self.now.hour:
            self.house.aws.scheduled("import_rates")

    def _settle(self) -> None:
        """A zone opens its next window when the one before it is sealed: until none is due."""
        while self.house.aws.scheduled("open_due_windows")["started"]:
            wait_for_machines(self.house)
            drain(self.house.ports)


def wait_for_machines(house: House) -> None:
    """Return when no settlement execution runs any more. Meanwhile the bank answers it."""
    machines = house.aws.client("stepfunctions")
    arn = house.aws.stack.outputs["SettlementMachineArn"]
    deadline = time.monotonic() + _MACHINE_SECONDS_MAX
    while machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]:
        if time.monotonic() > deadline:
            raise MachineStandsStill("a settlement execution runs for minutes; see build/logs")
        if not bank_acts(house):
            time.sleep(_PAUSE_S)


def _passed(before: datetime, now: datetime, period: timedelta) -> bool:
    seconds = int(period.total_seconds())
    return int(before.timestamp()) // seconds != int(now.timestamp()) // seconds


def _on_grid(at: datetime, grid: timedelta) -> datetime:
    """The first instant of the grid that is not before `at`."""
    seconds, width = -int(-at.timestamp() // 1), int(grid.total_seconds())
    return datetime.fromtimestamp(-(-seconds // width) * width, UTC)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
