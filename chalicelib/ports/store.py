"""What do the use cases ask of the table? Versioned items, strong reads, one transaction a write.

Bodies are plain JSON (see domain.codec). An item's version counts its writes from 1; a write names
the version that it expects to replace, and a write that expects otherwise fails whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from chalicelib.domain.errors import NotYet

ABSENT = 0  # the version of an item that is not there


class Key(NamedTuple):
    """Made, compared and hashed more often than anything else: a tuple does it in a tenth."""

    pk: str
    sk: str = "state"


class Range(NamedTuple):
    """The items of a partition whose sk has the prefix, those beyond `after`.

    `until`: and none beyond those whose sk begins so. It stands in place of a prefix.
    """

    pk: str
    prefix: str = ""
    after: str = ""
    until: str = ""

    def holds(self, sk: str) -> bool:
        """Of what `query` finds by the other names."""
        return not self.until or sk < self.until or sk.startswith(self.until)


@dataclass(frozen=True, slots=True)
class Item:
    key: Key
    version: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Put:
    """Write `body` as the version after `expects`; None means whatever is there is replaced.

    `pending` is how many effects wait in the body: a positive number makes the table's stream hand
    the item to `run_effects`. `expires_at` is the epoch second after which the table may drop it.
    """

    key: Key
    body: Mapping[str, Any]
    expects: int | None = ABSENT
    pending: int = 0
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    key: Key
    expects: int | None = None


@dataclass(frozen=True, slots=True)
class Require:
    """Fail the transaction unless the item is at this version (ABSENT: not there)."""

    key: Key
    expects: int


Write = Put | Delete | Require


class WriteConflict(NotYet):
    """An expected version was not there: somebody else wrote. Read again and decide again."""

    code = "write_conflict"

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(f"changed meanwhile: {', '.join(f'{k.pk}/{k.sk}' for k in keys)}")
        self.keys = tuple(keys)


class StoreUnavailable(NotYet):
    """The table gave no answer or was too busy: whether a write took place is unknown."""

    code = "store_unavailable"


class Store(Protocol):
    def get(self, key: Key) -> Item | None:
        """The item as of now (strongly consistent)."""

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Those of the keys that are there, in one round trip where the store can."""

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        descending: bool = False,
    ) -> list[Item]:
        """Up to `limit` items of a partition in order of sk, those with the prefix, beyond `after`.

        A list shorter than `limit` means that there are no more.
        """

    def query_each(self, ranges: Sequence[Range], *, limit: int = 100) -> list[list[Item]]:
        """What `query` answers for each, asked side by side where the store can."""

    def write(self, *writes: Write) -> None:
        """All or nothing. One Put is a plain put; more are one transaction (at most 100 items).

        Raises WriteConflict naming the keys whose expectation failed.
        """
