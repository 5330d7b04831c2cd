"""May this attempt still settle this window? The guard in front of every step."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, find

Outcome = Mapping[str, Any]  # what a step tells the state machine; `outcome` decides the branch


class Superseded(Conflict):
    """A later attempt has taken the window: this one ends without doing anything."""

    code = "window_superseded"

    def __init__(self, window: WindowId, attempt: int, lease: int) -> None:
        super().__init__(f"attempt {attempt} at {window} was superseded by attempt {lease}")
        self.window, self.attempt, self.lease = window, attempt, lease


def leased(ports: Ports, window: WindowId, attempt: int) -> Record[WindowRun]:
    """The window's record, if this attempt is the one that took it last."""
    record = run_of(ports, window)
    if record.value.lease != attempt:
        raise Superseded(window, attempt, record.value.lease)
    return record


def take(ports: Ports, window: WindowId, attempt: int) -> Record[WindowRun]:
    """The window's record, taken for this attempt; taken before by the same one is the same."""
    record = run_of(ports, window)
    if record.value.lease > attempt:
        raise Superseded(window, attempt, record.value.lease)
    if record.value.lease == attempt:
        return record
    taken = record.value.taken(attempt)
    ports.store.write(record.put(taken))
    return Record(record.key, taken, record.version + 1)


def run_of(ports: Ports, window: WindowId) -> Record[WindowRun]:
    record = find(ports.store, keys.window(window), WindowRun)
    if record is None:
        raise NotFound("window", window)
    return record
