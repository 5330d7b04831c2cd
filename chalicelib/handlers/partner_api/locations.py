"""/v1/locations: where can a driver charge?"""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.handlers.partner_api import cursor as cursors
from chalicelib.handlers.partner_api.endpoint import Call, endpoint
from chalicelib.handlers.partner_api.shapes import (
    Answer,
    Exact,
    Instant,
    Maybe,
    Nothing,
    Number,
    Page,
    PageQuery,
)
from chalicelib.usecases.agreement.find import EVERY_CPO, agreements_of
from chalicelib.usecases.network.read import location_by_id
from chalicelib.usecases.network.search import RADIUS_M_MAX, Wanted, search


class ConnectorShape(Answer):
    id: str
    standard: Annotated[str, Field(description="OCPI's name, e.g. IEC_62196_T2_COMBO.")]
    power_type: str
    max_power_w: int
    tariff_ids: list[str]


class EvseShape(Answer):
    """A place where one car charges at a time."""

    uid: str
    evse_id: str
    status: EvseStatus
    connectors: list[ConnectorShape]
    last_updated: Instant


class LocationShape(Answer):
    """A site with chargers."""

    id: str
    cpo_id: str
    name: str
    address: str
    city: str
    country: str
    latitude: Exact
    longitude: Exact
    time_zone: str
    distance_m: Annotated[Maybe[int], Field(description="From the point that was asked for.")] = (
        None
    )
    evses: Annotated[list[EvseShape], Field(description="In a search: those that fit.")]
    last_updated: Instant


class LocationPage(Page[LocationShape]):
    """Locations, nearest first."""


class LocationQuery(PageQuery):
    latitude: Annotated[Number, Field(ge=-90, le=90, description="WGS 84 degrees.")]
    longitude: Annotated[Number, Field(ge=-180, le=180, description="WGS 84 degrees.")]
    radius_m: Annotated[int, Field(ge=1, le=RADIUS_M_MAX)] = 5000
    min_power_w: Annotated[int, Field(ge=0, le=10_000_000, description="Of a connector.")] = 0
    connector: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_]{0,40}$", description="OCPI's name, e.g. CHADEMO."),
    ] = ""
    available: Annotated[bool, Field(description="Only where a car could charge now.")] = False


@endpoint(
    "GET",
    "/v1/locations",
    scope=Scope.LOCATIONS_READ,
    refusals=(Invalid, cursors.CursorInvalid),
)
def search_locations(call: Call[Nothing, LocationQuery]) -> LocationPage:
    """Search for chargers around a point.

    Only CPOs with which the partner has an agreement today are shown, and of each location what
    fits: power and connector must fit the same connector.
    """
    asked = call.query
    after = ""
    if asked.cursor:
        (after,) = cursors.decode("locations", asked.cursor, "after")
    wanted = Wanted(
        latitude=Decimal(asked.latitude),
        longitude=Decimal(asked.longitude),
        radius_m=asked.radius_m,
        min_power_w=asked.min_power_w,
        connector=asked.connector,
        available=asked.available,
        cpo_ids=_cpos(call),
    )
    found = search(call.ports, wanted, after, asked.limit)
    more = found.cursor
    return LocationPage(
        data=[_shape(each.location_id, each.location, each.distance_m) for each in found.found],
        has_more=bool(more),
        next_cursor=cursors.encode("locations", after=more) if more else None,
    )


@endpoint("GET", "/v1/locations/{location_id}", scope=Scope.LOCATIONS_READ, refusals=(NotFound,))
def read_a_location(call: Call[Nothing, Nothing], location_id: str) -> LocationShape:
    """Read a location with all of its EVSEs."""
    location = location_by_id(call.ports, location_id)
    if not location.publish:
        raise NotFound("location", location_id, "location_id")
    return _shape(location_id, location, None)


def _cpos(call: Call[Nothing, LocationQuery]) -> frozenset[PartyId] | None:
    """The CPOs that the partner has terms with today; None: all of them."""
    today = call.ports.clock.now().date()
    held = agreements_of(call.ports, call.partner_id)
    cpos = frozenset(one.cpo_id for one in held if one.holds_on(today) and one.in_order)
    return None if EVERY_CPO in cpos else cpos


def _shape(id_: str, location: Location, distance_m: int | None) -> LocationShape:
    return LocationShape(
        id=id_,
        cpo_id=location.cpo_id,
        name=location.name,
        address=location.address,
        city=location.city,
        country=location.country,
        latitude=location.latitude,
        longitude=location.longitude,
        time_zone=location.time_zone,
        distance_m=distance_m,
        evses=[_evse(evse) for evse in location.evses],
        last_updated=location.last_updated,
    )


def _evse(evse: Evse) -> EvseShape:
    return EvseShape(
        uid=evse.uid,
        evse_id=evse.evse_id,
        status=evse.status,
        connectors=[_connector(connector) for connector in evse.connectors],
        last_updated=evse.last_updated,
    )


def _connector(connector: Connector) -> ConnectorShape:
    return ConnectorShape(
        id=connector.id,
        standard=connector.standard,
        power_type=connector.power_type,
        max_power_w=connector.max_power_w,
        tariff_ids=list(connector.tariff_ids),
    )
