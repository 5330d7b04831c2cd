"""How do locations look in /v1, and how are they asked for?"""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.domain.network.opening import DAY_MIN, OpeningTimes
from chalicelib.domain.network.rank import Order
from chalicelib.handlers.partner_api.shapes import (
    Answer,
    Exact,
    Instant,
    Maybe,
    MoneyShape,
    Number,
    Page,
    PageQuery,
)
from chalicelib.usecases.network.search import (
    ENERGY_KWH_MAX,
    RADIUS_M_MAX,
    ROUTE_RADIUS_M_MAX,
)

_CLOCK = r"^[0-2][0-9]:[0-5][0-9]$"
RADIUS_M, ROUTE_RADIUS_M = 5000, 2000  # unless asked otherwise
_Latitude = Annotated[Number, Field(ge=-90, le=90)]
_Longitude = Annotated[Number, Field(ge=-180, le=180)]
_Energy = Annotated[Number, Field(gt=0, le=ENERGY_KWH_MAX)]


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
    parking_restrictions: Annotated[list[str], Field(description="OCPI's, e.g. DISABLED.")]
    vehicle_types: Annotated[list[str], Field(description="OCPI 2.3.0's; empty: not told.")]
    last_updated: Instant


class RegularHoursShape(Answer):
    weekday: Annotated[int, Field(ge=1, le=7, description="1 is Monday.")]
    begin: Annotated[str, Field(pattern=_CLOCK, description="Local time of the location.")]
    end: Annotated[str, Field(pattern=_CLOCK, description="Not after `begin`: of the next day.")]


class ExceptionalShape(Answer):
    begin: Instant
    end: Instant


class OpeningTimesShape(Answer):
    """Closings outdo openings, and both outdo what is regular."""

    twentyfourseven: bool
    regular_hours: list[RegularHoursShape]
    exceptional_openings: list[ExceptionalShape]
    exceptional_closings: list[ExceptionalShape]


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
    opening_times: Annotated[
        Maybe[OpeningTimesShape], Field(description="Absent where the CPO states none.")
    ] = None
    distance_m: Annotated[
        Maybe[int], Field(description="From the point or the route that was asked for.")
    ] = None
    along_m: Annotated[Maybe[int], Field(description="How far along the route.")] = None
    reliability: Annotated[
        Maybe[int],
        Field(description="How many of 1000 starts are expected to work, by what was seen so far."),
    ] = None
    price: Annotated[
        Maybe[MoneyShape],
        Field(
            description="What the car would pay at the cheapest connector that fits, VAT and rebate"
            " included. It is an estimate of at most a minute ago; a quote is binding."
        ),
    ] = None
    evses: Annotated[list[EvseShape], Field(description="In a search: those that fit.")]
    last_updated: Instant


class LocationPage(Page[LocationShape]):
    """Locations, in the order asked for. A page may have fewer than `limit`, even none, and more
    follow: go on while `has_more`.
    """


class LocationQuery(PageQuery):
    """Around a point (`latitude`, `longitude`) or along a `route`."""

    latitude: Annotated[_Latitude | None, Field(description="WGS 84 degrees of the point.")] = None
    longitude: Annotated[_Longitude | None, Field(description="WGS 84 degrees of the point.")] = (
        None
    )
    route: Annotated[
        str,
        Field(
            max_length=6000,
            description="An encoded polyline (Google's algorithm, five digits), URL-encoded.",
        ),
    ] = ""
    radius_m: Annotated[
        int | None,
        Field(
            ge=1,
            le=RADIUS_M_MAX,
            description="Around the point (5000 unless given), or to each side of the route"
            f" (2000 unless given, at most {ROUTE_RADIUS_M_MAX}).",
        ),
    ] = None
    min_power_w: Annotated[int, Field(ge=0, le=10_000_000, description="Of a connector.")] = 0
    connector: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_]{0,40}$", description="OCPI's name, e.g. CHADEMO."),
    ] = ""
    available: Annotated[bool, Field(description="Only where a car could charge now.")] = False
    accessible: Annotated[
        bool, Field(description="Only with a parking place for people with disabilities.")
    ] = False
    open_at: Annotated[
        Instant | None, Field(description="Only locations that are open then, or state no hours.")
    ] = None
    cpo_id: Annotated[str, Field(max_length=64, description="Only of this CPO.")] = ""
    energy_kwh: Annotated[
        _Energy | None,
        Field(description="What the car is to take: prices are told."),
    ] = None
    car_ac_power_w: Annotated[
        int, Field(ge=0, le=10_000_000, description="What the car can take; 0: whatever there is.")
    ] = 0
    car_dc_power_w: Annotated[int, Field(ge=0, le=10_000_000, description="As above, DC.")] = 0
    arrives_at: Annotated[Instant | None, Field(description="For the price, now unless given.")] = (
        None
    )
    order: Annotated[
        Order,
        Field(
            description="`distance`, `price` (needs energy_kwh) or `best`, which adds three shares,"
            " the lowest sum first: the distance of the radius, the part of the price above the"
            " cheapest found, and five times the share of starts that is expected to fail."
        ),
    ] = Order.DISTANCE


def location_shape(id_: str, location: Location) -> LocationShape:
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
        opening_times=_opening(location.opening_times),
        evses=[_evse(evse) for evse in location.evses],
        last_updated=location.last_updated,
    )


def _opening(times: OpeningTimes | None) -> OpeningTimesShape | None:
    if times is None:
        return None
    return OpeningTimesShape(
        twentyfourseven=times.twentyfourseven,
        regular_hours=[
            RegularHoursShape(
                weekday=one.weekday, begin=_clock(one.begin_min), end=_clock(one.end_min)
            )
            for one in times.regular
        ],
        exceptional_openings=[ExceptionalShape(begin=p.begin, end=p.end) for p in times.openings],
        exceptional_closings=[ExceptionalShape(begin=p.begin, end=p.end) for p in times.closings],
    )


def _clock(minute: int) -> str:
    return f"{minute % DAY_MIN // 60:02}:{minute % 60:02}"


def _evse(evse: Evse) -> EvseShape:
    return EvseShape(
        uid=evse.uid,
        evse_id=evse.evse_id,
        status=evse.status,
        connectors=[_connector(connector) for connector in evse.connectors],
        parking_restrictions=list(evse.parking_restrictions),
        vehicle_types=list(evse.vehicle_types),
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
