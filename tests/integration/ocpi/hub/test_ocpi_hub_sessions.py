"""How does a charge go that an eMSP starts by OCPI? As by the API, told in OCPI's objects."""

from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.session.session import SessionState
from chalicelib.ports.store import Delete
from chalicelib.usecases import keys
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import (
    BASE,
    SINCE,
    Wire,
    whole,
)
from tests.integration.ocpi.hub.emsp_scene import TOKEN


def test_a_whole_life_from_start_to_cdr(world: World, cpo: Peer, emsp: Peer, wire: Wire) -> None:
    charge = whole(world, cpo, emsp)
    session = charge.session
    assert (session.state, session.payment.method) == (SessionState.BILLED, PaymentMethod.PREPAID)
    token = world.ports.cpos.starts[-1].token  # to the CPO the driver is ours, by whatever contract
    assert token.contract_id.startswith("DE-PLG-")
    assert wire.to("/results/1") == [{"result": "ACCEPTED"}]
    told = wire.to("sessions.RECEIVER/DE/RHE/")
    assert [one["status"] for one in told] == ["ACTIVE", "COMPLETED", "COMPLETED"]
    names = {"id": session.id, "authorization_reference": "app-ref-7", "location_id": "L1"}
    assert all(names.items() <= one.items() for one in told)
    assert all(one["cdr_token"]["uid"] == TOKEN["uid"] for one in told)
    assert [one["last_updated"] for one in told] == sorted(one["last_updated"] for one in told)
    (cdr,) = wire.to("cdrs.RECEIVER")
    assert session.bill is not None
    assert cdr["total_cost"] == {"excl_vat": 14.7, "incl_vat": 17.49}
    assert Decimal(str(cdr["total_cost"]["incl_vat"])) == session.bill.gross.exact
    assert (cdr["id"], cdr["session_id"]) == ("C-1", session.id)
    assert cdr["cdr_token"] == {
        name: TOKEN[name] for name in ("country_code", "party_id", "uid", "type", "contract_id")
    }
    assert cdr["signed_data"]["encoding_method"] == "OCMF"
    assert cdr["cdr_location"]["address"] == "Domplatz 1"
    assert [one["id"] for one in cdr["tariffs"]] == ["T1"]
    assert cdr["total_energy_cost"] == {"excl_vat": 14.7, "incl_vat": 17.49}


def test_every_push_is_routed_from_the_cpo_to_the_emsp(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    whole(world, cpo, emsp)
    routed = {
        "OCPI-from-country-code": "DE",
        "OCPI-from-party-id": "RHE",
        "OCPI-to-country-code": "NL",
        "OCPI-to-party-id": "APP",
    }
    assert len(wire.sent) == 5
    assert all(routed.items() <= headers.items() for _, _, headers, _ in wire.sent)
    methods = {method for method, url, *_ in wire.sent if "sessions" in url}
    assert methods == {"PUT"}


def test_the_money_is_that_of_a_session_by_the_api(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    ours = whole(world, cpo, emsp).session
    theirs = world.bill(world.charge(PaymentMethod.PREPAID), incl="17.49")
    assert wire.sent
    assert ours.bill is not None
    assert ours.bill == theirs.bill
    splits = [
        sorted((str(part.account), part.money.minor) for part in sale.postings)
        for sale in (world.entries(session)["sale"] for session in (ours, theirs))
    ]
    assert splits[0] == splits[1]


def test_a_cpo_that_asks_for_more_is_told_to_the_emsp_at_the_published_price(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    session = whole(world, cpo, emsp, excl=20, incl=23.8).session
    (cdr,) = wire.to("cdrs.RECEIVER")
    assert session.bill is not None
    assert session.bill.claim is not None
    assert cdr["total_cost"] == {"excl_vat": 14.7, "incl_vat": 17.49}
    assert "total_energy_cost" not in cdr  # it would not add up
    assert "The published price counts" in cdr["remark"]


def test_a_bill_that_its_cpo_took_back_is_taken_back_from_the_emsp(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = whole(world, cpo, emsp)
    world.ports.clock.forward(minutes=1)
    charge.cdr(-14.7, -17.49, id="C-2", credit=True, credit_reference_id="C-1")
    assert charge.session.state is SessionState.CREDITED
    world.ports.clock.forward(minutes=1)
    charge.cdr(9.8, 11.66, 20, id="C-3")
    told = wire.to("cdrs.RECEIVER")
    names = ("id", "credit", "credit_reference_id")
    assert [tuple(one.get(name) for name in names) for one in told] == [
        ("C-1", None, None),
        ("C-2", True, "C-1"),
        ("C-3", None, None),
    ]
    assert [one["total_cost"]["incl_vat"] for one in told] == [17.49, -17.49, 11.66]
    assert emsp.send("GET", f"{BASE}/cdrs").data == told
    assert len(emsp.send("GET", f"{BASE}/cdrs?limit=2").data) == 2


@pytest.mark.parametrize("corrected", [False, True])
def test_a_bill_of_nothing_is_taken_back_from_the_emsp_too(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, *, corrected: bool
) -> None:
    charge = whole(world, cpo, emsp, excl=0, incl=0)
    world.ports.clock.forward(minutes=1)
    charge.cdr(0, 0, id="C-2", credit=True, credit_reference_id="C-1")
    assert charge.session.state is SessionState.CREDITED
    world.ports.clock.forward(minutes=1)
    if corrected:
        charge.cdr(0, 0, 20, id="C-3")
    told = wire.to("cdrs.RECEIVER")
    expected = [("C-1", None), ("C-2", "C-1"), *([("C-3", None)] if corrected else [])]
    assert [(one["id"], one.get("credit_reference_id")) for one in told] == expected
    assert {one["total_cost"]["incl_vat"] for one in told} == {0}
    assert emsp.send("GET", f"{BASE}/cdrs").data == told


def test_what_was_pushed_can_be_read(world: World, cpo: Peer, emsp: Peer, wire: Wire) -> None:
    whole(world, cpo, emsp)
    world.bill(world.charge(PaymentMethod.PREPAID))  # by the API: nothing of it is told here
    sessions = emsp.send("GET", f"{BASE}/sessions?{SINCE}")
    assert sessions.data == wire.to("sessions.RECEIVER")[-1:]
    assert sessions.headers["X-Total-Count"] == "1"
    assert emsp.send("GET", f"{BASE}/cdrs").data == wire.to("cdrs.RECEIVER")
    assert emsp.send("GET", f"{BASE}/cdrs?date_from=2026-11-17T00:00:00Z").data == []
    assert emsp.send("GET", f"{BASE}/sessions?date_from=2026-11-17T00:00:00Z").data == []
    assert "date_from" in emsp.send("GET", f"{BASE}/sessions").message
    to = {"OCPI-to-country-code": "DE", "OCPI-to-party-id": "RHE"}
    assert len(emsp.send("GET", f"{BASE}/cdrs", headers=to).data) == 1
    assert len(emsp.send("GET", f"{BASE}/sessions?{SINCE}", headers=to).data) == 1


def test_a_driver_whose_data_was_erased_is_told_without_a_name(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    session = whole(world, cpo, emsp).session
    world.ports.personal.write(Delete(keys.emsp_token(session.token_id)))
    (cdr,) = emsp.send("GET", f"{BASE}/cdrs").data
    assert (cdr["cdr_token"]["uid"], cdr["cdr_token"]["party_id"]) == ("#NA", "APP")
    assert wire.sent
