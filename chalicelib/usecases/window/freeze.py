"""When a window's day is over, which entries are in it? Sealed once, by conditional writes."""

from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import before, freeze_at
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import find
from chalicelib.usecases.window.lease import Outcome, take
from chalicelib.usecases.window.sealing import seal_next


def freeze(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """Take the window for this attempt, and seal what was booked: one file a call, then `more`.

    `wait` when it is too early. A file is named by its content and counts only once the record
    names it, so that a kill before the record's write leaves nothing but an unread file.
    """
    record = take(ports, window, attempt)
    if record.value.reached(Stage.FROZEN):
        return {"outcome": "frozen"}
    at = ports.clock.now()
    if at < freeze_at(window) or not _earlier_is_frozen(ports, window):
        return {"outcome": "wait"}
    done = seal_next(ports, record.value)
    if done.sealing:
        ports.store.write(record.put(done))
        return {"outcome": "more"}
    ports.store.write(record.put(done.advanced(Stage.FROZEN, at)))
    return {"outcome": "frozen"}


def _earlier_is_frozen(ports: Ports, window: WindowId) -> bool:
    """This window adopts what was late for the one before, so that one is sealed first."""
    earlier = find(ports.store, keys.window(before(window)), WindowRun)
    return earlier is None or earlier.value.reached(Stage.FROZEN)
