"""How are a CPO's locations and tariffs told to an eMSP? In the forms of 2.2.1, whatever it spoke.

What we understood is written in its own form; members that we do not know stay as the CPO told
them. Those that we only hand on are brought into OCPI's form where they are nearly in it: an eMSP's
software need not be as lenient as we are.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.network.location import Connector, Evse, Location
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.envelope.fields import without_nulls
from chalicelib.ocpi.lenient.basic import flag_of, instant_of, number_of, text_of
from chalicelib.ocpi.lenient.countries import alpha_3

TariffIds = Mapping[tuple[str, str], tuple[str, ...]]  # by EVSE and connector, in lower case
_RENAMED = {"voltage": "max_voltage", "amperage": "max_amperage"}  # since 2.2
_FORMS: Mapping[str, Callable[[object], object]] = {
    **dict.fromkeys(("postal_code", "state", "floor_level", "physical_reference"), text_of),
    **dict.fromkeys(
        ("voltage", "amperage", "max_voltage", "max_amperage", "max_electric_power"),
        lambda value: int(number_of(value)),
    ),
    "charging_when_closed": flag_of,
    "last_updated": lambda value: instant_text(instant_of(value)),
}


def write_location(location: Location, raw: str, tariff_ids: TariffIds) -> dict[str, Any]:
    """A Location of 2.2.1. `last_updated` is the CPO's: a hub does not change it."""
    told = in_form(parse_object(raw)) if raw else {}
    kind = told.pop("type", None)  # of 2.1.1; an open enum
    told.pop("publish_allowed_to", None)  # whose tokens those are is not for every eMSP
    evses = {_id(one.get("uid")): one for one in _objects(told.get("evses"))}
    written = [
        write_evse(evse, evses.get(evse.uid.lower(), {}), tariff_ids) for evse in location.evses
    ]
    return {
        **({"parking_type": kind} if kind in _PARKING else {}),
        **told,
        "country_code": location.country_code,
        "party_id": location.party_id,
        "id": location.id,
        "publish": location.publish,
        "name": location.name or told.get("name") or location.address,
        "address": location.address,
        "city": location.city,
        "country": alpha_3(location.country),
        "coordinates": {
            "latitude": str(location.latitude),
            "longitude": str(location.longitude),
        },
        "time_zone": location.time_zone,
        "evses": written,
        "last_updated": instant_text(location.last_updated),
    }


def in_form(told: Mapping[str, Any]) -> dict[str, Any]:
    """One object's own members as OCPI writes them; what cannot be is left out, as nulls are."""
    found = {}
    for name, value in without_nulls(dict(told)).items():
        try:
            found[name] = _FORMS[name](value) if name in _FORMS else value
        except ValueError:
            continue
    return found


def write_evse(evse: Evse, told: Mapping[str, Any], tariff_ids: TariffIds) -> dict[str, Any]:
    plugs = {_id(one.get("id")): one for one in _objects(told.get("connectors"))}
    written = [
        write_connector(
            plug,
            {"last_updated": instant_text(evse.last_updated), **plugs.get(plug.id.lower(), {})},
            tariff_ids.get((evse.uid.lower(), plug.id.lower()), ()),
        )
        for plug in evse.connectors
    ]
    listed = {
        "capabilities": list(evse.capabilities),
        "parking_restrictions": list(evse.parking_restrictions),
    }
    return {
        **{name: value for name, value in in_form(told).items() if name not in listed},
        **{name: values for name, values in listed.items() if values},
        "uid": evse.uid,
        **({"evse_id": evse.evse_id} if evse.evse_id else {}),
        "status": evse.status.value,
        "connectors": written,
        "last_updated": instant_text(evse.last_updated),
    }


def write_connector(
    plug: Connector, told: Mapping[str, Any], tariff_ids: tuple[str, ...]
) -> dict[str, Any]:
    kept = {name: value for name, value in in_form(told).items() if name != "tariff_id"}
    named = {_RENAMED.get(name, name): value for name, value in kept.items()}
    named.pop("tariff_ids", None)
    return {
        **named,
        "id": plug.id,
        "standard": plug.standard,
        **({"format": plug.format} if plug.format else {}),
        "power_type": plug.power_type,
        **({"tariff_ids": list(tariff_ids)} if tariff_ids else {}),
    }


_PARKING = frozenset(
    {"ON_STREET", "PARKING_GARAGE", "UNDERGROUND_GARAGE", "PARKING_LOT"}  # as 2.2.1 names them
)


def _objects(value: object) -> list[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict)]


def _id(value: object) -> str:
    return str(value).lower()
