"""How far has the settlement of one window come, and whose turn is it?

A window's record moves through its stages once, whatever is started twice or killed. Each attempt
(one execution of the state machine) holds a lease; the record carries the highest lease taken, and
a step that shows a lower one is superseded: it ends without doing anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import EntryId, WindowId


class Stage(StrEnum):
    OPENED = "opened"
    FROZEN = "frozen"  # what was booked is sealed into files that name it
    PULLED = "pulled"  # CDRs that were missing were asked for; what came is sealed too
    RECONCILED = "reconciled"  # each entry is clean, or held with its reason
    NETTED = "netted"  # one payout a payee, each with its sum
    PROVED = "proved"
    CLOSED = "closed"


_ORDER = tuple(Stage)
_NEXT = dict(pairwise(_ORDER))


class IllegalStage(Conflict):
    code = "illegal_window_stage"

    def __init__(self, stage: str, wanted: str) -> None:
        super().__init__(f"a window that is {stage} cannot become {wanted}")
        self.stage, self.wanted = stage, wanted


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the greatest id of the entries of a sealed file."""

    first: EntryId
    last: EntryId


@dataclass(frozen=True, slots=True)
class WindowRun:
    """Files are named, not held. `part` and `cursor` count what a step in pieces has done."""

    id: WindowId
    stage: Stage
    opened_at: datetime
    attempt: int = 1  # the execution that was started last
    started_at: datetime | None = None  # when that was
    lease: int = 0  # the attempt that last took the window
    sealed: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()  # of each sealed file
    sealing: str = ""  # the entry behind which sealing goes on; none: it has not begun
    reconciled: tuple[str, ...] = ()
    nets: str = ""
    payouts: int = 0
    part: int = 0
    cursor: int = 0
    polls: int = 0
    stage_times: Mapping[str, str] = field(default_factory=dict)
    tally: str = ""  # what counting the shares has found so far
    proof: str = ""
    shares: Mapping[str, Any] = field(default_factory=dict)  # the latest published ones
    shares_final: bool = False

    def reached(self, stage: Stage) -> bool:
        return _ORDER.index(self.stage) >= _ORDER.index(stage)

    def advanced(self, to: Stage, at: datetime, **changes: Any) -> "WindowRun":  # noqa: ANN401 - fields
        """The record in its next stage, with what the stage found."""
        if _NEXT.get(self.stage) is not to:
            raise IllegalStage(self.stage.value, to.value)
        times = {**self.stage_times, to.value: at.isoformat()}
        fresh = {"part": 0, "cursor": 0, "polls": 0, "sealing": "", "tally": ""}
        fresh |= {"stage_times": times}
        return replace(self, stage=to, **{**fresh, **changes})

    def taken(self, lease: int) -> "WindowRun":
        assert lease >= self.lease, "a lease is never taken back"
        return replace(self, lease=lease)

    def polled(self) -> "WindowRun":
        return replace(self, polls=self.polls + 1)
