"""What does an eMSP of 2.3.0 see otherwise than one of 2.2.1? Money, and who we are."""

from typing import Any

import pytest
from chalice.test import Client

from chalicelib.usecases.connection.read import connection_of
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.card_scene import YES, hold, tell
from tests.integration.ocpi.hub.charge_scene import BASE, SINCE, Charge, Wire, whole
from tests.integration.ocpi.hub.emsp_scene import EMSP_CREDENTIALS, TARIFF, connected_emsp

PAID = {"before_taxes": 14.7, "taxes": [{"name": "VAT", "amount": 2.79}]}


@pytest.fixture
def emsp(world: World, client: Client, cpo: Peer) -> Peer:
    assert cpo.token
    return connected_emsp(world, client, "2.3.0")


def publish(cpo: Peer, **other: Any) -> None:
    cpo.version = "2.3.0"
    body = {**TARIFF, "id": "T3", "tax_included": "NO", **other}
    assert cpo.send("PUT", "/ocpi/2.2.1/tariffs/DE/RHE/T3", body).status == 1000


def of_id(emsp: Peer, id_: str) -> list[Any]:
    return [one for one in emsp.send("GET", f"{BASE}/tariffs").data if one["id"] == id_]


def test_it_registers_and_is_told_of_the_hub_by_a_member(world: World, emsp: Peer) -> None:
    known = connection_of(world.ports, emsp.connection.id)
    assert known.version == "2.3.0"
    ours = emsp.send("GET", "/ocpi/2.2.1/credentials").data
    assert ours["hub_party_id"] == "DEPLG"
    assert {one["role"] for one in ours["roles"]} == {"CPO"}
    details = emsp.send("GET", "/ocpi/2.2.1").data
    urls = {one["identifier"]: one["url"] for one in details["endpoints"]}
    assert urls["locations"] == "https://channel.example/ocpi/2.3.0/cpo/locations/"


def test_what_it_pays_is_told_with_its_taxes(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    whole(world, cpo, emsp)
    (cdr,) = wire.to("cdrs.RECEIVER")
    assert cdr["total_cost"] == cdr["total_energy_cost"] == PAID
    assert cdr["tariffs"][0]["tax_included"] == "NO"
    assert wire.to("sessions.RECEIVER")[-1]["total_cost"] == PAID
    assert emsp.send("GET", f"{BASE}/cdrs").data == [cdr]
    assert emsp.send("GET", f"{BASE}/sessions?{SINCE}").data[0]["total_cost"] == PAID


def test_a_bill_that_is_taken_back_is_taken_back_in_the_same_form(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = whole(world, cpo, emsp)
    world.ports.clock.forward(minutes=1)
    charge.cdr(-14.7, -17.49, id="C-2", credit=True, credit_reference_id="C-1")
    back = wire.to("cdrs.RECEIVER")[-1]
    assert (back["id"], back["credit_reference_id"]) == ("C-2", "C-1")
    assert back["total_cost"] == {
        "before_taxes": -14.7,
        "taxes": [{"name": "VAT", "amount": -2.79}],
    }


def test_prices_with_tax_in_them_can_be_said(cpo: Peer, emsp: Peer) -> None:
    component = {"type": "ENERGY", "price": 0.59, "vat": 19, "step_size": 1}
    publish(cpo, tax_included="YES", elements=[{"price_components": [component]}])
    (told,) = of_id(emsp, "T3")
    assert told["tax_included"] == "YES"
    assert told["elements"][0]["price_components"][0]["price"] == 0.59


def test_limits_and_a_preauthorisation_are_told_as_2_3_0_calls_them(cpo: Peer, emsp: Peer) -> None:
    limit = {"before_taxes": 10, "after_taxes": 11.9}
    publish(cpo, max_price=limit, preauthorize_amount="75.5")
    (told,) = of_id(emsp, "T3")
    assert (told["max_price"], told["preauthorize_amount"]) == (limit, 75.5)


def test_a_card_is_asked_for_and_charged_in_the_same_version(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    tell(emsp)
    wire.says = YES
    charge = Charge(world, cpo, by_card=hold(cpo).data["authorization_reference"])
    charge.put("ACTIVE", 1, 1)
    charge.put("COMPLETED", 30, 59)
    charge.cdr()
    assert "/ocpi/2.3.0/tokens.SENDER/" in wire.sent[0][1]
    (cdr,) = wire.to("cdrs.RECEIVER")
    assert (cdr["auth_method"], cdr["total_cost"]) == ("AUTH_REQUEST", PAID)


def test_an_emsp_of_2_2_1_changes_to_2_3_0_by_put(world: World, client: Client, cpo: Peer) -> None:
    assert cpo.token
    older = connected_emsp(world, client)
    older.version = "2.3.0"
    answer = older.send("PUT", "/ocpi/2.2.1/credentials", EMSP_CREDENTIALS)
    assert answer.status == 1000
    assert connection_of(world.ports, older.connection.id).version == "2.3.0"
