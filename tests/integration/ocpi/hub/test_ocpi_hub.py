"""What does a partner's eMSP see of us? The CPOs that it reaches, as if it were connected to each.

Over the real handlers: registration, network and tokens; sessions in test_ocpi_hub_sessions.py.
"""

from dataclasses import replace
from typing import Any

import pytest
from chalice.test import Client

from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.errors import Invalid
from chalicelib.usecases.connection.invite import invite, invite_emsp
from chalicelib.usecases.connection.read import (
    connection_of,
    connection_record,
    connections,
    emsps,
)
from chalicelib.usecases.tariff.addressed import address_tariff
from sandbox.memory.world import CPO, PARTNERS, PEER, World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.emsp_scene import (
    EMSP_CREDENTIALS,
    LOCATION,
    PARTNER,
    TARIFF,
    TOKEN,
    connected_emsp,
    invited_emsp,
    loosely_told,
)

BASE = "/ocpi/2.2.1/cpo"
LATER = "2026-11-16T09:30:00Z"
ROLE = EMSP_CREDENTIALS["roles"][0]
TO_CPO = {"OCPI-to-country-code": "DE", "OCPI-to-party-id": "RHE"}
FROM = {"OCPI-from-country-code": "NL", "OCPI-from-party-id": "APP"}
TOKEN_PATH = f"{BASE}/tokens/NL/APP/0482AB"


class TestRegistration:
    def test_an_emsp_registers_with_the_hub_and_the_cpos_behind_it(
        self, world: World, client: Client, cpo: Peer
    ) -> None:
        assert cpo.token
        emsp = invited_emsp(world, client)
        assert [one["version"] for one in emsp.send("GET", "/ocpi/versions").data] == [
            "2.3.0",
            "2.2.1",
        ]
        answer = emsp.send("POST", "/ocpi/2.2.1/credentials", EMSP_CREDENTIALS)
        roles = [
            (role["role"], role["country_code"], role["party_id"]) for role in answer.data["roles"]
        ]
        assert roles == [("HUB", "DE", "PLG"), ("CPO", "DE", "RHE")]
        known = connection_of(world.ports, emsp.connection.id)
        assert (known.partner_id, known.announced, known.version) == (PARTNER, ("NL*APP",), "2.2.1")
        assert emsps(world.ports) == [known]
        assert [one.id for one in connections(world.ports)] == [PEER]  # nobody pulls an eMSP

    def test_its_endpoints_are_those_of_a_cpo(self, emsp: Peer) -> None:
        details = emsp.send("GET", "/ocpi/2.2.1").data
        assert details["version"] == "2.2.1"
        told = {one["identifier"]: (one["role"], one["url"]) for one in details["endpoints"]}
        base = "https://channel.example/ocpi/2.2.1"
        assert told["locations"] == ("SENDER", f"{base}/cpo/locations/")
        assert told["tokens"] == ("RECEIVER", f"{base}/cpo/tokens/")
        assert told["credentials"][1] == f"{base}/credentials/"

    @pytest.mark.parametrize(
        ("roles", "code"),
        [
            ([{**ROLE, "role": "CPO"}], "roles"),
            ([{**ROLE, "party_id": "XYZ"}], "identity_not_bound"),
            ([], "roles"),
        ],
    )
    def test_who_is_not_the_agreed_emsp_is_refused_and_nothing_is_written(
        self, world: World, client: Client, roles: list[Any], code: str
    ) -> None:
        emsp = invited_emsp(world, client)
        before = world.ports.store.dump()
        body = {**EMSP_CREDENTIALS, "roles": roles}
        answer = emsp.send("POST", "/ocpi/2.2.1/credentials", body)
        assert (answer.status, code in answer.message) == (2001, True)
        assert world.ports.store.dump() == before

    def test_2_1_1_cannot_tell_the_cpos_behind_us_apart(self, world: World, client: Client) -> None:
        emsp = invited_emsp(world, client)
        assert "2.1.1" not in [one["version"] for one in emsp.send("GET", "/ocpi/versions").data]
        party = {"country_code": "NL", "party_id": "APP", "business_details": {"name": "App"}}
        body = {"token": "emsp-token", "url": EMSP_CREDENTIALS["url"], **party}
        assert emsp.send("POST", "/ocpi/2.1.1/credentials", body).status == 3002
        for path in ("/ocpi/2.1.1", "/ocpi/2.1.1/credentials"):
            assert emsp.send("GET", path).status == 3002
        assert emsps(world.ports) == []

    def test_each_side_may_call_its_own_endpoints_only(self, emsp: Peer, cpo: Peer) -> None:
        path = "/ocpi/2.2.1/locations/NL/APP/L9"
        location = {**LOCATION, "country_code": "NL", "party_id": "APP", "id": "L9"}
        for answer in (
            emsp.send("PUT", path, location),
            emsp.send("GET", "/ocpi/2.2.1/tokens"),
            cpo.send("GET", f"{BASE}/locations"),
            cpo.send("PUT", TOKEN_PATH, TOKEN),
        ):
            assert (answer.http, answer.status) == (403, 2000)
            assert "wrong_side" in answer.message

    def test_a_cpo_is_not_invited_as_an_emsp(self, world: World) -> None:
        with pytest.raises(Invalid, match="not a demand partner"):
            invite_emsp(world.ports, CPO, ["DE*RHE"])


class TestLocations:
    def test_they_are_told_as_their_cpo_told_them(self, emsp: Peer) -> None:
        answer = emsp.send("GET", f"{BASE}/locations")
        assert answer.data == [LOCATION]
        assert answer.headers["X-Total-Count"] == "1"
        assert "Link" not in answer.headers

    def test_one_is_found_by_its_id_and_so_are_its_parts(self, emsp: Peer) -> None:
        evse = LOCATION["evses"][0]
        assert emsp.send("GET", f"{BASE}/locations/L1").data == LOCATION
        assert emsp.send("GET", f"{BASE}/locations/l1/E1").data == evse
        assert emsp.send("GET", f"{BASE}/locations/L1/E1/1").data == evse["connectors"][0]
        unknown = emsp.send("GET", f"{BASE}/locations/L2")
        assert (unknown.http, unknown.status) == (404, 2003)
        assert emsp.send("GET", f"{BASE}/locations/L1/E9").http == 404

    def test_the_routing_headers_name_who_answers_and_who_asked(self, emsp: Peer) -> None:
        direct = emsp.send("GET", f"{BASE}/locations/L1", headers={**TO_CPO, **FROM}).headers
        assert (direct["OCPI-from-party-id"], direct["OCPI-to-party-id"]) == ("RHE", "APP")
        every = emsp.send("GET", f"{BASE}/locations", headers=FROM).headers
        assert (every["OCPI-from-party-id"], every["OCPI-to-party-id"]) == ("PLG", "APP")
        unknown = {"OCPI-to-country-code": "FR", "OCPI-to-party-id": "XXX"}
        answer = emsp.send("GET", f"{BASE}/locations", headers=unknown)
        assert (answer.http, answer.status, answer.data) == (200, 4001, None)
        foreign = {"OCPI-from-country-code": "FR", "OCPI-from-party-id": "XXX"}
        assert (
            "identity_not_bound" in emsp.send("GET", f"{BASE}/locations", headers=foreign).message
        )

    def test_pages_follow_each_other_and_a_span_selects_by_last_update(
        self, emsp: Peer, cpo: Peer
    ) -> None:
        for number in range(2, 5):
            path, at = f"/ocpi/2.2.1/locations/DE/RHE/L{number}", f"2026-11-16T07:{number}0:00Z"
            body = {**LOCATION, "id": f"L{number}", "last_updated": at}
            assert cpo.send("PUT", path, body).status == 1000
        first = emsp.send("GET", f"{BASE}/locations?limit=3")
        assert [one["id"] for one in first.data] == ["L1", "L2", "L3"]
        assert "offset=3&limit=3" in first.headers["Link"]
        rest = emsp.send("GET", f"{BASE}/locations?limit=3&offset=3")
        assert ([one["id"] for one in rest.data], "Link" in rest.headers) == (["L4"], False)
        span = "date_from=2026-11-16T07:20:00Z&date_to=2026-11-16T07:40:00Z"
        some = emsp.send("GET", f"{BASE}/locations?{span}")
        assert [one["id"] for one in some.data] == ["L2", "L3"]
        assert some.headers["X-Total-Count"] == "2"
        assert emsp.send("GET", f"{BASE}/locations?limit=0").status == 2001

    def test_a_private_location_is_not_told(self, emsp: Peer, cpo: Peer) -> None:
        body = {**LOCATION, "id": "L2", "publish": False}
        assert cpo.send("PUT", "/ocpi/2.2.1/locations/DE/RHE/L2", body).status == 1000
        assert [one["id"] for one in emsp.send("GET", f"{BASE}/locations").data] == ["L1"]

    def test_the_same_id_at_two_cpos_needs_an_address(
        self, world: World, client: Client, cpo: Peer
    ) -> None:
        assert cpo.send("GET", "/ocpi/2.2.1/locations/DE/RHE/L1").status == 1000
        other = invite(world.ports, CPO, {"DE*OST": CPO})
        registered(world, other.connection)
        body = {**LOCATION, "party_id": "OST", "name": "Ost"}
        peer = Peer(client, other.token, other.connection)
        assert peer.send("PUT", "/ocpi/2.2.1/locations/DE/OST/L1", body).status == 1000
        emsp = connected_emsp(world, client)
        assert len(emsp.send("GET", f"{BASE}/locations").data) == 2
        assert "location_ambiguous" in emsp.send("GET", f"{BASE}/locations/L1").message
        named = emsp.send("GET", f"{BASE}/locations/L1", headers=TO_CPO)
        assert named.data["name"] == "Domplatz"
        assert len(emsp.send("GET", f"{BASE}/locations", headers=TO_CPO).data) == 1

    def test_what_its_cpo_told_loosely_is_told_in_ocpis_form(self, emsp: Peer, cpo: Peer) -> None:
        assert cpo.send("PUT", "/ocpi/2.2.1/locations/DE/RHE/L1", loosely_told()).status == 1000
        told = emsp.send("GET", f"{BASE}/locations/L1").data
        assert (told["postal_code"], told["name"]) == ("50667", "Domplatz 1")
        evse = told["evses"][0]
        assert evse["capabilities"] == ["RESERVABLE"]
        plug = evse["connectors"][0]
        assert (plug["max_voltage"], plug["max_electric_power"]) == (500, 150_000)
        assert plug["last_updated"] == "2026-11-16T07:00:00Z"
        assert plug["max_amperage"] == 375  # it must be told: by the power
        assert "charging_when_closed" not in told

    def test_a_location_of_2_1_1_is_told_in_the_form_of_2_2_1(self, emsp: Peer, cpo: Peer) -> None:
        plug = {
            "id": "1",
            "standard": "IEC_62196_T2",
            "format": "SOCKET",
            "power_type": "AC_3_PHASE",
            "voltage": 230,
            "amperage": 32,
            "tariff_id": "T1",
            "last_updated": LATER,
        }
        old = {name: LOCATION[name] for name in ("id", "address", "city", "country", "coordinates")}
        evse = {"uid": "E1", "status": "AVAILABLE", "connectors": [plug], "last_updated": LATER}
        body = {**old, "type": "ON_STREET", "evses": [evse], "last_updated": LATER}
        cpo.version = "2.1.1"
        assert cpo.send("PUT", "/ocpi/2.1.1/locations/DE/RHE/L1", body).status == 1000
        told = emsp.send("GET", f"{BASE}/locations/L1").data
        assert (told["country_code"], told["party_id"], told["publish"]) == ("DE", "RHE", True)
        assert (told["parking_type"], told["time_zone"]) == ("ON_STREET", "Europe/Berlin")
        written = told["evses"][0]["connectors"][0]
        assert (written["max_voltage"], written["tariff_ids"]) == (230, ["T1"])
        assert "type" not in told
        assert not {"voltage", "tariff_id"} & written.keys()


def registered(world: World, connection: Any) -> None:
    record = connection_record(world.ports, connection.id)
    known = replace(record.value, state=ConnectionState.REGISTERED, version="2.2.1")
    world.ports.store.write(record.put(known))


class TestTariffs:
    def test_they_are_told_as_their_cpo_told_them(self, emsp: Peer) -> None:
        answer = emsp.send("GET", f"{BASE}/tariffs")
        assert (answer.data, answer.headers["X-Total-Count"]) == ([TARIFF], "1")
        assert emsp.send("GET", f"{BASE}/tariffs?date_from={LATER}").data == []

    def test_a_price_for_another_partner_is_told_to_nobody_else(
        self, world: World, emsp: Peer, cpo: Peer
    ) -> None:
        other = {**TARIFF, "id": "T2"}
        assert cpo.send("PUT", "/ocpi/2.2.1/tariffs/DE/RHE/T2", other).status == 1000
        assert len(emsp.send("GET", f"{BASE}/tariffs").data) == 2
        owner, card = ("DE", "RHE"), next(iter(PARTNERS.values()))
        address_tariff(world.ports, PEER, owner, "T2", card, "T1", "staff")
        assert emsp.send("GET", f"{BASE}/tariffs").data == [TARIFF]

    def test_a_price_of_its_own_stands_where_the_public_one_stood(
        self, world: World, emsp: Peer, cpo: Peer
    ) -> None:
        own = {**TARIFF, "id": "T2"}
        assert cpo.send("PUT", "/ocpi/2.2.1/tariffs/DE/RHE/T2", own).status == 1000
        address_tariff(world.ports, PEER, ("DE", "RHE"), "T2", PARTNER, "T1", "staff")
        told = emsp.send("GET", f"{BASE}/locations/L1/E1/1").data
        assert told["tariff_ids"] == ["T2", "T1"]

    def test_one_that_2_2_1_cannot_say_is_left_out(
        self, world: World, emsp: Peer, cpo: Peer
    ) -> None:
        world.ports.clock.forward(minutes=1)
        taxed = {**TARIFF, "tax_included": "YES", "last_updated": LATER}
        cpo.version = "2.3.0"
        assert cpo.send("PUT", "/ocpi/2.3.0/tariffs/DE/RHE/T1", taxed).status == 1000
        assert emsp.send("GET", f"{BASE}/tariffs").data == []
