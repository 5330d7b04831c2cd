"""In which order does a recording happen? Arrivals, departures and nights, by the stepped clock.

At each instant cars leave before others come. A night is when a day's window may be frozen: the
settlement machine runs to its end before the clock moves on. The five-minute sweeper is not run,
since looking into 288 empty buckets a day for months would take most of the time: what it does for
a lost session is done for that session (way.py), what it does for payouts is done each night.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from itertools import groupby
from time import monotonic, sleep
from zoneinfo import ZoneInfo

from chalicelib.domain.session.session import SessionState
from chalicelib.domain.settlement.window import FREEZE_AFTER
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.window.close import publish_over
from sandbox.market.drain import drain
from sandbox.market.house import House
from sandbox.market.running import MachineStandsStill
from sandbox.recorded.way import BEGUN_AFTER, BILLED_AFTER, Replayed, Street

_NIGHTS_AFTER = 4  # the last day's own, the bank's days, and the 48 hours of the promise
_BEHIND_MAX = 3
_MACHINE_SECONDS_MAX = 120
_PAUSE_S = 0.06
_CHARGING, _ENDED, _BILLED = SessionState.CHARGING, SessionState.ENDED, SessionState.BILLED


class Kind(IntEnum):
    """In the order in which they happen at one instant."""

    LEAVES = 0
    COMES = 1
    NIGHT = 2


Event = tuple[datetime, Kind, int]  # the last is the place in the list of ways


def events(ways: Sequence[Replayed], zone: ZoneInfo) -> list[Event]:
    """Everything in order of time, with the nights from the first day to after the last."""
    found = [(way.row.arrival, Kind.COMES, place) for place, way in enumerate(ways)]
    found += [(way.row.departure, Kind.LEAVES, place) for place, way in enumerate(ways)]
    if found:
        found += [(at, Kind.NIGHT, 0) for at in _nights(min(found)[0], max(found)[0], zone)]
    return sorted(found)


def _nights(first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    day = first.astimezone(zone).date()
    end = last.astimezone(zone).date() + timedelta(days=_NIGHTS_AFTER)
    while day < end:
        day += timedelta(days=1)
        yield datetime.combine(day, time(), zone).astimezone(UTC) + FREEZE_AFTER


class Player:
    """Plays events. `told` hears after each instant of the time and the billed sessions."""

    def __init__(
        self,
        house: House,
        street: Street,
        ways: Sequence[Replayed],
        told: Callable[[datetime, int], None] = lambda _at, _done: None,
    ) -> None:
        self._house = house
        self._street = street
        self._ways = ways
        self._told = told
        self._done = 0
        self._billed: deque[Replayed] = deque()

    def play(self, agenda: Sequence[Event]) -> None:
        for at, group in groupby(agenda, key=lambda event: event[0]):
            now = list(group)
            self._instant(
                at,
                [self._ways[place] for _, kind, place in now if kind is Kind.LEAVES],
                [self._ways[place] for _, kind, place in now if kind is Kind.COMES],
            )
            if any(kind is Kind.NIGHT for _, kind, _ in now):
                self._night()
            self._told(self._street.now, self._done)

    def _instant(
        self, at: datetime, leaving: Sequence[Replayed], coming: Sequence[Replayed]
    ) -> None:
        street = self._street
        street.move(at)
        street.tick(leaving)
        street.wait(leaving, _ENDED, _BILLED)
        for way in coming:
            street.arrive(way)
        if coming:
            street.wait_for_commands(coming)
            street.move(at + BEGUN_AFTER)
            street.tick(coming)
            street.wait(coming, _CHARGING, _ENDED, _BILLED)
        if leaving:
            street.move(at + BILLED_AFTER)
            street.tick(leaving)
            self._billed.extend(leaving)
            self._catch_up(_BEHIND_MAX)

    def _catch_up(self, behind: int) -> None:
        """Wait for the oldest receipts until at most so many are not done."""
        while len(self._billed) > behind:
            self._street.wait([self._billed.popleft()], _BILLED)
            self._done += 1

    def _night(self) -> None:
        """Yesterday is settled, and what the bank did meanwhile is told."""
        self._catch_up(0)
        ports = self._house.ports
        if self._house.tell(self._house.provider, "tick")["delivered"]:
            drain(ports)
        if self._house.aws.invoke("open_due_windows")["started"]:
            self._wait_for_machine()
        sweep_payouts(ports)
        publish_over(ports)

    def _wait_for_machine(self) -> None:
        """As sandbox.market.running does, with one question at a time: children end first."""
        aws = self._house.aws
        machine = aws.stack.environments["OpenDueWindows"]["SETTLEMENT_MACHINE_ARN"]
        deadline = monotonic() + _MACHINE_SECONDS_MAX
        running = True
        while running:
            if monotonic() > deadline:
                raise MachineStandsStill("a settlement execution runs for minutes; see the logs")
            sleep(_PAUSE_S)
            found = aws.client("stepfunctions").list_executions(
                stateMachineArn=machine, statusFilter="RUNNING"
            )
            running = bool(found["executions"])
