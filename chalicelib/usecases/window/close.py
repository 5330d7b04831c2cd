"""When is a window done? When it is proved; its shares are published, and again after 48 hours."""

from dataclasses import replace

from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import NotYet
from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.promise import for_record
from chalicelib.domain.settlement.run import Stage
from chalicelib.domain.settlement.window import PROMISE, cut_off
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.window.lease import Outcome, leased, run_of
from chalicelib.usecases.window.sealed import rows, seal_plain
from chalicelib.usecases.window.tally import counted_on


def close(ports: Ports, window: WindowId, attempt: int) -> Outcome:
    """`closed`. The window leaves the list of open ones in the same transaction."""
    record = leased(ports, window, attempt)
    if record.value.reached(Stage.CLOSED):
        return {"outcome": "closed"}
    closed = record.value.advanced(Stage.CLOSED, ports.clock.now())
    ports.store.write(
        record.put(closed),
        Delete(Key(keys.open_windows(), window)),
        Put(Key(keys.unpublished_windows(), window), {}, expects=None),
    )
    return {"outcome": "closed"}


def publish(ports: Ports, window: WindowId) -> bool:
    """The window's 48-hour shares as they stand now; final once the last session's time is over.

    A turn of a large window's sessions a call; True once all were counted.
    """
    record = run_of(ports, window)
    at = ports.clock.now()
    tally, found = counted_on(ports, window, record.value.tally)
    if found is None:
        ports.store.write(record.put(replace(record.value, tally=tally)))
        return False
    final = at >= cut_off(window) + PROMISE and record.value.reached(Stage.CLOSED)
    seal_plain(ports, window, "shares", to_plain(found))
    told = replace(record.value, shares=for_record(found), shares_final=final, tally="")
    gone = (Delete(Key(keys.unpublished_windows(), window)),) if final else ()
    ports.store.write(record.put(told), *gone)
    return True


def publish_over(ports: Ports) -> list[WindowId]:
    """Publish the final shares of the windows whose 48 hours are over."""
    at = ports.clock.now()
    closed = [WindowId(row.key.sk) for row in rows(ports, keys.unpublished_windows())]
    over = [window for window in closed if at >= cut_off(window) + PROMISE]
    return [window for window in over if _published(ports, window)]


def _published(ports: Ports, window: WindowId) -> bool:
    try:
        return publish(ports, window)
    except NotYet:
        return False  # the next run publishes it
