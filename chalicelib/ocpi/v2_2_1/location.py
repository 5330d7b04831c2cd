"""What does an OCPI 2.2.1 Location, EVSE or Connector say? (mod_locations 8.3 and 8.4)"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.ocpi.envelope.fields import (
    Flag,
    Id,
    Instant,
    Listed,
    Number,
    Text,
    Upper,
    Wire,
    mended_once,
    read,
)
from chalicelib.ocpi.v2_2_1.countries import alpha_2

_POWER_W_MAX = 10_000_000
# Between how many lines does max_voltage push max_amperage? For AC_3_PHASE it is line to neutral.
_PHASES = {"AC_1_PHASE": 1, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2, "AC_3_PHASE": 3, "DC": 1}


class _Connector(Wire):
    id: Id
    standard: Upper
    format: Upper = ""
    power_type: Upper
    max_voltage: Number = Decimal(0)
    max_amperage: Number = Decimal(0)
    max_electric_power: Number = Decimal(0)
    tariff_ids: Annotated[tuple[Id, ...], Listed] = ()


class _Evse(Wire):
    uid: Id
    evse_id: Text = ""
    status: Upper
    connectors: Annotated[tuple[_Connector, ...], Listed] = ()
    capabilities: Annotated[tuple[Upper, ...], Listed] = ()
    last_updated: Instant


class _Coordinates(Wire):
    latitude: Annotated[str, Field(coerce_numbers_to_str=True)]
    longitude: Annotated[str, Field(coerce_numbers_to_str=True)]


class _Location(Wire):
    country_code: Upper
    party_id: Upper
    id: Id
    publish: Flag = True
    name: Text = ""
    address: Text
    city: Text
    postal_code: Text = ""
    country: Upper
    coordinates: _Coordinates
    time_zone: Text
    evses: Annotated[tuple[_Evse, ...], Listed] = ()
    last_updated: Instant


def read_location(
    value: Any,  # noqa: ANN401 - any JSON
    peer_id: PeerId,
    identities: Mapping[str, PartyId],
) -> tuple[Location, tuple[str, ...]]:
    """A Location, and what was mended in it. `identities` says whose it is.

    Raises Invalid. An owner that the peer does not speak for gets `cpo_id` "" and is for the
    caller to refuse.
    """
    mended: list[str] = []
    wire = read(_Location, value, mended)
    owner = f"{wire.country_code}*{wire.party_id}"
    location = Location(
        peer_id=peer_id,
        cpo_id=identities.get(owner, PartyId("")),
        country_code=wire.country_code,
        party_id=wire.party_id,
        id=wire.id,
        name=wire.name or wire.address,
        address=wire.address,
        city=wire.city,
        country=_country(wire.country, mended),
        latitude=_degrees("latitude", wire.coordinates.latitude, 90),
        longitude=_degrees("longitude", wire.coordinates.longitude, 180),
        time_zone=_zone(wire.time_zone),
        evses=tuple(_evse(evse, mended) for evse in wire.evses),
        last_updated=wire.last_updated,
        publish=wire.publish,
        postal_code=wire.postal_code,
    )
    return location, mended_once(mended)


def merged_update(
    raw: dict[str, Any], evse_uid: str, connector_id: str, update: dict[str, Any], *, whole: bool
) -> dict[str, Any]:
    """The raw Location after a PUT (`whole`) or PATCH of it, of one EVSE, or of one Connector.

    The parents take over `last_updated` (mod_locations 8.2.2.3). Raises Invalid when a PATCH has
    no `last_updated`, and LookupError when it names an EVSE or Connector that is not there.
    """
    at = update.get("last_updated")
    if at is None:
        raise Invalid("last_updated", "is missing", "every update carries `last_updated`")
    if not evse_uid:
        return dict(update) if whole else {**raw, **update}
    if not connector_id:
        evses = _replaced(raw.get("evses"), "uid", evse_uid, update, whole=whole)
        return {**raw, "evses": evses, "last_updated": at}
    evse = next((e for e in raw.get("evses") or () if str(e.get("uid")) == evse_uid), None)
    if evse is None:
        raise LookupError(evse_uid)
    connectors = _replaced(evse.get("connectors"), "id", connector_id, update, whole=whole)
    changed = {**evse, "connectors": connectors, "last_updated": at}
    evses = _replaced(raw.get("evses"), "uid", evse_uid, changed, whole=True)
    return {**raw, "evses": evses, "last_updated": at}


def _replaced(
    items: Any,  # noqa: ANN401 - any JSON
    name: str,
    id_: str,
    update: dict[str, Any],
    *,
    whole: bool,
) -> list[Any]:
    if str(update.get(name, id_)) != id_:
        raise Invalid(name, f"{update[name]!r} is not the {id_!r} of the URL")
    found, result = False, []
    for item in items or ():
        if str(item.get(name)) == id_:
            found = True
            result.append({name: id_, **(update if whole else {**item, **update})})
        else:
            result.append(item)
    if not found:
        if not whole:
            raise LookupError(id_)
        result.append({name: id_, **update})
    return result


def _evse(wire: _Evse, mended: list[str]) -> Evse:
    try:
        status = EvseStatus(wire.status)
    except ValueError:
        mended.append(f"status: {wire.status!r} is not known and taken as UNKNOWN")
        status = EvseStatus.UNKNOWN
    connectors = tuple(_connector(connector) for connector in wire.connectors)
    return Evse(wire.uid, wire.evse_id, status, connectors, wire.last_updated, wire.capabilities)


def _connector(wire: _Connector) -> Connector:
    stated = wire.max_electric_power
    computed = wire.max_voltage * wire.max_amperage * _PHASES.get(wire.power_type, 1)
    power_w = min(int(stated or computed), _POWER_W_MAX)
    return Connector(wire.id, wire.standard, wire.power_type, power_w, wire.tariff_ids, wire.format)


def _country(code: str, mended: list[str]) -> str:
    two = alpha_2(code)
    if not two:
        raise Invalid("country", f"{code!r} is not an ISO 3166-1 alpha-3 code")
    if two == code:
        mended.append(f"country: {code!r} was sent with two letters")
    return two


def _degrees(name: str, text: str, limit: int) -> Decimal:
    path = f"coordinates.{name}"
    try:
        degrees = Decimal(text.strip())
    except ArithmeticError as error:
        raise Invalid(path, f"{text[:20]!r} is not a number of degrees") from error
    if not degrees.is_finite() or abs(degrees) > limit:
        raise Invalid(path, f"{text[:20]} is not within {limit} degrees")
    return round(degrees, 7)


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid("time_zone", f"{name[:40]!r} is not an IANA time zone") from error
