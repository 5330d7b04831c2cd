"""What happens next? Messages in order of their time, some of which go astray."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

from sandbox.memory.plain import MemoryClock
from sandbox.simulation.faults import Faults, Letter

Act = Callable[[], object]
_MINUTE_S, _HOUR_S = 60, 3600

# How long a message of each kind can be under way. Those that are not here go nowhere astray.
_LATE_S = {
    "stream": 20 * _MINUTE_S,  # a shard that is stuck on somebody else's record
    "push": 3 * _HOUR_S,
    "result": 30 * _MINUTE_S,
    "webhook": 26 * _HOUR_S,
    "partner": 2 * _MINUTE_S,
    "schedule": 40 * _MINUTE_S,
    "machine": 10 * _MINUTE_S,
}


class Post:
    """`overdue` messages come at once, in the order in which they were due."""

    def __init__(self, clock: MemoryClock, faults: Faults) -> None:
        self._clock = clock
        self._waiting: list[tuple[datetime, int, Act]] = []
        self._sent = 0
        self._last: dict[str, datetime] = {}
        self.faults = faults

    def send(
        self, kind: str, act: Act, *, at: datetime | None = None, after_s: int = 0, lane: str = ""
    ) -> None:
        """`lane`: messages of one lane stay in order, as a shard's records of one key do."""
        due = at or self._clock.at
        if after_s:
            due += timedelta(seconds=after_s)
        letter = self.faults.letter(kind) if kind in _LATE_S else None
        if letter is not None:
            if letter is Letter.DROPPED:
                return
            if letter is Letter.DELAYED:
                due += timedelta(seconds=self.faults.delay_s(_LATE_S[kind]))
        if lane:
            due = self._last[lane] = max(due, self._last.get(lane, due))
        for _ in range(2 if letter is Letter.REPEATED else 1):
            self._push(due, act)
            if letter is Letter.REPEATED:
                due += timedelta(seconds=self.faults.delay_s(90))

    def now(self) -> datetime:
        return self._clock.at

    def next_at(self) -> datetime | None:
        return self._waiting[0][0] if self._waiting else None

    def deliver(self) -> None:
        """The next message; the clock moves to it, never back."""
        at, _, act = heappop(self._waiting)
        self._clock.at = max(self._clock.at, at)
        act()

    def _push(self, due: datetime, act: Act) -> None:
        self._sent += 1
        heappush(self._waiting, (due, self._sent, act))
