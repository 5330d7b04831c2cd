"""Which sessions has no rail accepted 36 hours after their end? Twelve hours are left for people.

A window that is not proved is late as a whole (open_due.py). Of a proved one, every billable
session that is unpaid is looked at, every half hour, until its shares are final: what was billed
or told after the proof, and what a bank sent back since, too.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.window import ALARM_AFTER, alarm_at
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.window.fates import fates_in, turns_of
from chalicelib.usecases.window.sealed import rows

_LOOK_AGAIN = timedelta(minutes=30)
_LARGE_A_SWEEP = 2  # turns, of a minute each where the window has a million sessions


def overdue(ports: Ports) -> dict[str, dict[str, int]]:
    """By window: how many sessions are overdue, by reason. Windows without any are left out.

    A large window is looked at in turns, one a sweep; what they have found so far is told at each.
    Of several large ones those take turns that have waited longest.
    """
    at, room = ports.clock.now(), _LARGE_A_SWEEP
    found: dict[str, dict[str, int]] = {}
    listed = rows(ports, keys.unpublished_windows())
    due = [row for row in listed if at >= alarm_at(WindowId(row.key.sk)) and _is_due(row, at)]
    for row in sorted(due, key=lambda row: (_looked_at(row), _turn(row))):
        turns = turns_of(ports, WindowId(row.key.sk))
        if turns == 1 or room:
            found[row.key.sk] = _looked(ports, row, turns, at)
            room -= turns > 1
    return {window: reasons for window, reasons in found.items() if reasons}


def _looked_at(row: Item) -> str:
    return str(row.body.get("looked_at", ""))


def _turn(row: Item) -> int:
    return int(row.body.get("turn", 0))


def _is_due(row: Item, at: datetime) -> bool:
    looked_at = _looked_at(row)
    begun = "turn" in row.body
    return begun or not looked_at or at - datetime.fromisoformat(looked_at) >= _LOOK_AGAIN


def _looked(ports: Ports, row: Item, turns: int, at: datetime) -> dict[str, int]:
    """What a round has found with its next turn. It counts once it is written, and is told then."""
    window, turn = WindowId(row.key.sk), _turn(row)
    late = Counter({str(why): int(times) for why, times in row.body.get("late", {}).items()})
    late += Counter(
        fate.reason
        for fate in fates_in(ports, window, turn, unpaid=True)
        if fate.accepted_at is None and at >= fate.ended_at + ALARM_AFTER
    )
    body: dict[str, Any] = {"looked_at": instant_text(at)}
    if turn + 1 < turns:
        body |= {"turn": turn + 1, "late": dict(late)}
    try:
        ports.store.write(Put(row.key, body, expects=row.version))
    except WriteConflict:
        return {}  # another sweep has looked, or the shares have just become final
    return dict(late)
