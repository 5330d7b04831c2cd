"""What is in a window? The files that name its entries, written once."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.settlement import packed
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item

_ROWS_A_PAGE = 200
JSON = "application/json"
JSON_LINES = "application/jsonl"


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


def read_sealed(ports: Ports, name: str) -> bytes:
    """A file's content, which is what its name says: a changed one settles nothing."""
    content = ports.files.read(name)
    assert content is not None, f"{name} was sealed and is gone"
    if sha256(content).hexdigest()[:32] != name.rpartition("-")[2].partition(".")[0]:
        raise packed.SealedFileBroken(f"{name} is not what was sealed under that name")
    return content


def read_plain(ports: Ports, name: str) -> Any:  # noqa: ANN401 - JSON has no narrower type
    return json.loads(read_sealed(ports, name))


def seal_entries(ports: Ports, window: WindowId, entries: Sequence[Entry]) -> str:
    """Seal some entries, which are in order, as one file."""
    return seal_bytes(ports, window, "entries", packed.pack(entries), ("jsonl", JSON_LINES))


def entries_in(
    ports: Ports, name: str, owners: Collection[str] | None = None, kind: str = "#"
) -> list[Entry]:
    return list(packed.entries_of(read_sealed(ports, name), owners, kind))


def books_in(ports: Ports, names: Iterable[str]) -> Iterator[packed.Books]:
    """The columns of each file, checked: some microseconds a session, where entries take more."""
    for name in names:
        yield packed.books_of(read_sealed(ports, name))


def ids_in(ports: Ports, name: str) -> list[str]:
    return packed.ids_of(read_sealed(ports, name))


def owners_in(ports: Ports, name: str) -> list[str]:
    return packed.owners_of(read_sealed(ports, name))


def sealed_entries(ports: Ports, run: WindowRun) -> Iterator[Entry]:
    for name in run.sealed:
        yield from entries_in(ports, name)


def rows(ports: Ports, pk: str, prefix: str = "", after: str = "") -> Iterator[Item]:
    """Every item of a partition, page by page."""
    while True:
        page = ports.store.query(pk, prefix=prefix, after=after, limit=_ROWS_A_PAGE)
        yield from page
        if len(page) < _ROWS_A_PAGE:
            return
        after = page[-1].key.sk
