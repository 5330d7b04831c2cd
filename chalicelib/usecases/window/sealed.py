"""What is in a window? The files that name its entries, written once, and how they are made."""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.domain.settlement.window import before
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item
from chalicelib.usecases import keys
from chalicelib.usecases.records import find

# An entry is written to its own window's shards for hours at most after the cut-off
# (domain.settlement.window.window_to_book): three days of shards hold every entry that is late.
LOOK_BACK = 3
_ENTRIES_A_FILE = 1000
_ROWS_A_PAGE = 200
JSON = "application/json"


def seal_plain(ports: Ports, window: WindowId, kind: str, plain: Any) -> str:  # noqa: ANN401 - JSON
    """Write a file named by its content, so that an attempt that saw other content disturbs none.

    The window's record decides which of the files count.
    """
    return seal_bytes(ports, window, kind, canonical_bytes(plain), ("json", JSON))


def seal_bytes(
    ports: Ports, window: WindowId, kind: str, content: bytes, form: tuple[str, str]
) -> str:
    """As seal_plain, for any content; `form` is the name's suffix and the content type."""
    name = f"settlement/{window}/{kind}-{sha256(content).hexdigest()[:32]}.{form[0]}"
    ports.files.seal(name, content, form[1])
    return name


def read_plain(ports: Ports, name: str) -> Any:  # noqa: ANN401 - JSON has no narrower type
    content = ports.files.read(name)
    assert content is not None, f"{name} was sealed and is gone"
    return json.loads(content)


def seal_unsealed(ports: Ports, run: WindowRun) -> tuple[list[str], list[str]]:
    """Seal every entry that no sealed list names yet; the new files, and the list of their ids."""
    named = set(_named(ports, run))
    entries = [entry for entry in _in_shards(ports, run.id) if entry.id not in named]
    entries.sort(key=lambda entry: entry.id)
    files = [
        seal_plain(ports, run.id, "entries", [to_plain(entry) for entry in part])
        for part in _parts(entries)
    ]
    if not entries:
        return [], []
    return files, [seal_plain(ports, run.id, "names", [entry.id for entry in entries])]


def entries_in(ports: Ports, name: str) -> list[Entry]:
    return [from_plain(Entry, plain) for plain in read_plain(ports, name)]


def sealed_entries(ports: Ports, run: WindowRun) -> Iterator[Entry]:
    for name in run.sealed:
        yield from entries_in(ports, name)


def rows(ports: Ports, pk: str, prefix: str = "") -> Iterator[Item]:
    """Every item of a partition, page by page."""
    after = ""
    while True:
        page = ports.store.query(pk, prefix=prefix, after=after, limit=_ROWS_A_PAGE)
        yield from page
        if len(page) < _ROWS_A_PAGE:
            return
        after = page[-1].key.sk


def _named(ports: Ports, run: WindowRun) -> Iterator[str]:
    for name in run.names:
        yield from read_plain(ports, name)
    for days in range(1, LOOK_BACK + 1):
        earlier = find(ports.store, keys.window(before(run.id, days)), WindowRun)
        for name in () if earlier is None else earlier.value.names:
            yield from read_plain(ports, name)


def _in_shards(ports: Ports, window: WindowId) -> Iterator[Entry]:
    for days in range(LOOK_BACK + 1):
        for shard in range(keys.ENTRY_SHARDS):
            for item in rows(ports, keys.entries(before(window, days), shard)):
                yield from_plain(Entry, item.body)


def _parts(entries: list[Entry]) -> Iterable[list[Entry]]:
    for start in range(0, len(entries), _ENTRIES_A_FILE):
        yield entries[start : start + _ENTRIES_A_FILE]
