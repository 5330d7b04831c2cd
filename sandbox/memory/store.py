"""A table in memory with DynamoDB's rules: versions, all-or-nothing, and what rules.py refuses.

The same contract tests run on it and on DynamoDB (tests/contract/test_store.py).
"""

import json
from bisect import insort
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.ports.store import (
    ABSENT,
    Delete,
    Item,
    Key,
    Put,
    Range,
    Require,
    Write,
    WriteConflict,
)
from sandbox.memory.rules import check_names, check_sizes


class MemoryStore:
    """`stream` holds the keys of written items with pending effects, as the table's stream would.

    `writes` counts write units as DynamoDB does: one per KB, twice that in a transaction.
    """

    def __init__(self) -> None:
        self._items: dict[Key, tuple[int, bytes]] = {}
        self._order: defaultdict[str, list[str]] = defaultdict(list)
        self.stream: deque[Key] = deque()
        self.writes = 0

    def get(self, key: Key) -> Item | None:
        found = self._items.get(key)
        return None if found is None else Item(key, found[0], json.loads(found[1]))

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        found = ((key, self.get(key)) for key in keys)
        return {key: item for key, item in found if item is not None}

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        names = [name for name in self._order.get(pk, ()) if name.startswith(prefix)]
        if descending:
            names.reverse()
        if after:
            names = [name for name in names if (name < after if descending else name > after)]
        items = (self.get(Key(pk, name)) for name in names[:limit])
        return [item for item in items if item is not None]

    def query_each(self, ranges: Sequence[Range], *, limit: int = 100) -> list[list[Item]]:
        lists = (
            (one, self.query(one.pk, prefix=one.prefix, after=one.after, limit=limit))
            for one in ranges
        )
        return [[item for item in found if one.holds(item.key.sk)] for one, found in lists]

    def write(self, *writes: Write) -> None:
        check_names(writes)
        bodies = [canonical_bytes(w.body) if isinstance(w, Put) else b"" for w in writes]
        check_sizes(bodies)
        failed = [write.key for write in writes if not self._expected(write)]
        if failed:
            raise WriteConflict(failed)
        for write, body in zip(writes, bodies, strict=True):
            self._apply(write, body)
            units = 1 + len(body) // 1024
            self.writes += units * (2 if len(writes) > 1 else 1)

    def _expected(self, write: Write) -> bool:
        if write.expects is None:
            return True
        found = self._items.get(write.key)
        return (ABSENT if found is None else found[0]) == write.expects

    def _apply(self, write: Write, body: bytes) -> None:
        key = write.key
        if isinstance(write, Put):
            version = self._items.get(key, (0, b""))[0] + 1
            if key not in self._items:
                insort(self._order[key.pk], key.sk)
            self._items[key] = (version, body)
            if write.pending:
                self.stream.append(key)
        elif isinstance(write, Delete) and key in self._items:
            del self._items[key]
            self._order[key.pk].remove(key.sk)
        else:
            assert isinstance(write, Delete | Require)

    def everything(self) -> list[Item]:
        return [Item(key, v, json.loads(body)) for key, (v, body) in self._items.items()]

    def dump(self) -> dict[str, Any]:
        """Everything, for a test's eye."""
        return {f"{k.pk}/{k.sk}": json.loads(body) for k, (_, body) in self._items.items()}
