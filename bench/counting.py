"""How many write units would DynamoDB take for what is written? Counted by the table in memory.

DynamoDB's arithmetic: an item is its attributes' names and values in UTF-8; a unit is a started KB
of the larger of the item before and after; a write in a transaction costs twice, and so does a
condition check in one. The attributes are those of adapters/dynamodb: pk, sk, v, b or z, e, ttl.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any, TypeVar

from chalicelib.adapters.dynamodb.expressions import request
from chalicelib.ports.store import ABSENT, Item, Key, Put, Require, Write, WriteConflict
from sandbox.memory.store import MemoryStore

UNIT_BYTES, READ_UNIT_BYTES = 1024, 4096
_USE_CASES = "chalicelib.usecases."
# Read and written by each sweep, however many sessions there are.
SWEEPERS = ("sweeper", "canary#")
SHARED = ("due#", *SWEEPERS)
T = TypeVar("T")
_PLUMBING = ("records", "keys")
# What many use cases ask, and what they read for whom: who asked it is what tells.
_ASKED_BY_MANY = ("records", "remembered", "read", "find", "fold", "save", "sealed", "terms")


@dataclass(frozen=True, slots=True)
class Written:
    """One item of one write. `bytes` are the item's afterwards; 0: it was deleted or checked."""

    step: str
    use_case: str
    key: Key
    bytes: int
    units: int
    in_transaction: bool
    refused: bool = False


def number_bytes(number: int) -> int:
    """Two digits a byte, and one; DynamoDB does not charge trailing zeros."""
    digits = str(abs(number)).strip("0")
    return (len(digits) + 1) // 2 + 1


def item_bytes(write: Put, version: int) -> int:
    """The item as DynamoDB weighs it, names and key included."""
    (body,) = attributes(write).items()
    texts = [("pk", write.key.pk.encode()), ("sk", write.key.sk.encode()), body]
    size = sum(len(name) + len(value) for name, value in texts)
    numbers = {"v": version, "e": write.pending, "ttl": write.expires_at or 0}
    return size + sum(len(name) + number_bytes(n) for name, n in numbers.items() if n)


def attributes(write: Put) -> dict[str, bytes]:
    """The body's attribute as the adapter would store it."""
    word, part = request("", replace(write, expects=ABSENT))
    assert word == "Put", word
    item = part["Item"]
    return {
        name: value.get("S", "").encode() or value["B"]
        for name, value in item.items()
        if name in {"b", "z"}
    }


class CountingStore(MemoryStore):
    """The table in memory, with a list of everything that was written. `step` labels it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[Written] = []
        self.step = "seed"
        self.is_serving = False  # a request waits for it, not a function that runs effects
        self.calls: Counter[bool] = Counter()  # by `is_serving`
        self.reads = self.units_read = 0  # while `is_reading`; what sweeps share is left out
        self.read_by: Counter[tuple[str, str]] = Counter()  # units, by use case and kind of key
        self.is_reading = True
        self.streamed = 0  # records that the stream's filter lets through
        self._bytes: dict[Key, int] = {}

    def write(self, *writes: Write) -> None:
        use_case = _use_case(sys._getframe(1))  # noqa: SLF001 - who writes is what is counted
        before = {write.key: self._bytes.get(write.key, 0) for write in writes}
        refused = False
        self.calls[self.is_serving] += not writes[0].key.pk.startswith(SWEEPERS)
        try:
            super().write(*writes)
        except WriteConflict:
            refused = True  # DynamoDB takes its units all the same
            raise
        finally:
            for write in writes:
                after = self._weighed(write)
                self.written.append(
                    Written(
                        step=self.step,
                        use_case=use_case,
                        key=write.key,
                        bytes=after,
                        units=_units(max(before[write.key], after), len(writes)),
                        in_transaction=len(writes) > 1,
                        refused=refused,
                    )
                )
                if not refused:
                    self._bytes[write.key] = after
                    is_own = not write.key.pk.startswith(SHARED)
                    self.streamed += is_own and isinstance(write, Put) and write.pending > 0

    def get(self, key: Key) -> Item | None:
        self._read(key.pk, [key])
        return super().get(key)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        before, calls = self.reads, self.calls[self.is_serving]
        for key in keys:
            self._read(key.pk, [key])
        self.reads = min(self.reads, before + 1)  # one call, of which each item counts for itself
        self.calls[self.is_serving] = min(self.calls[self.is_serving], calls + 1)
        return self.quietly(lambda: super(CountingStore, self).get_many(keys))

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        named: dict[str, Any] = {
            "prefix": prefix,
            "after": after,
            "limit": limit,
            "descending": descending,
        }
        found = self.quietly(lambda: super(CountingStore, self).query(pk, **named))
        self._read(pk, [item.key for item in found])
        return found

    def quietly(self, read: Callable[[], T]) -> T:
        """What is not counted: the bench's own looks, smaller reads of which the fake makes one."""
        before, self.is_reading = self.is_reading, False
        try:
            return read()
        finally:
            self.is_reading = before

    def _read(self, pk: str, keys: Iterable[Key]) -> None:
        """A call's strong read: its items together, by started 4 KB."""
        if self.is_reading and not pk.startswith(SHARED):
            size = sum(self._bytes.get(key, 0) for key in keys)
            units = max(1, -(-size // READ_UNIT_BYTES))
            self.reads += 1
            self.calls[self.is_serving] += 1
            self.units_read += units
            by = _use_case(sys._getframe(2), _ASKED_BY_MANY)  # noqa: SLF001 - as in `write`
            self.read_by[by, pk.partition("#")[0]] += units

    def _weighed(self, write: Write) -> int:
        """The item's bytes after the write; 0 when it is deleted, as before when only checked."""
        if isinstance(write, Put):
            item = self.quietly(lambda: super(CountingStore, self).get(write.key))
            return item_bytes(write, 1 if item is None else item.version)
        return self._bytes.get(write.key, 0) if isinstance(write, Require) else 0


def _units(size: int, writes: int) -> int:
    """A unit a started KB, twice in a transaction."""
    return max(1, -(-size // UNIT_BYTES)) * (2 if writes > 1 else 1)


def _use_case(frame: FrameType | None, plumbing: tuple[str, ...] = _PLUMBING) -> str:
    """The nearest use case on the stack; what lies outside of them writes for the test's world."""
    for found in _frames(frame):
        name = str(found.f_globals.get("__name__", ""))
        if name.startswith(_USE_CASES) and not name.endswith(plumbing):
            return name.removeprefix(_USE_CASES).replace(".", "/")
    return "-"


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
