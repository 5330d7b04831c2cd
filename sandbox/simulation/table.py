"""What does a table with DynamoDB's rules look like that thousands of histories can begin from?

As sandbox/memory/store.py, and the same contract tests run on it; but an item is kept in marshalled
form (a tenth of JSON's time, and it too refuses what is not plain), is read once a version, and a
fork shares all items with the table that it came from.
"""

import marshal
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from typing import Any, ClassVar

from chalicelib.ports.store import ABSENT, Delete, Item, Key, Put, Write, WriteConflict
from sandbox.memory.rules import check_names, check_sizes
from sandbox.memory.store import MemoryStore

_MARSHAL_VERSION = 2  # without references between equal parts: what is read is a tree
_LAST = "\U0010ffff"
_UNKNOWN = (None, None)


class Body(dict[str, Any]):
    """An item's body as it was read. `read_as` remembers the one value that was made of it."""

    __slots__ = ("read_as",)
    read_as: tuple[Any, Any]


class _Version:
    """One version of an item: its bytes, and the Item once somebody has read it."""

    __slots__ = ("made_of", "number", "raw", "read")

    def __init__(self, number: int, raw: bytes, made_of: tuple[Any, Any]) -> None:
        self.number, self.raw, self.made_of = number, raw, made_of
        self.read: Item | None = None

    def item(self, key: Key) -> Item:
        if self.read is None:
            body = Body(marshal.loads(self.raw))  # noqa: S302 - our own bytes
            body.read_as = self.made_of
            self.read = Item(key, self.number, body)
        return self.read


class SimulatedTable(MemoryStore):
    """`wrote` is told each written key; `stream` lists those with pending effects, as AWS would.

    `noted`: bodies that are about to be written, each with the value that it was made of.
    """

    noted: ClassVar[dict[int, tuple[Any, Any]]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._now: dict[Key, _Version] = {}
        self._listed: dict[str, list[str]] = {}
        self._owned: set[str] = set()  # partitions whose list is no longer the parent's
        self._of_kind: dict[str, tuple[str, ...]] = {}  # partitions by what is before the first #
        self.wrote: Callable[[Put], None] | None = None

    def fork(self) -> "SimulatedTable":
        """A table of its own that begins as this one is."""
        copy = SimulatedTable()
        copy._now, copy._listed = self._now.copy(), self._listed.copy()
        copy._of_kind = self._of_kind.copy()
        self._owned = set()  # both share the lists now: who changes one copies it first
        return copy

    def get(self, key: Key) -> Item | None:
        found = self._now.get(key)
        return None if found is None else found.read or found.item(key)

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        names = self._listed.get(pk)
        if not names:
            return []
        low, high = 0, len(names)
        if prefix:
            low, high = bisect_left(names, prefix), bisect_left(names, prefix + _LAST)
        if after and descending:
            high = min(high, bisect_left(names, after))
        elif after:
            low = max(low, bisect_right(names, after))
        chosen = names[low:high]
        if descending:
            chosen.reverse()
        keys = [Key(pk, name) for name in chosen[:limit]]
        return [self._now[key].item(key) for key in keys]

    def write(self, *writes: Write) -> None:
        check_names(writes)
        raw = [_raw(write.body) for write in writes if isinstance(write, Put)]
        check_sizes(raw)
        failed = [write.key for write in writes if not self._expected(write)]
        if failed:
            raise WriteConflict(failed)
        bodies = iter(raw)
        for write in writes:
            if isinstance(write, Put):
                self._put(write, next(bodies))
            elif isinstance(write, Delete) and write.key in self._now:
                del self._now[write.key]
                self._names(write.key.pk).remove(write.key.sk)
        self.writes += len(raw)

    def partitions(self, prefix: str) -> list[str]:
        """The names of partitions that have items: what an operator's scan would list.

        `prefix` ends with a #, as each part of a name does.
        """
        kind = prefix.partition("#")[0]
        named = (pk for pk in self._of_kind.get(kind, ()) if pk.startswith(prefix))
        return [pk for pk in named if self._listed[pk]]

    def dump(self) -> dict[str, Any]:
        return {f"{key.pk}/{key.sk}": now.item(key).body for key, now in self._now.items()}

    def untouched(self) -> bool:
        """Whether every body is still what was written: nobody changed what others read too."""
        return all(
            now.read is None or _raw(dict(now.read.body)) == now.raw for now in self._now.values()
        )

    def known(self) -> list[tuple[Any, Any, Any]]:
        """Each body that somebody read or wrote as a value: the value's class, it, the body."""
        found = [(*now.item(key).body.read_as, now.raw) for key, now in self._now.items()]  # type: ignore[attr-defined]  # a Body
        return [(kind, value, marshal.loads(raw)) for kind, value, raw in found if kind]  # noqa: S302

    def _expected(self, write: Write) -> bool:
        if write.expects is None:
            return True
        found = self._now.get(write.key)
        return (ABSENT if found is None else found.number) == write.expects

    def _put(self, write: Put, raw: bytes) -> None:
        key = write.key
        known = self._now.get(key)
        if known is None:
            insort(self._names(key.pk), key.sk)
        body, value = self.noted.get(id(write.body), _UNKNOWN)
        made_of = (type(value), value) if body is write.body else _UNKNOWN
        self._now[key] = _Version(1 if known is None else known.number + 1, raw, made_of)
        if write.pending:
            self.stream.append(key)
        if self.wrote is not None:
            self.wrote(write)

    def _names(self, pk: str) -> list[str]:
        """The partition's names, to be changed: the parent's own list stays as it is."""
        if pk not in self._owned:
            if pk not in self._listed:
                kind = pk.partition("#")[0]
                self._of_kind[kind] = (*self._of_kind.get(kind, ()), pk)
            self._owned.add(pk)
            self._listed[pk] = list(self._listed.get(pk, ()))
        return self._listed[pk]


def _raw(body: Any) -> bytes:  # noqa: ANN401 - plain JSON; marshal refuses what is not plain
    return marshal.dumps(body, _MARSHAL_VERSION)
