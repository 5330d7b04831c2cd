"""What need not be compared every night? Each place's sums up to an instant, brought forward.

What was compared for weeks and agreed is carried as two sums a place, as books carry a balance. An
instant is passed only when no difference is open that began near it: nothing is forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.reconciliation.moves import Move

KEPT = timedelta(days=28)  # is compared again each night
_ONLY_PAIRED = timedelta(days=14)  # the oldest of it: there to be found by its other side
Sums = Mapping[str, int]  # `<place>/<currency>` → minor units


@dataclass(frozen=True, slots=True)
class BroughtForward:
    """What both sides moved before `at`; both are read from there on."""

    at: datetime
    booked: Sums
    stated: Sums

    def judges(self, moves: Iterable[Move]) -> bool:
        """Whether one of the moves is young enough, so that all it belongs to was read."""
        begin = self.at + _ONLY_PAIRED
        return any(move.at is None or move.at >= begin for move in moves)


def brought_forward(
    known: BroughtForward | None,
    booked: Iterable[Move],
    stated: Iterable[Move],
    open_since: Iterable[datetime],
    now: datetime,
) -> BroughtForward:
    """As far as may be: not beyond four weeks before the first difference that is still open."""
    to = min([now, *open_since]) - KEPT
    if known is not None:
        to = max(to, known.at)
    return BroughtForward(
        to,
        _added(known.booked if known else {}, booked, to),
        _added(known.stated if known else {}, stated, to),
    )


def _added(before: Sums, moves: Iterable[Move], to: datetime) -> Sums:
    sums = defaultdict(int, before)
    for move in moves:
        if move.at is not None and move.at < to:
            for code, minor in move.net.items():
                sums[f"{move.place}/{code}"] += minor
    return {where: minor for where, minor in sorted(sums.items()) if minor}
