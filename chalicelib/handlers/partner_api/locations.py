"""/v1/locations: where can a driver charge?"""

from decimal import Decimal

from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.network.area import Circle, Corridor
from chalicelib.domain.network.place import Point
from chalicelib.domain.network.plug import Car
from chalicelib.domain.network.polyline import decoded
from chalicelib.handlers.partner_api import cursor as cursors
from chalicelib.handlers.partner_api.endpoint import Call, endpoint
from chalicelib.handlers.partner_api.location_shapes import (
    RADIUS_M,
    ROUTE_RADIUS_M,
    LocationPage,
    LocationQuery,
    LocationShape,
    location_shape,
)
from chalicelib.handlers.partner_api.shapes import (
    MoneyShape,
    Nothing,
)
from chalicelib.usecases.agreement.find import EVERY_CPO, agreements_of
from chalicelib.usecases.network.read import location_by_id
from chalicelib.usecases.network.search import (
    Found,
    Wanted,
    search,
)


@endpoint(
    "GET",
    "/v1/locations",
    scope=Scope.LOCATIONS_READ,
    refusals=(Invalid, cursors.CursorInvalid),
)
def search_locations(call: Call[Nothing, LocationQuery]) -> LocationPage:
    """Search for chargers around a point or along a route.

    Only CPOs with which the partner has an agreement today are shown, and of each location what
    fits: power and connector must fit the same connector.
    """
    asked = call.query
    after = ""
    if asked.cursor:
        (after,) = cursors.decode("locations", asked.cursor, "after")
    wanted = Wanted(
        area=_area(asked),
        min_power_w=asked.min_power_w,
        connector=asked.connector,
        available=asked.available,
        accessible=asked.accessible,
        open_at=asked.open_at,
        cpo_ids=_cpos(call),
        car=_car(asked),
        arrives_at=asked.arrives_at,
        order=asked.order,
    )
    found = search(call.ports, call.partner_id, wanted, after, asked.limit)
    more = found.cursor
    return LocationPage(
        data=[_found(each, wanted) for each in found.found],
        has_more=bool(more),
        next_cursor=cursors.encode("locations", after=more) if more else None,
    )


@endpoint("GET", "/v1/locations/{location_id}", scope=Scope.LOCATIONS_READ, refusals=(NotFound,))
def read_a_location(call: Call[Nothing, Nothing], location_id: str) -> LocationShape:
    """Read a location with all of its EVSEs."""
    location = location_by_id(call.ports, location_id)
    if not location.publish:
        raise NotFound("location", location_id, "location_id")
    return location_shape(location_id, location)


def _area(asked: LocationQuery) -> Circle | Corridor:
    if asked.route:
        if asked.latitude is not None or asked.longitude is not None:
            raise Invalid("route", "was sent with a point", "send a point or a route")
        return Corridor(decoded(asked.route), asked.radius_m or ROUTE_RADIUS_M)
    for name, degrees in (("latitude", asked.latitude), ("longitude", asked.longitude)):
        if degrees is None:
            raise Invalid(name, "is missing", "send latitude and longitude, or a route")
    return Circle(
        Point.at(Decimal(asked.latitude or 0), Decimal(asked.longitude or 0)),
        asked.radius_m or RADIUS_M,
    )


def _car(asked: LocationQuery) -> Car | None:
    if asked.energy_kwh is None:
        return None
    return Car(asked.energy_kwh, asked.car_ac_power_w, asked.car_dc_power_w)


def _cpos(call: Call[Nothing, LocationQuery]) -> frozenset[PartyId] | None:
    """Those asked for of the CPOs that the partner has terms with today; None: all there are."""
    today = call.ports.clock.now().date()
    held = agreements_of(call.ports, call.partner_id)
    cpos = frozenset(one.cpo_id for one in held if one.holds_on(today) and one.in_order)
    asked = PartyId(call.query.cpo_id)
    if asked:
        return frozenset({asked} & cpos if EVERY_CPO not in cpos else {asked})
    return None if EVERY_CPO in cpos else cpos


def _found(found: Found, wanted: Wanted) -> LocationShape:
    return location_shape(found.location_id, found.location).model_copy(
        update={
            "distance_m": found.reach.distance_m,
            "along_m": found.reach.along_m if isinstance(wanted.area, Corridor) else None,
            "reliability": found.reliability,
            "price": MoneyShape.maybe(found.price),
        }
    )
