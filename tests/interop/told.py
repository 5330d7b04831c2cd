"""What does the foreign CPO tell, in two versions: a site, a tariff, a session and its CDR?"""

from typing import Any

Json = dict[str, Any]
PARTY = {"country_code": "DE", "party_id": "EXW"}
BEGIN, END = "2026-11-20T08:01:00Z", "2026-11-20T08:31:00Z"
KWH, PRICE = 20, 0.49


def location(version: str, status: str = "AVAILABLE", at: str = "2026-11-20T07:00:00Z") -> Json:
    old = version == "2.1.1"
    connector: Json = {
        "id": "1",
        "standard": "IEC_62196_T2_COMBO",
        "format": "CABLE",
        "power_type": "DC",
        "last_updated": at,
    }
    if old:
        connector |= {"voltage": 400, "amperage": 300, "tariff_id": "T1"}
    else:
        connector |= {"max_voltage": 400, "max_amperage": 300, "tariff_ids": ["T1"]}
    evse = {
        "uid": "EVSE1",
        "evse_id": "DE*EXW*E1",
        "status": status,
        "connectors": [connector],
        "last_updated": at,
    }
    site: Json = {
        "id": "LOC1",
        "name": "Rathaus",
        "address": "Markt 1",
        "city": "Köln",
        "postal_code": "50667",
        "country": "DEU",
        "coordinates": {"latitude": "50.938", "longitude": "6.960"},
        "evses": [evse],
        "time_zone": "Europe/Berlin",
        "last_updated": at,
    }
    return site | ({"type": "ON_STREET"} if old else {**PARTY, "publish": True})


def tariff(version: str, price: float = PRICE, at: str = "2026-11-19T00:00:00Z") -> Json:
    component: Json = {"type": "ENERGY", "price": price, "step_size": 1}
    told: Json = {
        "id": "T1",
        "currency": "EUR",
        "elements": [{"price_components": [component]}],
        "last_updated": at,
    }
    if version != "2.1.1":
        component["vat"] = 19
        told |= PARTY
    return told


def period(version: str, kwh: float, tariff_id: str = "T1") -> Json:
    told: Json = {
        "start_date_time": BEGIN,
        "dimensions": [{"type": "ENERGY", "volume": kwh}, {"type": "TIME", "volume": 0.5}],
    }
    return told if version == "2.1.1" else told | {"tariff_id": tariff_id}


def session(version: str, token: Json, reference: str, status: str, kwh: float, at: str) -> Json:
    told: Json = {
        "id": "SES1",
        "kwh": kwh,
        "auth_method": "AUTH_REQUEST" if version == "2.1.1" else "COMMAND",
        "currency": "EUR",
        "charging_periods": [period(version, kwh)] if kwh else [],
        "status": status,
        "last_updated": at,
    }
    ended = {"end": END} if status == "COMPLETED" else {}
    if version == "2.1.1":
        dates = {"start_datetime": BEGIN, **{f"{name}_datetime": END for name in ended}}
        return told | dates | {"auth_id": token["auth_id"], "location": location(version)}
    dates = {"start_date_time": BEGIN, **{f"{name}_date_time": END for name in ended}}
    place = {"location_id": "LOC1", "evse_uid": "EVSE1", "connector_id": "1"}
    return told | dates | place | PARTY | _by(token, reference)


def cdr(version: str, token: Json, reference: str, price: float = PRICE) -> Json:
    told: Json = {
        "id": "CDR1",
        "start_date_time": BEGIN,
        "end_date_time": END,
        "auth_method": "AUTH_REQUEST" if version == "2.1.1" else "COMMAND",
        "currency": "EUR",
        "tariffs": [tariff(version, price)],
        "charging_periods": [period(version, KWH)],
        "total_energy": KWH,
        "total_time": 0.5,
        "last_updated": END,
    }
    if version == "2.1.1":
        site = {"total_cost": KWH * price, "auth_id": token["auth_id"]}
        return told | site | {"location": location(version)}
    site = {
        "session_id": "SES1",
        "total_cost": {"excl_vat": KWH * price, "incl_vat": round(KWH * price * 1.19, 4)},
        "cdr_location": {
            "id": "LOC1",
            "address": "Markt 1",
            "city": "Köln",
            "postal_code": "50667",
            "country": "DEU",
            "coordinates": {"latitude": "50.938", "longitude": "6.960"},
            "evse_uid": "EVSE1",
            "evse_id": "DE*EXW*E1",
            "connector_id": "1",
            "connector_standard": "IEC_62196_T2_COMBO",
            "connector_format": "CABLE",
            "connector_power_type": "DC",
        },
    }
    return told | site | PARTY | _by(token, reference)


def _by(token: Json, reference: str) -> Json:
    names = ("uid", "type", "contract_id")
    owner = {"country_code": token.get("country_code"), "party_id": token.get("party_id")}
    kept = {name: token[name] for name in names}
    return {"cdr_token": {**owner, **kept}, "authorization_reference": reference}
