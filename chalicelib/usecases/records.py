"""How are domain values read from and written to the store? One line each way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import NotFound
from chalicelib.ports.store import ABSENT, Key, Put, Store, Write
from chalicelib.usecases import keys

T = TypeVar("T")
_ROW_KEPT = timedelta(days=7)  # the sweeper may stand still for a weekend


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
        field = f"{name.lower().replace(' ', '_')}_id"
        raise NotFound(name, key.pk.partition("#")[2], field)
    return record


def create(key: Key, value: Any, *, pending: int = 0) -> Put:  # noqa: ANN401 - any dataclass
    """The write of a record that must not be there yet."""
    return Put(key, to_plain(value), expects=ABSENT, pending=pending)


def due_row(at: datetime, owner_pk: str) -> Put:
    """The row by which the sweeper finds an owner. It is never deleted: it expires."""
    expires = int((at + _ROW_KEPT).timestamp())
    return Put(keys.due_at(at, owner_pk), {}, expects=None, expires_at=expires)


def write_rows_first(store: Store, *writes: Write) -> None:
    """Rows that only lead to a record, each alone, then everything else as one transaction.

    Rows are the unconditional puts. One that leads to what never came to be does no harm, and
    alone it costs half of what it would in the transaction.
    """
    others = list[Write]()
    for write in writes:
        if isinstance(write, Put) and write.expects is None:
            store.write(write)
        else:
            others.append(write)
    store.write(*others)
