"""Which versions of many tariffs are in force, or newest? By a row of each, in few round trips.

The row that lists a tariff names its newest versions and when each is valid. It is written with
them, and informs searches and lists; a quote, which binds, reads the publications themselves.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain.codec import instant_text
from chalicelib.domain.ids import PeerId, TariffHash
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Item, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.tariff.read import read_ahead

_VERSIONS_NAMED = 5
_PAGE = 1000
_NAMED = "versions"


class Named(NamedTuple):
    """A tariff as its CPO calls it; `owner` is its country code and party id."""

    peer_id: PeerId
    owner: tuple[str, str]
    id: str


def row_key(named: Named) -> Key:
    """The row that lists a published tariff."""
    name = f"{named.owner[0]}*{named.owner[1]}#{named.id.lower()}"
    return Key(keys.tariffs_published(named.peer_id), name)


def row(named: Named, before: Item | None, tariff: Tariff, publication: Put) -> Put:
    """The row of a tariff of which this is now the newest publication."""
    known = [] if before is None else before.body.get(_NAMED, [])
    seen, _, hash_ = publication.key.sk.rpartition("#")
    span = [_text(tariff.start_date_time), _text(tariff.end_date_time)]
    told = {name: publication.body[name] for name in ("last_updated", "raw_name")}
    body = {_NAMED: [[hash_, *span], *known][:_VERSIONS_NAMED], **told, "seen": seen}
    return Put(row_key(named), body, expects=ABSENT if before is None else before.version)


class Newest(NamedTuple):
    """A tariff's newest publication: its content, its date, when we saw it first, and its JSON."""

    hash: TariffHash
    last_updated: datetime
    seen_at: datetime
    raw_name: str


def newest_of(ports: Ports, peer_id: PeerId, owner: tuple[str, str]) -> dict[str, Newest]:
    """Of all that a CPO publishes by one connection, by its id in lower case."""
    prefix, after, found = f"{owner[0]}*{owner[1]}#", "", dict[str, Newest]()
    while True:
        rows = ports.store.query(
            keys.tariffs_published(peer_id), prefix=prefix, after=after, limit=_PAGE
        )
        found |= {item.key.sk.removeprefix(prefix): _newest(item) for item in rows}
        if len(rows) < _PAGE:
            return found
        after = rows[-1].key.sk


def newest(ports: Ports, named: Named) -> Newest | None:
    """None when it is not published."""
    item = ports.store.get(row_key(named))
    return None if item is None else _newest(item)


def _newest(item: Item) -> Newest:
    body = item.body
    updated, seen = (datetime.fromisoformat(body[name]) for name in ("last_updated", "seen"))
    return Newest(TariffHash(body[_NAMED][0][0]), updated, seen, str(body["raw_name"]))


def in_force_of(
    ports: Ports, wanted: Iterable[Named], at: datetime
) -> dict[Named, TariffHash | None]:
    """The newest version of each that is valid at an instant, and None for what is not published.

    All of them have been read then (see `version`). What is left out is asked for by itself: none
    of its newest versions is valid.
    """
    of_row = {row_key(named): named for named in wanted}
    rows = ports.store.get_many(list(of_row))
    found: dict[Named, TariffHash | None] = {}
    for key, named in of_row.items():
        if key not in rows:
            found[named] = None
        elif hashes := [*_valid(rows[key].body, at)]:
            found[named] = hashes[0]
    read_ahead(ports, [hash_ for hash_ in found.values() if hash_ is not None])
    return found


def _valid(body: Any, at: datetime) -> Iterator[TariffHash]:  # noqa: ANN401 - an item's
    for hash_, start, end in body.get(_NAMED, []):
        begun = start is None or datetime.fromisoformat(start) <= at
        if begun and (end is None or at < datetime.fromisoformat(end)):
            yield TariffHash(hash_)


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)
