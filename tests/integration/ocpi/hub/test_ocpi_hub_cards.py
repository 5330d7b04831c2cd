"""What comes of an eMSP's card that its driver holds to a CPO's charger?"""

from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.session.session import SessionState
from chalicelib.usecases.charger_session.fold import fold
from sandbox.memory.world import PARTNERS, PEER, World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.card_scene import HERE, YES, hold, sessions, tell, wait
from tests.integration.ocpi.hub.charge_scene import (
    COMMAND,
    START,
    Charge,
    Wire,
    second_emsp,
    start,
)
from tests.integration.ocpi.hub.emsp_scene import TOKEN


def test_a_cpo_finds_the_card_among_our_tokens(cpo: Peer, card: dict[str, Any]) -> None:
    (listed,) = [one for one in cpo.send("GET", "/ocpi/2.2.1/tokens").data if one["type"] == "RFID"]
    ours = {"uid": card["uid"], "country_code": "DE", "party_id": "PLG", "whitelist": "NEVER"}
    assert ours.items() <= listed.items()
    assert listed["contract_id"] != card["contract_id"]


def test_a_whole_life_from_the_card_to_the_cdr(
    world: World, cpo: Peer, card: dict[str, Any], wire: Wire
) -> None:
    answer = hold(cpo)
    assert (answer.status, answer.data["allowed"]) == (1000, "ALLOWED")
    assert answer.data["location"] == HERE
    assert answer.data["info"] == YES["info"]
    charge = Charge(world, cpo, by_card=answer.data["authorization_reference"])
    assert charge.session.state.value == "starting"
    assert charge.session.payment.hold.minor > 0  # secured before any energy flows
    assert not world.ports.cpos.starts  # the driver starts it: nothing is commanded
    charge.put("ACTIVE", 1, 1)
    charge.put("COMPLETED", 30, 59)
    charge.cdr()
    session = charge.session
    assert (session.state, session.payment.method) == (SessionState.BILLED, PaymentMethod.PREPAID)
    told = wire.to("sessions.RECEIVER/DE/RHE/")
    assert [one["status"] for one in told] == ["ACTIVE", "COMPLETED", "COMPLETED"]
    (cdr,) = wire.to("cdrs.RECEIVER")
    for one in (*told, cdr):
        assert (one["auth_method"], one["authorization_reference"]) == (
            "AUTH_REQUEST",
            "their-ref-1",
        )
        assert one["cdr_token"]["contract_id"] == card["contract_id"]
    assert cdr["total_cost"] == {"excl_vat": 14.7, "incl_vat": 17.49}
    assert not wire.to("/results/")


def test_the_money_is_that_of_a_session_by_a_command(
    world: World, cpo: Peer, card: dict[str, Any], wire: Wire
) -> None:
    charge = Charge(world, cpo, by_card=hold(cpo).data["authorization_reference"])
    charge.put("ACTIVE", 1, 1)
    charge.put("COMPLETED", 30, 59)
    charge.cdr()
    theirs = world.bill(world.charge(PaymentMethod.PREPAID), incl="17.49")
    splits = [
        sorted((str(part.account), part.money.minor) for part in sale.postings)
        for sale in (world.entries(one)["sale"] for one in (charge.session, theirs))
    ]
    assert charge.session.bill == theirs.bill
    assert splits[0] == splits[1]
    assert card["whitelist"] == "NEVER"
    assert wire.sent


def test_the_emsp_is_asked_where_its_driver_stands(
    cpo: Peer, card: dict[str, Any], wire: Wire
) -> None:
    assert hold(cpo).data["allowed"] == "ALLOWED"
    ((method, url, headers, body),) = wire.sent
    assert method == "POST"
    assert url.endswith(f"/tokens.SENDER/{card['uid']}/authorize?type=RFID")
    assert body == HERE
    routed = {
        "OCPI-from-country-code": "DE",
        "OCPI-from-party-id": "RHE",
        "OCPI-to-country-code": "NL",
        "OCPI-to-party-id": "APP",
    }
    assert routed.items() <= headers.items()


@pytest.mark.usefixtures("card")
def test_what_is_asked_of_the_emsp_keeps_the_id_of_what_its_cpo_asked(
    cpo: Peer, wire: Wire
) -> None:
    hold(cpo, headers={"X-Correlation-ID": "corr-7", "X-Request-ID": "req-7"})
    ((_, _, headers, _),) = wire.sent
    assert headers["X-Correlation-ID"] == "corr-7"
    assert "X-Request-ID" not in headers  # each hop has its own


@pytest.mark.usefixtures("card")
def test_an_emsp_that_always_allows_its_token_is_not_asked(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    tell(emsp, whitelist="ALWAYS", last_updated="2026-11-16T07:10:00Z")
    charge = Charge(world, cpo, by_card=hold(cpo).data["authorization_reference"])
    assert not wire.sent
    charge.put("ACTIVE", 1, 1)
    (told,) = wire.to("sessions.RECEIVER")
    assert told["auth_method"] == "WHITELIST"
    assert "authorization_reference" not in told


@pytest.mark.usefixtures("card")
def test_the_same_card_asked_for_twice_is_one_session(world: World, cpo: Peer, wire: Wire) -> None:
    first, second = hold(cpo), hold(cpo)
    assert first.data == {**second.data, "info": YES["info"]}
    assert len(sessions(world)) == len(wire.to("/authorize")) == 1


@pytest.mark.usefixtures("card")
def test_the_card_begins_another_session_when_the_first_is_over(world: World, cpo: Peer) -> None:
    charge = Charge(world, cpo, by_card=hold(cpo).data["authorization_reference"])
    charge.put("ACTIVE", 1, 1)
    charge.put("COMPLETED", 30, 59)
    assert hold(cpo).data["authorization_reference"] != charge.reference
    assert len(sessions(world)) == 2


@pytest.mark.usefixtures("card")
def test_a_driver_who_started_by_app_only_shows_the_card(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = start(world, cpo, emsp)
    assert hold(cpo).data["authorization_reference"] == charge.reference
    assert not wire.to("/authorize")


@pytest.mark.usefixtures("card")
def test_a_driver_who_never_plugs_in_costs_nothing(world: World, cpo: Peer) -> None:
    charge = Charge(world, cpo, by_card=hold(cpo).data["authorization_reference"])
    wait(world, 60)
    assert charge.session.state is SessionState.ABANDONED
    assert charge.session.reason == "charger_never_started"
    assert hold(cpo).data["allowed"] == "ALLOWED"  # with the same balance again


@pytest.mark.usefixtures("card")
def test_a_uid_that_two_emsps_tell_is_the_first_ones_at_chargers(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    other = second_emsp(world, emsp, PARTNERS[PaymentMethod.INVOICE])
    assert "another eMSP" in tell(other, country_code="FR", party_id="TWO").message
    assert "another" not in tell(emsp).message
    hold(cpo)
    assert [headers["OCPI-to-party-id"] for _, _, headers, _ in wire.sent] == ["APP"]
    token = {**TOKEN, "country_code": "FR", "party_id": "TWO"}
    started = other.send("POST", START, {**COMMAND, "token": token})
    assert started.data["result"] == "ACCEPTED"  # by command it is as good as any
    world.settle()
    assert world.ports.cpos.starts[-1].token.type == "APP_USER"


@pytest.mark.usefixtures("card")
def test_a_cpo_that_does_not_echo_the_reference_is_asked_for_the_session(
    world: World, cpo: Peer
) -> None:
    charge = Charge(world, cpo, by_card=hold(cpo).data["authorization_reference"])
    charge.echoes = False
    charge.put("ACTIVE", 1, 1)
    assert charge.session.state.value == "starting"
    world.ports.cpos.reports.append(fold(world.ports.store, PEER, "DE", "RHE", "S-1"))
    wait(world, 15)
    assert charge.session.state.value == "charging"
