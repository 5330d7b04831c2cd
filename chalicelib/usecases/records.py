"""How are domain values read from and written to the store? One line each way."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import NotFound
from chalicelib.ports.store import ABSENT, Key, Put, Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """A value and the version of the item that it was read from."""

    key: Key
    value: T
    version: int

    def put(self, value: T, *, pending: int = 0) -> Put:
        """The write that replaces this record, if nobody was faster."""
        return Put(self.key, to_plain(value), expects=self.version, pending=pending)


def find(store: Store, key: Key, kind: type[T]) -> Record[T] | None:
    item = store.get(key)
    if item is None:
        return None
    return Record(key, from_plain(kind, item.body), item.version)


def load(store: Store, key: Key, kind: type[T], name: str) -> Record[T]:
    """The record, or NotFound(name)."""
    record = find(store, key, kind)
    if record is None:
        raise NotFound(name, key.pk.partition("#")[2])
    return record


def create(key: Key, value: Any, *, pending: int = 0) -> Put:  # noqa: ANN401 - any dataclass
    """The write of a record that must not be there yet."""
    return Put(key, to_plain(value), expects=ABSENT, pending=pending)
