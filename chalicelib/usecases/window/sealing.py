"""Which entries does no sealed file name yet? Sealed file by file, so that no call holds a window.

Everything goes in the order of the entries' ids: the shards, the rows of a shard, the files. The
entries of one owner lie side by side in it, so a file ends only where the next owner begins.
"""

from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from operator import attrgetter

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ledger.entry import Entry, owner_part
from chalicelib.domain.settlement import packed
from chalicelib.domain.settlement.run import Span, WindowRun
from chalicelib.domain.settlement.window import before
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item
from chalicelib.usecases import keys
from chalicelib.usecases.records import find
from chalicelib.usecases.window.sealed import ids_in, rows, seal_entries

# An entry is written to its own window's shards for hours at most after the cut-off
# (domain.settlement.window.window_to_book): three days of shards hold every entry that is late.
LOOK_BACK = 3
# Some four megabytes: a step holds one file whole, and the window's record names them all.
ENTRIES_A_FILE = 16_000
ROWS_A_CALL = 120_000  # a minute; each file of a day is found among the rows of four
_Sealed = tuple[Span, str]  # what a file may hold, and its name


def seal_next(ports: Ports, run: WindowRun) -> WindowRun:
    """The record with the next file of entries that none names; `sealing` is empty after the last.

    What lands behind the place that was reached is for the next round, or the next window.
    """
    found = list[Entry]()
    known, last, looked = _Known(ports, _named(ports, run)), run.sealing, 0
    for item in _in_shards(ports, run):
        id_ = item.key.sk
        full = looked >= ROWS_A_CALL or len(found) >= ENTRIES_A_FILE
        if full and owner_part(id_) != owner_part(last):
            return replace(_with_file(ports, run, found), sealing=last)
        if not known.has(id_):
            found.append(from_plain(Entry, item.body))
        last, looked = id_, looked + 1
    return replace(_with_file(ports, run, found), sealing="")


def _with_file(ports: Ports, run: WindowRun, entries: list[Entry]) -> WindowRun:
    """The record that names a file of the entries too, which are in the order of their ids."""
    if not entries:
        return run
    span = Span(entries[0].id, entries[-1].id)
    name = seal_entries(ports, run.id, packed.in_order(entries))
    return replace(run, sealed=(*run.sealed, name), spans=(*run.spans, span))


def _in_shards(ports: Ports, run: WindowRun) -> Iterator[Item]:
    """What was booked in this window and those before, in order, behind what is looked through."""
    booked_in = [before(run.id, days) for days in range(LOOK_BACK + 1)]
    first = keys.entry_shard(run.sealing) if run.sealing else 0
    for shard in range(first, keys.ENTRY_SHARDS):
        days = (rows(ports, keys.entries(day, shard), after=run.sealing) for day in booked_in)
        yield from merge(*days, key=attrgetter("key.sk"))


def _named(ports: Ports, run: WindowRun) -> list[_Sealed]:
    """The files of this window and of those before, whose shards it looks through too."""
    earlier = (before(run.id, days) for days in range(1, LOOK_BACK + 1))
    records = (find(ports.store, keys.window(day), WindowRun) for day in earlier)
    runs = [run, *(record.value for record in records if record is not None)]
    return [each for known in runs for each in zip(known.spans, known.sealed, strict=True)]


class _Known:
    """The ids that files name: asked in order, so that a file is read when its ids come by."""

    def __init__(self, ports: Ports, files: list[_Sealed]) -> None:
        self._ports = ports
        self._coming = sorted(files, key=lambda file: file[0].first, reverse=True)
        self._open = list[tuple[str, frozenset[str]]]()

    def has(self, id_: str) -> bool:
        while self._coming and self._coming[-1][0].first <= id_:
            span, name = self._coming.pop()
            if span.last >= id_:
                self._open.append((span.last, frozenset(ids_in(self._ports, name))))
        if any(last < id_ for last, _ in self._open):
            self._open = [(last, ids) for last, ids in self._open if last >= id_]
        return any(id_ in ids for _, ids in self._open)
