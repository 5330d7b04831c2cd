"""What does a Location say, in any version that we read? (mod_locations)

2.1.1 writes `voltage`, `amperage` and one `tariff_id` where later versions write `max_voltage`,
`max_amperage` and `tariff_ids`; it tells the owner in the URL, and may leave the time zone out.
The members of all versions are understood wherever they stand.
"""

from collections.abc import Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.ocpi.lenient.basic import id_of, upper_of
from chalicelib.ocpi.lenient.countries import alpha_2
from chalicelib.ocpi.lenient.hours import opening_times_of
from chalicelib.ocpi.lenient.owner import owner_at
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import Owner
from chalicelib.ocpi.lenient.zones import zone_of

_POWER_W_MAX = 10_000_000
_EVSES_MAX = 5_000
_LISTED_MAX = 200
_LATITUDE_MAX, _LONGITUDE_MAX = 90, 180
# Between how many lines does the voltage push the current? For AC_3_PHASE it is line to neutral.
_PHASES = {"AC_1_PHASE": 1, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2, "AC_3_PHASE": 3, "DC": 1}


def location_of(
    place: Place,
    peer_id: PeerId,
    identities: Mapping[str, PartyId],
    around: Owner | None = None,
) -> Location:
    """`identities` says whose it is; an owner that the peer does not speak for gets `cpo_id` "".

    `around` is the owner where the object names none: given, the zone may be missing too. Raises
    Invalid naming the member to blame.
    """
    owner = owner_at(place, around)
    spot = place.object("coordinates")
    country = _country(place)
    longitude = _degrees(spot, "longitude", _LONGITUDE_MAX)
    parking = dict(map(_parking, place.objects("parking_places", _EVSES_MAX)))
    return Location(
        peer_id=peer_id,
        cpo_id=identities.get(f"{owner.country_code}*{owner.party_id}", PartyId("")),
        country_code=owner.country_code,
        party_id=owner.party_id,
        id=place.id("id"),
        name=place.text("name") or _required(place, "address"),
        address=_required(place, "address"),
        city=_required(place, "city"),
        country=country,
        latitude=_degrees(spot, "latitude", _LATITUDE_MAX),
        longitude=longitude,
        time_zone=_zone(place, country, longitude, guess=around is not None),
        evses=tuple(_evse(evse, parking) for evse in place.objects("evses", _EVSES_MAX)),
        last_updated=place.instant("last_updated"),
        publish=place.flag("publish") if place.has("publish") else True,
        postal_code=place.text("postal_code"),
        opening_times=opening_times_of(place),
    )


def _required(place: Place, name: str) -> str:
    if not place.has(name):
        raise place.invalid(name, "is missing")
    return place.text(name)


def _parking(place: Place) -> tuple[str, tuple[str, ...]]:
    """A parking place of 2.3.0: for which vehicles it is."""
    kinds = (kind for _, kind in place.each("vehicle_types", _LISTED_MAX, upper_of))
    return place.maybe_id("id") or "", tuple(kinds)


def _evse(place: Place, parking: Mapping[str, tuple[str, ...]]) -> Evse:
    name = place.upper("status")
    try:
        status = EvseStatus(name)
    except ValueError:
        place.note("status_unknown", "status", f"{name!r} is not known and taken as UNKNOWN")
        status = EvseStatus.UNKNOWN
    places = (one.maybe_id("parking_id") for one in place.objects("parking", _LISTED_MAX))
    kinds = {kind for name in places for kind in parking.get(name or "", ())}
    return Evse(
        uid=place.id("uid"),
        evse_id=place.text("evse_id"),
        status=status,
        connectors=tuple(_connector(one) for one in place.objects("connectors", _LISTED_MAX)),
        last_updated=place.instant("last_updated"),
        capabilities=_listed(place, "capabilities"),
        parking_restrictions=_listed(place, "parking_restrictions"),
        vehicle_types=tuple(sorted(kinds)),
    )


def _listed(place: Place, name: str) -> tuple[str, ...]:
    return tuple(one for _, one in place.each(name, _LISTED_MAX, upper_of))


def _connector(place: Place) -> Connector:
    tariffs = tuple(id_ for _, id_ in place.each("tariff_ids", _LISTED_MAX, id_of))
    if not tariffs and place.has("tariff_id"):
        tariffs = (place.id("tariff_id"),)
    power_type = place.upper("power_type")
    volts = place.maybe_number("max_voltage") or place.maybe_number("voltage") or Decimal(0)
    amperes = place.maybe_number("max_amperage") or place.maybe_number("amperage") or Decimal(0)
    stated = place.maybe_number("max_electric_power")
    watts = int(stated or volts * amperes * _PHASES.get(power_type, 1))
    return Connector(
        id=place.id("id"),
        standard=place.upper("standard"),
        power_type=power_type,
        max_power_w=min(watts, _POWER_W_MAX),
        tariff_ids=tariffs,
        format=place.maybe_upper("format"),
    )


def _country(place: Place) -> str:
    code = place.upper("country")
    two = alpha_2(code)
    if not two:
        raise place.invalid("country", f"{code!r} is not an ISO 3166-1 alpha-3 code")
    if two == code:
        place.note("country_form", "country", f"{code!r} was sent with two letters")
    return two


def _degrees(place: Place, name: str, limit: int) -> Decimal:
    text = _required(place, name).strip()
    try:
        degrees = Decimal(text)
    except ArithmeticError as error:
        raise place.invalid(name, f"{text[:20]!r} is not a number of degrees") from error
    if not degrees.is_finite() or abs(degrees) > limit:
        raise place.invalid(name, f"{text[:20]} is not within {limit} degrees")
    return round(degrees, 7)


def _zone(place: Place, country: str, longitude: Decimal, *, guess: bool) -> str:
    if guess and not place.has("time_zone"):
        zone = zone_of(country, longitude)
        if not zone:
            raise place.invalid("time_zone", f"is missing, and {country} has more than one")
        place.note("time_zone_missing", "time_zone", f"is missing: {zone} was taken")
        return zone
    name = _required(place, "time_zone")
    try:
        return ZoneInfo(name.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise place.invalid("time_zone", f"{name[:40]!r} is not an IANA time zone") from error
