"""How does the simulated CPO write its objects in each OCPI version, and read its peer's?

Inside, everything has 2.2.1's form. Written from the specification alone: 2.1.1 has plain numbers
for money, one tariff a connector, whole locations in sessions and CDRs, and no owners or roles;
2.3.0 tells taxes one by one.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

VERSIONS = ("2.3.0", "2.2.1", "2.1.1")
_ONLY_PLUG = "1"  # each simulated EVSE has one connector, which a 2.1.1 command cannot name
_ROUTED = frozenset({"2.3.0", "2.2.1"})
_CAPABILITIES_2_1_1 = frozenset(
    {
        *("CHARGING_PROFILE_CAPABLE", "CREDIT_CARD_PAYABLE", "REMOTE_START_STOP_CAPABLE"),
        *("RESERVABLE", "RFID_READER", "UNLOCK_CAPABLE"),
    }
)
_NOT_IN_2_1_1 = {
    "locations": {"country_code", "party_id", "publish", "parking_type"},
    "tariffs": {"country_code", "party_id", "type", "min_price", "max_price"},
    "sessions": {"country_code", "party_id", "cdr_token", "authorization_reference"},
    "cdrs": {"country_code", "party_id", "cdr_token", "authorization_reference", "session_id"},
}


def routed(version: str) -> bool:
    """Whether messages carry routing headers and ids, and tokens are Base64: since 2.2."""
    return version in _ROUTED


def written(
    version: str, module: str, body: Mapping[str, Any], location: Json | None = None
) -> Json:
    """An object of a module as a version has it; `location` is that of a session or CDR."""
    writer = _WRITERS.get((version, module))
    return dict(body) if writer is None else writer(body, location)


def token_read(version: str, token: Mapping[str, Any], party: Mapping[str, str]) -> Json:
    """A peer's token in 2.2.1's form; 2.1.1's has no owner and calls its contract `auth_id`."""
    if version != "2.1.1":
        return dict(token)
    return {**token, **party, "contract_id": token.get("auth_id", "")}


def type_written(version: str, type_: str) -> str:
    """A TokenType: 2.1.1 has RFID and OTHER only."""
    return type_ if routed(version) or type_ == "RFID" else "OTHER"


def command_read(version: str, body: Any, party: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """A peer's command in 2.2.1's form. In 2.1.1 the token's `auth_id` is all that will be echoed,
    so it takes the place of the reference that the version does not have.
    """
    if version != "2.1.1" or not isinstance(body, dict) or not isinstance(body.get("token"), dict):
        return body
    token = token_read(version, body["token"], party)
    told = {"authorization_reference": token["contract_id"], "connector_id": _ONLY_PLUG}
    return {**body, "token": token, **told}


def _number(price: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an exact number
    return price["excl_vat"]


def _taxed(price: Mapping[str, Any]) -> Json:
    if price.get("incl_vat") is None:
        return {"before_taxes": price["excl_vat"]}
    tax = Decimal(price["incl_vat"]) - Decimal(price["excl_vat"])
    taxes = [{"name": "VAT", "amount": tax}] if tax else []
    return {"before_taxes": price["excl_vat"], "taxes": taxes}


def _costs(body: Mapping[str, Any], write: Callable[[Mapping[str, Any]], Any]) -> Json:
    return {
        name: write(value) if name.endswith("_cost") and isinstance(value, dict) else value
        for name, value in body.items()
    }


def _location_2_1_1(body: Mapping[str, Any], _: Json | None) -> Json:
    evses = [_evse_2_1_1(evse) for evse in body.get("evses", ())]
    return {"type": "ON_STREET", **_without(body, "locations"), "evses": evses}


def _evse_2_1_1(evse: Mapping[str, Any]) -> Json:
    capable = [one for one in evse.get("capabilities", ()) if one in _CAPABILITIES_2_1_1]
    plugs = [_plug_2_1_1(plug) for plug in evse.get("connectors", ())]
    return {**evse, "capabilities": capable, "connectors": plugs}


def _plug_2_1_1(plug: Mapping[str, Any]) -> Json:
    renamed = {"max_voltage": "voltage", "max_amperage": "amperage"}
    kept = {renamed.get(name, name): value for name, value in plug.items()}
    kept.pop("max_electric_power", None)
    tariffs = kept.pop("tariff_ids", None)
    return {**kept, "tariff_id": tariffs[0]} if tariffs else kept


def _tariff_2_1_1(body: Mapping[str, Any], _: Json | None) -> Json:
    elements = []
    for element in body.get("elements", ()):
        parts = [_but(part, {"vat"}) for part in element["price_components"]]
        elements.append({**element, "price_components": parts})
    return {**_without(body, "tariffs"), "elements": elements}


def _tariff_2_3_0(body: Mapping[str, Any], _: Json | None) -> Json:
    names = {"excl_vat": "before_taxes", "incl_vat": "after_taxes"}
    limits = {
        name: {names[side]: amount for side, amount in body[name].items()}
        for name in ("min_price", "max_price")
        if name in body
    }
    return {**body, "tax_included": "NO", **limits}


def _session_2_1_1(body: Mapping[str, Any], location: Json | None) -> Json:
    renamed = {"start_date_time": "start_datetime", "end_date_time": "end_datetime"}
    told = _costs(_without(body, "sessions"), _number)
    told = {renamed.get(name, name): value for name, value in told.items()}
    for name in ("location_id", "evse_uid", "connector_id"):
        told.pop(name, None)
    return {**told, **_used(body, location)}


def _cdr_2_1_1(body: Mapping[str, Any], location: Json | None) -> Json:
    told = _costs(_without(body, "cdrs"), _number)
    told["stop_date_time"] = told.pop("end_date_time")
    told.pop("cdr_location")
    for name in [name for name in told if name.endswith("_cost") and name != "total_cost"]:
        del told[name]  # the version knows the total only
    tariffs = [_tariff_2_1_1(tariff, None) for tariff in told["tariffs"]]
    return {**told, **_used(body, location), "tariffs": tariffs}


def _used(body: Mapping[str, Any], location: Json | None) -> Json:
    """Who charged where, and the periods: which name no tariff in 2.1.1."""
    told: Json = {}
    if "cdr_token" in body:  # a patch names no token
        told = {"auth_id": body["cdr_token"]["contract_id"], "auth_method": "AUTH_REQUEST"}
    if location is not None:
        told["location"] = _location_2_1_1(location, None)
    if "charging_periods" in body:
        told["charging_periods"] = [_but(one, {"tariff_id"}) for one in body["charging_periods"]]
    return told


def _cdr_2_3_0(body: Mapping[str, Any], _: Json | None) -> Json:
    tariffs = [_tariff_2_3_0(tariff, None) for tariff in body["tariffs"]]
    return {**_costs(body, _taxed), "tariffs": tariffs}


def _without(body: Mapping[str, Any], module: str) -> Json:
    return _but(body, _NOT_IN_2_1_1[module])


def _but(body: Mapping[str, Any], names: set[str]) -> Json:
    return {name: value for name, value in body.items() if name not in names}


_WRITERS: dict[tuple[str, str], Callable[[Mapping[str, Any], Json | None], Json]] = {
    ("2.1.1", "locations"): _location_2_1_1,
    ("2.1.1", "tariffs"): _tariff_2_1_1,
    ("2.1.1", "sessions"): _session_2_1_1,
    ("2.1.1", "cdrs"): _cdr_2_1_1,
    ("2.3.0", "tariffs"): _tariff_2_3_0,
    ("2.3.0", "sessions"): lambda body, _: _costs(body, _taxed),
    ("2.3.0", "cdrs"): _cdr_2_3_0,
}
