"""When a window's day is over, which entries are in it? Sealed once, by a conditional write."""

from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import before, freeze_at
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import find
from chalicelib.usecases.window.lease import Outcome, take
from chalicelib.usecases.window.sealed import seal_unsealed


def freeze(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """Take the window for this attempt, and seal what was booked; `wait` when it is too early.

    The files are named by content and count only once the record names them, so that a kill
    before the record's write leaves nothing but unread files.
    """
    record = take(ports, window, attempt)
    if record.value.reached(Stage.FROZEN):
        return {"outcome": "frozen"}
    at = ports.clock.now()
    if at < freeze_at(window) or not _earlier_is_frozen(ports, window):
        return {"outcome": "wait"}
    files, names = seal_unsealed(ports, record.value)
    frozen = record.value.advanced(Stage.FROZEN, at, sealed=tuple(files), names=tuple(names))
    ports.store.write(record.put(frozen))
    return {"outcome": "frozen"}


def _earlier_is_frozen(ports: Ports, window: WindowId) -> bool:
    """This window adopts what was late for the one before, so that one is sealed first."""
    earlier = find(ports.store, keys.window(before(window)), WindowRun)
    return earlier is None or earlier.value.reached(Stage.FROZEN)
