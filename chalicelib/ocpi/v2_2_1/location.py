"""What does an OCPI 2.2.1 Location, EVSE or Connector say? (mod_locations 8.3 and 8.4)"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from chalicelib.domain.connection.refusals import UpdateOfUnknown, UpdateOutdated
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
from chalicelib.ocpi.lenient.basic import instant
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

    An update is compared with the object that it names, since EVSEs change independently; the
    parents' `last_updated` follows (mod_locations 8.2.2.3). Raises Invalid, UpdateOutdated, and
    UpdateOfUnknown when a PATCH names what is not there.
    """
    if not evse_uid:
        return _merged("location", raw, update, whole=whole)
    evses = list(raw.get("evses") or ())
    at = _index(evses, "uid", evse_uid)
    if not connector_id:
        evses = _put("EVSE", evses, at, {"uid": evse_uid}, update, whole=whole)
        return _newer({**raw, "evses": evses}, update)
    if at is None:
        raise UpdateOfUnknown("EVSE", evse_uid, "evse_uid")
    connectors = list(evses[at].get("connectors") or ())
    named = _index(connectors, "id", connector_id)
    connectors = _put("connector", connectors, named, {"id": connector_id}, update, whole=whole)
    evses[at] = _newer({**evses[at], "connectors": connectors}, update)
    return _newer({**raw, "evses": evses}, update)


def _put(
    kind: str,
    items: list[dict[str, Any]],
    at: int | None,
    name: dict[str, str],
    update: dict[str, Any],
    *,
    whole: bool,
) -> list[dict[str, Any]]:
    ((member, id_),) = name.items()
    if str(update.get(member, id_)) != id_:
        raise Invalid(member, f"{update[member]!r} is not the {id_!r} of the URL")
    if at is not None:
        return [*items[:at], _merged(kind, items[at], update, whole=whole), *items[at + 1 :]]
    if not whole:
        raise UpdateOfUnknown(kind, id_, member)
    _updated(update)
    return [*items, {**name, **update}]


def _merged(
    kind: str, known: dict[str, Any], update: dict[str, Any], *, whole: bool
) -> dict[str, Any]:
    ours = known.get("last_updated")
    if isinstance(ours, str) and _updated(update) < instant(ours):
        raise UpdateOutdated(kind, str(known.get("uid") or known.get("id")), ours)
    return dict(update) if whole else {**known, **update}


def _newer(parent: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    ours = parent.get("last_updated")
    if isinstance(ours, str) and instant(ours) >= _updated(update):
        return parent
    return {**parent, "last_updated": update["last_updated"]}


def _updated(update: dict[str, Any]) -> datetime:
    text = update.get("last_updated")
    if not isinstance(text, str):
        raise Invalid("last_updated", "is missing", "every update carries `last_updated`")
    try:
        return instant(text)
    except ValueError as error:
        raise Invalid("last_updated", str(error)) from error


def _index(items: list[dict[str, Any]], name: str, id_: str) -> int | None:
    return next((i for i, item in enumerate(items) if str(item.get(name)) == id_), None)


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
