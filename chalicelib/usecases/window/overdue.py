"""Which sessions has no rail accepted 36 hours after their end? Twelve hours are left for people.

A window that is not proved is late as a whole (open_due.py). Of a proved one, every billable
session that is unpaid is looked at, every half hour, until its shares are final: what was billed
or told after the proof, and what a bank sent back since, too.
"""

from collections import Counter
from datetime import datetime, timedelta

from chalicelib.domain.codec import instant_text
from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.run import Stage
from chalicelib.domain.settlement.window import ALARM_AFTER, alarm_at
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.window.fates import fates
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.sealed import rows

_LOOK_AGAIN = timedelta(minutes=30)


def overdue(ports: Ports) -> dict[str, dict[str, int]]:
    """By window: how many sessions are overdue, by reason. Windows without any are left out."""
    at = ports.clock.now()
    found = {}
    for row in rows(ports, keys.unpublished_windows()):
        window = WindowId(row.key.sk)
        if at >= alarm_at(window) and _is_due(row, at) and _claimed(ports, row, at):
            found[window] = dict(_of(ports, window, at))
    return {window: reasons for window, reasons in found.items() if reasons}


def _of(ports: Ports, window: WindowId, at: datetime) -> Counter[str]:
    run = run_of(ports, window).value
    if not run.reached(Stage.PROVED):
        return Counter()
    late = (fate for fate in fates(ports, window, unpaid=True) if fate.accepted_at is None)
    return Counter(fate.reason for fate in late if at >= fate.ended_at + ALARM_AFTER)


def _is_due(row: Item, at: datetime) -> bool:
    looked_at = str(row.body.get("looked_at", ""))
    return not looked_at or at - datetime.fromisoformat(looked_at) >= _LOOK_AGAIN


def _claimed(ports: Ports, row: Item, at: datetime) -> bool:
    body = {**row.body, "looked_at": instant_text(at)}
    try:
        ports.store.write(Put(row.key, body, expects=row.version))
    except WriteConflict:
        return False  # another sweep looks, or the shares have just become final
    return True
