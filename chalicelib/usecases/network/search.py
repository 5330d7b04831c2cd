"""Where can one charge near here or along this route, and where best?

The map is read by a handful of squares, and its rows are ranked without reading the locations; then
as many of these are read as a page has, best first, and those that do not fit now are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.network.area import Circle, Corridor, Reach
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.domain.network.opening import is_open
from chalicelib.domain.network.place import runs_over
from chalicelib.domain.network.plug import Car, MapRow, Plug
from chalicelib.domain.network.rank import Order, Ranked, least, ranked
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key
from chalicelib.usecases.network.car_price import CarPrices
from chalicelib.usecases.network.on_the_map import rows_in
from chalicelib.usecases.network.routes import by_one_way

RADIUS_M_MAX = 50_000
ROUTE_RADIUS_M_MAX = 10_000
ROUTE_M_MAX = 1_500_000
LIMIT_MAX = 100
ENERGY_KWH_MAX = 1000
_RUNS_MAX = 6
_ROUTE_RUNS_MAX = 12
_DEGREES_MAX = 100
_ROWS_MAX = 20_000
_READ_FIRST, _THEN, _AT_LAST = 50, 100, 150  # a request reads a hundred
_READ_MAX = _READ_FIRST + _THEN + _AT_LAST
_GONE = frozenset({EvseStatus.REMOVED, EvseStatus.PLANNED})
_FOR_DISABLED = "DISABLED"  # a ParkingRestriction of every version, a VehicleType of 2.3.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """`connector` is an OCPI ConnectorType; `cpo_ids` None means any CPO.

    `accessible`: with a parking place for people with disabilities. `open_at` None: at any time.
    `arrives_at` None: now; only the car's price depends on it.
    """

    area: Circle | Corridor
    min_power_w: int = 0
    connector: str = ""
    available: bool = False
    accessible: bool = False
    open_at: datetime | None = None
    cpo_ids: frozenset[PartyId] | None = None
    car: Car | None = None
    arrives_at: datetime | None = None
    order: Order = Order.DISTANCE


@dataclass(frozen=True, slots=True)
class Found:
    """A location with those of its EVSEs and connectors that fit, and what it was ranked by.

    `price` is what the car would pay at the cheapest of them, all included.
    """

    location_id: str
    reach: Reach
    location: Location
    reliability: int
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """`cursor` continues the list, which a page may have nothing of; empty: there is no more."""

    found: tuple[Found, ...]
    cursor: str


def search(
    ports: Ports, partner_id: PartyId, wanted: Wanted, cursor: str = "", limit: int = 20
) -> FoundPage:
    """Published locations that fit, the best first. Raises Invalid."""
    _check(wanted, limit)
    beyond = _position(cursor) if cursor else (-1, "")
    prices = None
    if wanted.car is not None:
        prices = CarPrices(ports, partner_id, wanted.car, wanted.arrives_at)
    everywhere = _ranked(ports, wanted, prices)
    rows = [row for row in everywhere if row.position > beyond]
    found: list[tuple[Ranked, Location]] = []
    looked_at = rows[:_READ_MAX]
    for part in _parts(looked_at, limit, wanted):
        locations = _read(ports, part)
        for row in part:
            location = locations.get(row.row.pk)
            fits = None if location is None else fitting(location, wanted)
            if fits is not None:
                found.append((_as_it_fits(row, fits, wanted, prices), fits))
            if len(found) == limit:
                rest = "" if row is rows[-1] else _cursor(row)
                return FoundPage(_in_order(found, everywhere, wanted), rest)
    rest = _cursor(looked_at[-1]) if len(looked_at) < len(rows) else ""
    return FoundPage(_in_order(found, everywhere, wanted), rest)


def _parts(rows: list[Ranked], limit: int, wanted: Wanted) -> Iterator[list[Ranked]]:
    """What is read together: no more than the page, where nearly every location will be on it."""
    by_location = wanted.available or wanted.accessible or wanted.open_at is not None
    first = max(limit, _READ_FIRST) if by_location else limit
    for start, end in pairwise((0, first, first + _THEN, _READ_MAX)):
        if start < len(rows):
            yield rows[start:end]


def _in_order(
    found: Sequence[tuple[Ranked, Location]], everywhere: Sequence[Ranked], wanted: Wanted
) -> tuple[Found, ...]:
    """A page's, the best first: what fits now may be dearer than what the map promised."""
    shown = {one.row.id: location for one, location in found}
    best = ranked((one for one, _ in found), wanted.order, wanted.area.radius_m, least(everywhere))
    return tuple(
        Found(one.row.id, one.reach, shown[one.row.id], one.reliability, one.price) for one in best
    )


def _as_it_fits(row: Ranked, fits: Location, wanted: Wanted, prices: CarPrices | None) -> Ranked:
    """Ranked by those EVSEs alone that fit: a cheaper one that is taken promises nothing."""
    uids = {evse.uid for evse in fits.evses}
    narrowed = (
        replace(plug, evse_uids=tuple(uid for uid in plug.evse_uids if uid in uids))
        for plug in row.row.plugs
        if _plug_fits(plug, wanted)
    )
    plugs = tuple(plug for plug in narrowed if plug.evse_uids)
    return _weighed(row.row, row.reach, plugs, prices)


def _weighed(
    row: MapRow, reach: Reach, plugs: tuple[Plug, ...], prices: CarPrices | None
) -> Ranked:
    price = None if prices is None else prices.cheapest(row, plugs)
    cents = None if prices is None or price is None else prices.in_euro(price)
    return Ranked(row, reach, row.reliability(plugs), price, cents)


def fitting(location: Location, wanted: Wanted) -> Location | None:
    """The location with only what fits; None when nothing does."""
    evses = []
    for evse in location.evses if location.publish else ():
        connectors = tuple(one for one in evse.connectors if _plug_fits(one, wanted))
        if connectors and _fits(evse, wanted):
            evses.append(replace(evse, connectors=connectors))
    at = wanted.open_at
    if not evses or (at and not is_open(location.opening_times, at, location.time_zone)):
        return None
    return replace(location, evses=tuple(evses))


def _fits(evse: Evse, wanted: Wanted) -> bool:
    if evse.status in _GONE or (wanted.available and evse.status is not EvseStatus.AVAILABLE):
        return False
    return not wanted.accessible or _FOR_DISABLED in (
        *evse.parking_restrictions,
        *evse.vehicle_types,
    )


def _plug_fits(plug: Connector | Plug, wanted: Wanted) -> bool:
    power_w = plug.power_w if isinstance(plug, Plug) else plug.max_power_w
    return power_w >= wanted.min_power_w and wanted.connector.upper() in ("", plug.standard)


def _ranked(ports: Ports, wanted: Wanted, prices: CarPrices | None) -> list[Ranked]:
    """The rows of the map that fit, best first, and one for each site."""
    fit = []
    for row, reach in _rows(ports, wanted):
        plugs = tuple(plug for plug in row.plugs if _plug_fits(plug, wanted))
        if plugs:
            fit.append((row, reach, plugs))
    if prices is not None:
        prices.read_ahead([(row, plugs) for row, _, plugs in fit])
    candidates = [_weighed(row, reach, plugs, prices) for row, reach, plugs in fit]
    return ranked(by_one_way(ports, candidates), wanted.order, wanted.area.radius_m)


def _rows(ports: Ports, wanted: Wanted) -> Iterator[tuple[MapRow, Reach]]:
    most = _RUNS_MAX if isinstance(wanted.area, Circle) else _ROUTE_RUNS_MAX
    count = 0
    runs = runs_over(wanted.area.boxes(), most)
    if len(runs) > _DEGREES_MAX:
        field = "latitude" if isinstance(wanted.area, Circle) else "route"
        raise Invalid(field, f"the area touches more than {_DEGREES_MAX} degrees, near a pole")
    for row, reach in rows_in(ports, runs, wanted.area.reach):
        if wanted.cpo_ids is not None and row.cpo_id not in wanted.cpo_ids:
            continue
        count += 1
        if count > _ROWS_MAX:
            raise Invalid("radius_m", f"more than {_ROWS_MAX} locations lie within: make it less")
        yield row, reach


def _read(ports: Ports, rows: list[Ranked]) -> Mapping[str, Location]:
    items = ports.store.get_many([Key(one.row.pk) for one in rows])
    return {key.pk: from_plain(Location, item.body) for key, item in items.items()}


def _check(wanted: Wanted, limit: int) -> None:
    area = wanted.area
    most = RADIUS_M_MAX if isinstance(area, Circle) else ROUTE_RADIUS_M_MAX
    if not 0 < area.radius_m <= most:
        raise Invalid("radius_m", f"{area.radius_m} is not from 1 to {most}")
    if isinstance(area, Corridor) and area.length_m > ROUTE_M_MAX:
        told = f"is {area.length_m // 1000} km long, more than {ROUTE_M_MAX // 1000}"
        raise Invalid("route", told, "search along its parts")
    if wanted.car is not None and not 0 < wanted.car.energy_kwh <= ENERGY_KWH_MAX:
        raise Invalid("energy_kwh", f"is not above 0 and at most {ENERGY_KWH_MAX}")
    if wanted.car is None and wanted.order is Order.PRICE:
        raise Invalid("order", "ranks by a price, and no car is named", "send energy_kwh, too")
    if not 0 < limit <= LIMIT_MAX:
        raise Invalid("limit", f"{limit} is not from 1 to {LIMIT_MAX}")


def _cursor(row: Ranked) -> str:
    score, id_ = row.position
    return f"{score}:{id_}"


def _position(cursor: str) -> tuple[int, str]:
    score, _, id_ = cursor.partition(":")
    if not score.isdecimal() or not score.isascii() or not id_:
        raise Invalid("cursor", "is not one that this search gave out", "start without a cursor")
    return int(score), id_
