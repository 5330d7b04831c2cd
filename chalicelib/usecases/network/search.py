"""Where can one charge near here? By radius, power, connector and availability."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.domain.network.place import Point, cells_around, distance_m
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item, Key
from chalicelib.usecases import keys

RADIUS_M_MAX = 50_000
LIMIT_MAX = 100
_READ_TOGETHER = 50
_PAGE = 1000
_GONE = frozenset({EvseStatus.REMOVED, EvseStatus.PLANNED})


@dataclass(frozen=True, slots=True)
class Wanted:
    """`connector` is an OCPI ConnectorType; `cpo_ids` None means any CPO."""

    latitude: Decimal
    longitude: Decimal
    radius_m: int
    min_power_w: int = 0
    connector: str = ""
    available: bool = False
    cpo_ids: frozenset[PartyId] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A location with those of its EVSEs and connectors that fit, and how far it is."""

    location_id: str
    distance_m: int
    location: Location


@dataclass(frozen=True, slots=True)
class FoundPage:
    """`cursor` continues the list; empty: there is no more."""

    found: tuple[Found, ...]
    cursor: str


def search(ports: Ports, wanted: Wanted, cursor: str = "", limit: int = 20) -> FoundPage:
    """Published locations that fit, nearest first. Raises Invalid."""
    _check(wanted, limit)
    beyond = _position(cursor) if cursor else (-1, "")
    rows = sorted(row for row in _rows_within(ports, wanted) if row[:2] > beyond)
    found: list[Found] = []
    for start in range(0, len(rows), _READ_TOGETHER):
        for one in _fitting(ports, rows[start : start + _READ_TOGETHER], wanted):
            if len(found) == limit:
                return FoundPage(tuple(found), f"{found[-1].distance_m}:{found[-1].location_id}")
            found.append(one)
    return FoundPage(tuple(found), "")


def fitting(location: Location, wanted: Wanted) -> Location | None:
    """The location with only what fits; None when nothing does."""
    evses = []
    for evse in location.evses:
        connectors = tuple(c for c in evse.connectors if _fits(evse, c, wanted))
        if connectors:
            evses.append(replace(evse, connectors=connectors))
    allowed = wanted.cpo_ids is None or location.cpo_id in wanted.cpo_ids
    if not evses or not location.publish or not allowed:
        return None
    return replace(location, evses=tuple(evses))


def _fits(evse: Evse, connector: Connector, wanted: Wanted) -> bool:
    if evse.status in _GONE or connector.max_power_w < wanted.min_power_w:
        return False
    if wanted.available and evse.status is not EvseStatus.AVAILABLE:
        return False
    return not wanted.connector or connector.standard == wanted.connector.upper()


def _check(wanted: Wanted, limit: int) -> None:
    if not -90 <= wanted.latitude <= 90:  # noqa: PLR2004 - degrees
        raise Invalid("latitude", f"{wanted.latitude} is not within 90 degrees")
    if not -180 <= wanted.longitude <= 180:  # noqa: PLR2004 - degrees
        raise Invalid("longitude", f"{wanted.longitude} is not within 180 degrees")
    if not 0 < wanted.radius_m <= RADIUS_M_MAX:
        raise Invalid("radius_m", f"{wanted.radius_m} is not from 1 to {RADIUS_M_MAX}")
    if not 0 < limit <= LIMIT_MAX:
        raise Invalid("limit", f"{limit} is not from 1 to {LIMIT_MAX}")


def _position(cursor: str) -> tuple[int, str]:
    distance, _, id_ = cursor.partition(":")
    if not distance.isdecimal() or not id_:
        raise Invalid("cursor", "is not one that this search gave out", "start without a cursor")
    return int(distance), id_


def _rows_within(ports: Ports, wanted: Wanted) -> Iterator[tuple[int, str, str]]:
    """(distance, public id, the location's partition) of the map's rows within the radius."""
    centre = Point(wanted.latitude, wanted.longitude)
    for cell in cells_around(centre, wanted.radius_m):
        for row in _cell(ports, cell):
            place = Point(Decimal(row.body["latitude"]), Decimal(row.body["longitude"]))
            metres = distance_m(centre, place)
            if metres <= wanted.radius_m:
                yield metres, row.key.sk, str(row.body["pk"])


def _cell(ports: Ports, cell: str) -> Iterator[Item]:
    after = ""
    while True:
        rows = ports.store.query(keys.grid(cell), after=after, limit=_PAGE)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].key.sk


def _fitting(ports: Ports, rows: list[tuple[int, str, str]], wanted: Wanted) -> Iterator[Found]:
    items = ports.store.get_many([Key(pk) for _, _, pk in rows])
    for metres, id_, pk in rows:
        item = items.get(Key(pk))
        if item is None:
            continue
        location = fitting(from_plain(Location, item.body), wanted)
        if location is not None:
            yield Found(id_, metres, location)
