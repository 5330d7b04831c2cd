"""What does a table with DynamoDB's rules look like that thousands of histories can begin from?

As sandbox/memory/store.py, and the same contract tests run on it; but an item is kept in marshalled
form (a tenth of JSON's time, and it too refuses what is not plain), is read once a version, and a
fork shares all items with the table that it came from.
"""

import marshal
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from chalicelib.ports.store import ABSENT, Delete, Item, Key, Put, Range, Write, WriteConflict
from sandbox.memory.rules import check_names, check_sizes
from sandbox.memory.store import MemoryStore

_MARSHAL = 2  # the version without references between equal parts: what is read is a tree
_dumped: Callable[[Any, int], bytes] = marshal.dumps  # it refuses what is not plain JSON
_LAST = "\U0010ffff"
_UNKNOWN = (None, None)


class Body(dict[str, Any]):
    """An item's body as it was read, and the item that it is of."""

    __slots__ = ("item",)
    item: "Version"


class Version:
    """One version of an item, as an Item: its bytes, and its body once somebody has read it.

    `made_of`: the class and the value that it was written from or read as, where that is known.
    """

    __slots__ = ("_body", "key", "made_of", "raw", "version")

    def __init__(self, key: Key, version: int, raw: bytes, made_of: tuple[Any, Any]) -> None:
        self.key, self.version, self.raw, self.made_of = key, version, raw, made_of
        self._body: Body | None = None

    @property
    def body(self) -> Body:
        if self._body is None:
            self._body = Body(marshal.loads(self.raw))  # noqa: S302 - our own bytes
            self._body.item = self
        return self._body

    def __eq__(self, other: object) -> bool:
        return Item(self.key, self.version, self.body) == other

    def __hash__(self) -> int:
        return hash((self.key, self.version))

    def untouched(self) -> bool:
        return self._body is None or _dumped(dict(self._body), _MARSHAL) == self.raw


class _Partition:
    """Its Versions by sk, and their names in order. `owner`: the one table that may change it."""

    __slots__ = ("names", "now", "owner")

    def __init__(self, owner: object, names: list[str], now: dict[str, Any]) -> None:
        self.owner, self.names, self.now = owner, names, now


def _plain(body: Any) -> Any:  # noqa: ANN401 - a body that was made, or read and is written again
    return dict(body) if type(body) is Body else body


class SimulatedTable(MemoryStore):
    """`wrote` is told each written key; `stream` lists those with pending effects, as AWS would.

    `noted`: bodies that are about to be written, each with the value that it was made of.
    """

    noted: ClassVar[dict[int, tuple[Any, Any]]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._parts: dict[str, _Partition] = {}
        self._owner = object()  # changes with a fork: what both share is copied first
        self._of_kind: dict[str, tuple[str, ...]] = {}  # partitions by what is before the first #
        self.wrote: Callable[[Put], None] | None = None

    def fork(self) -> "SimulatedTable":
        """A table of its own that begins as this one is."""
        copy = SimulatedTable()
        copy._parts, copy._of_kind = self._parts.copy(), self._of_kind.copy()
        self._owner = object()
        return copy

    def get(self, key: Key) -> Item | None:
        part = self._parts.get(key.pk)
        return None if part is None else part.now.get(key.sk)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        parts = self._parts
        return {
            key: part.now[key.sk]
            for key in keys
            if (part := parts.get(key.pk)) is not None and key.sk in part.now
        }

    def holds(self, pk: str) -> bool:
        """Whether the partition has any item."""
        part = self._parts.get(pk)
        return part is not None and bool(part.names)

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        part = self._parts.get(pk)
        if part is None or not part.names:
            return []
        names, now = part.names, part.now
        low, high = 0, len(names)
        if prefix:
            low, high = bisect_left(names, prefix), bisect_left(names, prefix + _LAST)
        if after and descending:
            high = min(high, bisect_left(names, after))
        elif after:
            low = max(low, bisect_right(names, after))
        if low >= high:
            return []
        chosen = names[low:high]
        if descending:
            chosen.reverse()
        return [now[name] for name in chosen[:limit]]

    def query_each(self, ranges: Sequence[Range], *, limit: int = 100) -> list[list[Item]]:
        there = [range_ for range_ in ranges if range_.pk in self._parts]
        found = dict(zip(there, super().query_each(there, limit=limit), strict=True))
        return [found.get(range_, []) for range_ in ranges]

    def write(self, *writes: Write) -> None:
        check_names(writes)
        raw, failed = list[bytes](), list[Key]()
        for one in writes:
            raw.append(_dumped(_plain(one.body), _MARSHAL) if type(one) is Put else b"")
            if one.expects is not None and not self._expected(one):
                failed.append(one.key)
        check_sizes(raw)
        if failed:
            raise WriteConflict(failed)
        for one, body in zip(writes, raw, strict=True):
            if type(one) is Put:
                self._put(one, body)
                self.writes += 1
            elif type(one) is Delete and self.get(one.key) is not None:
                part = self._own(one.key.pk)
                del part.now[one.key.sk]
                part.names.remove(one.key.sk)

    def partitions(self, prefix: str) -> list[str]:
        """The names of partitions that have items: what an operator's scan would list.

        `prefix` ends with a #, as each part of a name does.
        """
        kind = prefix.partition("#")[0]
        named = (pk for pk in self._of_kind.get(kind, ()) if pk.startswith(prefix))
        return [pk for pk in named if self._parts[pk].names]

    def dump(self) -> dict[str, Any]:
        return {f"{now.key.pk}/{now.key.sk}": now.body for now in self._versions()}

    def untouched(self) -> bool:
        """Whether every body is still what was written: nobody changed what others read too."""
        return all(now.untouched() for now in self._versions())

    def known(self) -> list[tuple[Any, Any, Any]]:
        """Each body that somebody read or wrote as a value: the value's class, it, the body."""
        found = [(*now.made_of, now.raw) for now in self._versions()]
        return [(kind, value, marshal.loads(raw)) for kind, value, raw in found if kind]  # noqa: S302

    def _versions(self) -> Iterator[Version]:
        return (now for part in self._parts.values() for now in part.now.values())

    def _expected(self, write: Write) -> bool:
        part = self._parts.get(write.key.pk)
        found = None if part is None else part.now.get(write.key.sk)
        return (ABSENT if found is None else found.version) == write.expects

    def _put(self, write: Put, raw: bytes) -> None:
        key = write.key
        part = self._parts.get(key.pk)
        if part is None or part.owner is not self._owner:
            part = self._own(key.pk)
        known = part.now.get(key.sk)
        if known is None:
            insort(part.names, key.sk)
        body, value = self.noted.get(id(write.body), _UNKNOWN)
        made_of = (type(value), value) if body is write.body else _UNKNOWN
        number = 1 if known is None else known.version + 1
        part.now[key.sk] = Version(key, number, raw, made_of)
        if write.pending:
            self.stream.append(key)
        if self.wrote is not None:
            self.wrote(write)

    def _own(self, pk: str) -> _Partition:
        """The partition, to be changed: the parent's own stays as it is."""
        part = self._parts.get(pk)
        if part is None:
            kind = pk.partition("#")[0]
            self._of_kind[kind] = (*self._of_kind.get(kind, ()), pk)
            part = self._parts[pk] = _Partition(self._owner, [], {})
        elif part.owner is not self._owner:
            part = self._parts[pk] = _Partition(self._owner, part.names.copy(), part.now.copy())
        return part
