"""How often is a record read that many sessions of one step share? Once, and others by the hundred.

A party, an agreement, a tariff is read when it is first asked for; what each session has of its own
is read ahead, many a round trip. Only for a step that decides by what was pinned before it began:
what is written meanwhile is not seen.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item, Key, Range, Store, Write

_SHARED = "party#"  # what is asked for by the hundred is rather each session's own


class RememberedStore:
    """Implements ports.store.Store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._items: dict[Key, Item | None] = {}
        self._ahead: dict[Key, Item] = {}
        self._asked_ahead: frozenset[Key] = frozenset()
        self._lists: dict[tuple[object, ...], list[Item]] = {}

    def read_ahead(self, keys: Iterable[Key]) -> None:
        """Read these together; those that were read ahead before are forgotten."""
        wanted = list(dict.fromkeys(keys))
        self._ahead = self._store.get_many(wanted) if wanted else {}
        self._asked_ahead = frozenset(wanted)

    def get(self, key: Key) -> Item | None:
        if key in self._asked_ahead:
            return self._ahead.get(key)
        if key not in self._items:
            self._items[key] = self._store.get(key)
        return self._items[key]

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        known = {key: self._items[key] for key in keys if key in self._items}
        wanted = [key for key in keys if key not in known]
        found = self._store.get_many(wanted) if wanted else {}
        self._items |= {key: found.get(key) for key in wanted if key.pk.startswith(_SHARED)}
        return found | {key: item for key, item in known.items() if item is not None}

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        asked = (pk, prefix, after, limit, descending)
        if asked not in self._lists:
            self._lists[asked] = self._store.query(
                pk, prefix=prefix, after=after, limit=limit, descending=descending
            )
        return self._lists[asked]

    def query_each(self, ranges: Sequence[Range], *, limit: int = 100) -> list[list[Item]]:
        lists = (
            (one, self.query(one.pk, prefix=one.prefix, after=one.after, limit=limit))
            for one in ranges
        )
        return [[item for item in found if one.holds(item.key.sk)] for one, found in lists]

    def write(self, *writes: Write) -> None:
        self._store.write(*writes)


class ListedOnce:
    """Implements ports.store.Store: a list of one of the `kinds` (`zones`, `held#`) is read once.

    For several who look at the same short list one after the other, and who decide by the records
    that it leads to. Everything else is read as it is.
    """

    def __init__(self, store: Store, kinds: tuple[str, ...]) -> None:
        self._store, self._kinds = store, kinds
        self._lists = RememberedStore(store)
        self.get, self.get_many, self.write = store.get, store.get_many, store.write
        self.query_each = store.query_each

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        store = self._lists if pk.startswith(self._kinds) else self._store
        return store.query(pk, prefix=prefix, after=after, limit=limit, descending=descending)


class _Remembering:
    """A bundle whose table is remembered; every other part is the bundle's own."""

    def __init__(self, ports: Ports, store: Store) -> None:
        self._ports, self.store = ports, store

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for any port
        return getattr(self._ports, name)


def remembering(ports: Ports) -> tuple[Ports, RememberedStore]:
    """The ports for one step, and their table."""
    store = RememberedStore(ports.store)
    bundle: Any = _Remembering(ports, store)
    return bundle, store


def listing_once(ports: Ports, *kinds: str) -> Ports:
    """The ports for one run of several who ask for the same lists."""
    bundle: Any = _Remembering(ports, ListedOnce(ports.store, kinds))
    listing: Ports = bundle
    return listing
