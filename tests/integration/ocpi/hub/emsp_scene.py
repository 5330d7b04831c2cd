"""A partner's eMSP and a CPO, both speaking OCPI with the channel over its real handlers."""

from dataclasses import replace
from typing import Any

from chalice.test import Client

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.ocpi.language import VERSIONS
from chalicelib.ports.store import Delete, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.connection.invite import invite_emsp
from chalicelib.usecases.connection.read import connection_of, connection_record, token_hash
from sandbox.memory.world import PARTNERS, PEER, World
from tests.integration.ocpi.conftest import Peer

AT = "2026-11-16T07:00:00Z"
PARTNER = PARTNERS[PaymentMethod.PREPAID]
EMSP_URL = "https://app.example/ocpi/versions"
EMSP_CREDENTIALS: dict[str, Any] = {
    "token": "emsp-token",
    "url": EMSP_URL,
    "roles": [
        {
            "role": "EMSP",
            "country_code": "NL",
            "party_id": "APP",
            "business_details": {"name": "App"},
        }
    ],
}
TARIFF: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "RHE",
    "id": "T1",
    "currency": "EUR",
    "elements": [
        {"price_components": [{"type": "ENERGY", "price": 0.49, "vat": 19, "step_size": 1}]}
    ],
    "last_updated": AT,
    "x_house": "kept",
}
LOCATION: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "RHE",
    "id": "L1",
    "publish": True,
    "name": "Domplatz",
    "address": "Domplatz 1",
    "city": "Köln",
    "postal_code": "50667",
    "country": "DEU",
    "coordinates": {"latitude": "50.9413000", "longitude": "6.9583000"},
    "time_zone": "Europe/Berlin",
    "evses": [
        {
            "uid": "E1",
            "evse_id": "DE*RHE*E1",
            "status": "AVAILABLE",
            "x_lamp": "green",
            "connectors": [
                {
                    "id": "1",
                    "standard": "IEC_62196_T2_COMBO",
                    "format": "CABLE",
                    "power_type": "DC",
                    "max_voltage": 500,
                    "max_amperage": 300,
                    "tariff_ids": ["T1"],
                    "last_updated": AT,
                }
            ],
            "last_updated": AT,
        }
    ],
    "last_updated": AT,
}
TOKEN: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "APP",
    "uid": "0482AB",
    "type": "RFID",
    "contract_id": "NL-APP-C0482AB-7",
    "visual_number": "1234",
    "issuer": "App",
    "valid": True,
    "whitelist": "NEVER",
    "last_updated": AT,
}


def loosely_told(id_: str = "L1", evse_uid: str = "E1", tariff_id: str = "T1") -> dict[str, Any]:
    """The location as CPOs do tell it, and as an eMSP may not be told."""
    known = LOCATION["evses"][0]
    plug = {
        **known["connectors"][0],
        "max_voltage": "500",
        "max_amperage": None,
        "max_electric_power": "150000.0",
        "format": "cable",
        "tariff_ids": [tariff_id],
        "last_updated": "2026-11-16 09:00:00+02:00",
    }
    return {
        **LOCATION,
        "id": id_,
        "name": None,
        "postal_code": 50667,
        "coordinates": {"latitude": 50.9413, "longitude": 6.95},
        "charging_when_closed": "perhaps",
        "evses": [{**known, "uid": evse_uid, "connectors": [plug], "capabilities": "RESERVABLE"}],
    }


def connected_cpo(world: World, client: Client) -> Peer:
    """The world's CPO with a token, and its network as it tells it by OCPI."""
    record = connection_record(world.ports, PEER)
    known = replace(record.value, token_hash=token_hash("cpo-token"), endpoints={})
    world.ports.store.write(record.put(known))
    world.ports.store.write(Put(keys.ocpi_token(known.token_hash), {"peer_id": PEER}))
    world.ports.store.write(Put(Key(keys.peers(), PEER), {}))
    for row in world.ports.store.query(keys.tariff_versions(PEER, "DE", "RHE", "T1")):
        world.ports.store.write(Delete(row.key))  # it tells the tariff itself
    cpo = Peer(client, "cpo-token", known)
    assert cpo.send("PUT", "/ocpi/2.2.1/tariffs/DE/RHE/T1", TARIFF).status == 1000
    assert cpo.send("PUT", "/ocpi/2.2.1/locations/DE/RHE/L1", LOCATION).status == 1000
    return cpo


def invited_emsp(world: World, client: Client, version: str = "2.2.1") -> Peer:
    world.ports.cpos.versions = VERSIONS
    invitation = invite_emsp(world.ports, PARTNER, ["NL*APP"])
    return Peer(client, invitation.token, invitation.connection, version)


def connected_emsp(world: World, client: Client, version: str = "2.2.1") -> Peer:
    emsp = invited_emsp(world, client, version)
    answer = emsp.send("POST", "/ocpi/2.2.1/credentials", EMSP_CREDENTIALS)
    assert answer.status == 1000, answer.message
    emsp.token = answer.data["token"]
    emsp.connection = connection_of(world.ports, emsp.connection.id)
    return emsp
