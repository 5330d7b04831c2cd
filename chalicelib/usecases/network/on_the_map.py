"""What does the map say of a location, so that a search need not read it? One row in a square.

The row has what seldom changes; a status does not touch it. Beside it, in a row of its own, lies
what was seen to fail there (see `reliability`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.network.area import Reach
from chalicelib.domain.network.location import EvseStatus, Location
from chalicelib.domain.network.place import Point, Run, public_id, square_of
from chalicelib.domain.network.plug import MapRow, Plug
from chalicelib.domain.network.record import Record
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Delete, Item, Key, Put, Range, Write
from chalicelib.usecases import keys

_PAGE = 2000  # rows of a square that are read at once, about a MB: what DynamoDB answers at once
_SEEN = "#seen"


def moved(key: Key, location: Location, before: Location | None) -> list[Write]:
    """The writes by which a location that changed is found; none when the map says it already."""
    mine = _row_key(location)
    row = _body(key, location)
    known = None if before is None else _row_key(before)
    if before is not None and known == mine and _body(key, before) == row:
        return []
    writes: list[Write] = [Put(mine, row, expects=None)]
    if known is None:
        writes.append(Put(keys.location_id(public_id(location)), {"pk": key.pk}, expects=None))
    elif known != mine:
        writes += [Delete(known), Delete(Key(known.pk, known.sk + _SEEN))]
    return writes


def rows_in(
    ports: Ports, runs: Iterable[Run], reach: Callable[[Point], Reach | None]
) -> Iterator[tuple[MapRow, Reach]]:
    """What the map says of runs of squares within reach, in no order that means anything.

    The runs are read side by side.
    """
    ranges = [Range(keys.grid(one.cell), after=one.first, until=one.last) for one in runs]
    while ranges:
        further = []
        for asked, page in zip(ranges, ports.store.query_each(ranges, limit=_PAGE), strict=True):
            items = page
            if len(page) == _PAGE:
                # The last row is read again, with what was seen there, which may lie beyond.
                items = page if page[-1].key.sk.endswith(_SEEN) else page[:-1]
                further.append(asked._replace(after=items[-1].key.sk))
            yield from _rows(items, reach)
        ranges = further


def _rows(
    items: Iterable[Item], reach: Callable[[Point], Reach | None]
) -> Iterator[tuple[MapRow, Reach]]:
    """A square is mostly outside: of what is, no more is looked at than where it is."""
    waiting: tuple[MapRow, Reach] | None = None
    for item in items:
        if item.key.sk.endswith(_SEEN):  # directly behind the row that it is of
            if waiting is not None and item.key.sk.endswith(f"#{waiting[0].id}{_SEEN}"):
                yield replace(waiting[0], seen=_records(item.body)), waiting[1]
                waiting = None
            continue
        if waiting is not None:
            yield waiting
        away = reach(Point(*item.body["at"]))
        waiting = None if away is None else (_row(item.body), away)
    if waiting is not None:
        yield waiting


def remember(
    ports: Ports, location: Location, change: Callable[[dict[str, Record]], dict[str, Record]]
) -> None:
    """Change what is remembered of a location's EVSEs; nothing is written when nothing changes."""
    row = _row_key(location)
    key = Key(row.pk, row.sk + _SEEN)
    item = ports.store.get(key)
    known = {} if item is None else _records(item.body)
    wanted = change(known)
    if wanted != known:
        body = {"evses": {uid: [one.failed, one.worked] for uid, one in sorted(wanted.items())}}
        ports.store.write(Put(key, body, expects=ABSENT if item is None else item.version))


def _records(body: Mapping[str, Any]) -> dict[str, Record]:
    return {uid: Record(*told) for uid, told in body["evses"].items()}


def _row_key(location: Location) -> Key:
    square = square_of(Point.at(location.latitude, location.longitude))
    return Key(keys.grid(square.cell), f"{square.name}#{public_id(location)}")


def _body(key: Key, location: Location) -> dict[str, Any]:
    return {
        "pk": key.pk,
        "id": public_id(location),
        "at": [*Point.at(location.latitude, location.longitude)],
        "of": [location.peer_id, location.cpo_id, location.country_code, location.party_id],
        "in": [location.country, location.time_zone],
        "plugs": _plugs(location) if location.publish else [],
    }


def _plugs(location: Location) -> list[list[Any]]:
    kinds: dict[tuple[str, str, int, tuple[str, ...]], list[str]] = {}
    for evse in location.evses:
        for one in evse.connectors if evse.status is not EvseStatus.REMOVED else ():
            kind = (one.standard, one.power_type, one.max_power_w, one.tariff_ids)
            uids = kinds.setdefault(kind, [])
            if evse.uid not in uids:
                uids.append(evse.uid)
    return [[*kind[:3], list(kind[3]), uids] for kind, uids in sorted(kinds.items())]


def _row(body: Mapping[str, Any]) -> MapRow:
    peer_id, cpo_id, *owner = body["of"]
    country, zone = body["in"]
    plugs = (
        Plug(standard, kind, power_w, tuple(tariffs), tuple(uids))
        for standard, kind, power_w, tariffs, uids in body["plugs"]
    )
    return MapRow(
        id=body["id"],
        pk=body["pk"],
        point=Point(*body["at"]),
        peer_id=peer_id,
        cpo_id=cpo_id,
        owner=(owner[0], owner[1]),
        country=country,
        zone=zone,
        plugs=tuple(plugs),
    )
