"""Which windows are due by the clock, and whose execution died? Run every five minutes."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.ids import WindowId
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import (
    alarm_at,
    before,
    day_of,
    freeze_at,
    instruct_by,
    window_id,
    window_on,
)
from chalicelib.ports.bundle import Ports
from chalicelib.ports.machine import Machine
from chalicelib.ports.store import Item, Key, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import parties
from chalicelib.usecases.records import create, find
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.sealed import rows

_FIRST_LOOK_BACK = 7  # days before a zone was first seen in which something may be booked already
_EAGER = 5  # attempts started at once; later ones pause, since the same thing seems to fail
_PAUSE = timedelta(minutes=30)


def open_due(ports: Ports, machine: Machine) -> dict[str, Any]:
    """Open what is due, and start again what died; what was done, by window.

    `late` are windows still open 36 hours after their day began (`alarm_at`): an alarm counts them.
    """
    # The channel's own zone too: what comes in outside a session (a top-up) is booked there.
    zones = {p.time_zone for p in parties(ports) if p.kind is not PartyKind.PARTNER}
    known = {row.key.sk: row for row in rows(ports, keys.zones())}
    asked = [(zone, known.get(zone)) for zone in sorted({*zones, *known})]
    opened = [w for zone, row in asked if (w := _open_next(ports, zone, row))]
    waiting = _open(ports)
    started = [window for window in waiting if _start(ports, machine, window)]
    at = ports.clock.now()
    waiting = _open(ports) if started else waiting
    late = [window for window in waiting if at >= alarm_at(window)]
    return {"opened": opened, "started": started, "late": late}


def _open_next(ports: Ports, zone: str, known: Item | None) -> WindowId | None:
    """Open the zone's next window when its day is over and the one before it is sealed.

    `known` is the zone's row as it was listed; the write expects it to be so still.
    """
    at = ports.clock.now()
    item = known or _begun(ports, zone, at)
    if item is None:
        return None
    day = date.fromisoformat(item.body["next"])
    window = window_on(day, zone)
    if at < freeze_at(window):
        return None
    earlier = find(ports.store, keys.window(before(window)), WindowRun)
    if earlier and not earlier.value.reached(Stage.FROZEN):
        return None
    following = {"next": (day + timedelta(days=1)).isoformat()}
    run = WindowRun(window, Stage.OPENED, at, attempt=0)
    try:
        ports.store.write(
            Put(Key(keys.zones(), zone), following, expects=item.version),
            create(keys.window(window), run),
            Put(Key(keys.windows(), window), {}, expects=None),
            Put(Key(keys.open_windows(), window), {}, expects=None),
        )
    except WriteConflict:
        return None  # another run of this function opened it
    return window


def _begun(ports: Ports, zone: str, at: datetime) -> Item | None:
    """A zone to which a party has moved: note its first day, so that no day is left out.

    Most zones are noted when a party joins (usecases/party/register.py).
    """
    key = Key(keys.zones(), zone)
    with suppress(WriteConflict):  # another run of this function noted it
        ports.store.write(Put(key, {"next": _first_day(ports, zone, at).isoformat()}))
    return ports.store.get(key)


def _first_day(ports: Ports, zone: str, at: datetime) -> date:
    """The earliest recent day in which something is booked, or still can be; else today."""
    today = window_id(at, zone)
    if at < instruct_by(before(today)):
        today = before(today)
    for days in range(_FIRST_LOOK_BACK, 0, -1):
        if _has_something(ports, before(today, days)):
            return day_of(before(today, days))
    return day_of(today)


def _has_something(ports: Ports, window: WindowId) -> bool:
    return any(
        ports.store.query(pk, limit=1)
        for shard in range(keys.ENTRY_SHARDS)
        for pk in (keys.entries(window, shard), keys.ended(window, shard))
    )


def _open(ports: Ports) -> list[WindowId]:
    return [WindowId(row.key.sk) for row in rows(ports, keys.open_windows())]


def _start(ports: Ports, machine: Machine, window: WindowId) -> bool:
    """Start an execution for an open window that has none running. The number is written first:
    two runs of this function may both start one, and the lease lets only the later one work.
    """
    record = run_of(ports, window)
    run, at = record.value, ports.clock.now()
    if run.attempt and machine.running(name_of(window, run.attempt)):
        return False
    if run.attempt >= _EAGER and run.started_at and at - run.started_at < _PAUSE:
        return False
    attempt = run.attempt + 1
    try:
        ports.store.write(record.put(replace(run, attempt=attempt, started_at=at)))
    except WriteConflict:
        return False
    return machine.start(name_of(window, attempt), {"window": window, "attempt": attempt})


def name_of(window: WindowId, attempt: int) -> str:
    """The execution's name: unique for ever, and in AWS's alphabet."""
    return f"{window}.{attempt}"
