"""Where is the sweeper, and when is an owner looked at? Time without rows is passed over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import heappop, heappush
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.ports.store import Key, Put
from sandbox.memory.plain import MemoryClock
from sandbox.simulation.table import SimulatedTable

GRID = timedelta(minutes=5)
SWEPT_AFTER = 2 * GRID  # a bucket of due rows is looked at when nobody writes into it any more
CURSOR = Key("sweeper")


class Sweeper:
    """`due`: buckets that hold rows. The cursor is written when a sweep is to read it."""

    def __init__(self, table: SimulatedTable, clock: MemoryClock) -> None:
        self._table, self._clock = table, clock
        self.due: list[datetime] = []
        cursor = table.get(CURSOR)
        assert cursor is not None, "the market has been swept"
        self.stand_at(cursor.body)

    def stand_at(self, cursor: Mapping[str, Any]) -> None:
        """A sweep, or whoever writes its cursor, has been here."""
        self._since = datetime.fromisoformat(cursor["since"])
        self._until = datetime.fromisoformat(cursor["until"])
        self._passed = False

    def expect(self, row: Key) -> None:
        """A row that is written for a time that was passed is lost here as it would be there."""
        self.catch_up()
        heappush(self.due, datetime.fromisoformat(f"{row.pk[4:14]}T{row.sk[:5]}+00:00"))

    def catch_up(self) -> None:
        """What the sweeps since the last one would have done."""
        due = self.due
        while due and due[0] < self._since:
            heappop(due)
        reached = floor(self._clock.at) - GRID
        if due:
            reached = min(reached, due[0])
        if reached > self._since == self._until:
            self._since = self._until = reached
            self._passed = True

    def write_cursor(self) -> None:
        """The next sweep begins where those that were passed over would have left it."""
        if self._passed:
            reached = instant_text(self._since)
            day = self._since.date().isoformat()
            body = {"since": reached, "until": reached, "day": day, "shard": 0, "after": ""}
            self._table.write(Put(CURSOR, body, expects=None))


@lru_cache(256)
def floor(at: datetime) -> datetime:
    """The last instant of the schedules' grid."""
    return at.replace(second=0, microsecond=0) - timedelta(minutes=at.minute % 5)


def ceil(at: datetime) -> datetime:
    """The next instant of the grid, or this one."""
    last = floor(at)
    return last if last == at else last + GRID
