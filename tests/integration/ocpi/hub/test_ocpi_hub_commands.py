"""What may an eMSP command, and how is it answered?"""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.session.session import SessionState
from chalicelib.ports.cpo import CommandAnswer
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.token.list import partner_tokens
from chalicelib.usecases.webhook_endpoint.read import every
from sandbox.memory.world import PARTNERS, World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import (
    BASE,
    COMMAND,
    RESULT_URL,
    SINCE,
    START,
    STOP,
    Wire,
    second_emsp,
    start,
    whole,
)
from tests.integration.ocpi.hub.emsp_scene import PARTNER, TOKEN

_SECRET = "of-the-cpo"


def test_another_emsp_sees_and_stops_nothing_of_it(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 1)
    other = second_emsp(world, emsp, PARTNERS[PaymentMethod.INVOICE])
    assert other.send("GET", f"{BASE}/sessions?{SINCE}").data == []
    body = {"session_id": charge.session.id, "response_url": RESULT_URL}
    assert other.send("POST", STOP, body).data["result"] == "UNKNOWN_SESSION"
    foreign = other.send("POST", START, COMMAND)
    assert "identity_not_bound" in foreign.data["message"][0]["text"]
    assert charge.session.state is SessionState.CHARGING
    assert wire.sent


def test_a_stop_is_asked_of_the_charger_and_answered_when_it_has_stopped(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 1)
    body = {"session_id": charge.session.id, "response_url": "https://app.example/results/stop"}
    assert emsp.send("POST", STOP, body).data["result"] == "ACCEPTED"
    world.settle()
    assert world.ports.cpos.stops == ["S-1"]
    charge.put("COMPLETED", 2, 1)
    assert wire.to("/results/stop") == [{"result": "ACCEPTED"}]
    again = emsp.send("POST", STOP, body).data
    assert (again["result"], "ended already" in again["message"][0]["text"]) == ("REJECTED", True)


def test_whichever_push_of_the_cpo_arrives_first_answers_the_commands(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = start(world, cpo, emsp)
    body = {"session_id": charge.session.id, "response_url": "https://app.example/results/stop"}
    assert emsp.send("POST", STOP, body).data["result"] == "ACCEPTED"
    world.settle()
    assert not wire.to("/results/")
    world.ports.clock.forward(minutes=60)
    charge.cdr()  # every push of the session was lost
    assert wire.to("/results/1") == wire.to("/results/stop") == [{"result": "ACCEPTED"}]


def test_the_same_start_is_one_start_until_its_session_is_over(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    charge = start(world, cpo, emsp)
    start(world, cpo, emsp)
    world.ports.clock.forward(minutes=20)  # too late to begin, and perhaps it has all the same
    start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 1)
    start(world, cpo, emsp)
    assert len(world.ports.cpos.starts) == 1
    charge.put("COMPLETED", 30, 20)
    start(world, cpo, emsp)
    assert len(world.ports.cpos.starts) == 2
    assert wire.sent


def test_a_start_that_is_repeated_with_another_response_url_is_one_start(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    """As by an eMSP that did not hear our answer, and makes a URL for each attempt."""
    charge = start(world, cpo, emsp)
    other = {**COMMAND, "response_url": "https://app.example/results/again"}
    assert emsp.send("POST", START, other).data["result"] == "ACCEPTED"
    charge.put("ACTIVE", 1, 1)
    assert len(world.ports.cpos.starts) == 1
    assert wire.to("/results/again") == [{"result": "ACCEPTED"}]
    assert wire.to("/results/1") == []
    start(world, cpo, emsp, authorization_reference="app-ref-8")
    assert len(world.ports.cpos.starts) == 2, "another authorisation is another start"


def test_without_a_reference_another_body_is_another_start(
    world: World, emsp: Peer, wire: Wire
) -> None:
    bare = {name: told for name, told in COMMAND.items() if name != "authorization_reference"}
    for _ in range(2):
        assert emsp.send("POST", START, bare).data["result"] == "ACCEPTED"
    assert emsp.send("POST", START, {**bare, "note": "2"}).data["result"] == "ACCEPTED"
    world.settle()
    assert len(world.ports.cpos.starts) == 2
    assert not wire.to("/results/")


def test_a_charger_that_refuses_is_told_by_a_result(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    world.ports.cpos.answer = CommandAnswer.REJECTED
    charge = start(world, cpo, emsp)
    assert charge.session.state is SessionState.REFUSED
    (result,) = wire.to("/results/1")
    assert result == {
        "result": "REJECTED",
        "message": [{"language": "en", "text": "start_rejected"}],
    }
    assert wire.to("sessions.RECEIVER") == []
    assert emsp.send("GET", f"{BASE}/sessions?{SINCE}").data == []


def test_what_the_emsp_missed_is_delivered_later(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    wire.down = True
    whole(world, cpo, emsp)
    assert wire.sent == []
    wire.down = False
    for _ in range(3):
        world.ports.clock.forward(minutes=20)
        sweep(world.ports)
        world.settle()
    assert {one["status"] for one in wire.to("sessions.RECEIVER")} == {"COMPLETED"}
    assert len(wire.to("cdrs.RECEIVER")) == 1
    assert wire.to("/results/1") == [{"result": "ACCEPTED"}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"location_id": "L9"}, "location_unknown"),
        ({"evse_uid": "E9", "connector_id": "1"}, "evse_uid"),
        ({"connector_id": "9"}, "connector_id"),
        ({"token": {**TOKEN, "valid": False}}, "invalid (token)"),
        ({"token": {**TOKEN, "party_id": "XYZ"}}, "identity_not_bound"),
        ({"response_url": "https://127.0.0.1/x"}, "response_url"),
        ({"response_url": "http://app.example/x"}, "response_url"),
        ({"response_url": "https://user@app.example/x"}, "response_url"),
    ],
)
def test_a_start_that_cannot_be_is_rejected_with_its_reason(
    world: World, emsp: Peer, change: dict[str, Any], code: str
) -> None:
    before = world.ports.store.dump()
    answer = emsp.send("POST", START, {**COMMAND, **change})
    assert (answer.http, answer.status, answer.data["result"]) == (200, 1000, "REJECTED")
    assert code in answer.data["message"][0]["text"]
    assert world.ports.store.dump() == before


def test_a_command_without_a_reading_is_refused(world: World, emsp: Peer) -> None:
    before = world.ports.store.dump()
    for body in ({}, {**COMMAND, "token": "x"}, {**COMMAND, "location_id": ["x"]}):
        assert (emsp.send("POST", START, body).http, emsp.send("POST", STOP, body).status) == (
            200,
            2001,
        )
    assert emsp.send("POST", START, raw=b"{").http == 400
    unlock = emsp.send("POST", f"{BASE}/commands/UNLOCK_CONNECTOR", {})
    assert unlock.data["result"] == "NOT_SUPPORTED"
    assert emsp.send("POST", f"{BASE}/commands/EXPLODE", {}).status == 2001
    unknown = {"session_id": "ses_other", "response_url": RESULT_URL}
    assert emsp.send("POST", STOP, unknown).data["result"] == "UNKNOWN_SESSION"
    assert world.ports.store.dump() == before


def test_cards_cannot_pay_over_ocpi(world: World, emsp: Peer) -> None:
    other = second_emsp(world, emsp, PARTNERS[PaymentMethod.CARD])
    token = {**TOKEN, "country_code": "FR", "party_id": "TWO"}
    answer = other.send("POST", START, {**COMMAND, "token": token})
    assert answer.data["result"] == "REJECTED"
    assert "card_over_ocpi" in answer.data["message"][0]["text"]


def test_a_balance_that_does_not_suffice_is_a_rejection(cpo: Peer, emsp: Peer) -> None:
    commands = [{**COMMAND, "authorization_reference": f"r{number}"} for number in range(40)]
    answers = [emsp.send("POST", START, command).data for command in commands]
    assert answers[0]["result"] == "ACCEPTED"
    assert answers[-1]["result"] == "REJECTED"
    assert "balance" in answers[-1]["message"][0]["text"]
    assert cpo.token


def test_the_emsps_connection_is_no_webhook_endpoint_of_the_partner(
    world: World, emsp: Peer
) -> None:
    assert every(world.ports, PARTNER) == []
    assert emsp.send("DELETE", "/ocpi/2.2.1/credentials").status == 1000
    assert not [name for name in world.ports.store.dump() if "endpoint#ocpi" in name]


def test_an_unknown_token_in_a_start_is_taken_and_kept(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    start(world, cpo, emsp)
    ours, _ = partner_tokens(world.ports, PARTNER, "", 10)
    assert len([token for token in ours if token.uid == TOKEN["uid"]]) == 1
    invalid = {**TOKEN, "valid": False, "last_updated": "2026-11-16T07:30:00Z"}
    path = f"{BASE}/tokens/NL/APP/0482AB"
    assert emsp.send("PUT", path, invalid).status == 1000
    refused = emsp.send("POST", START, {**COMMAND, "authorization_reference": "other"})
    assert refused.data["result"] == "REJECTED"
    assert not wire.to("cdrs")


def test_a_start_that_is_passed_on_keeps_its_id(
    world: World, emsp: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    emsp.send("POST", START, COMMAND, headers={"X-Correlation-ID": "corr-7"})
    world.settle()
    (started,) = world.ports.cpos.starts
    assert started.correlation_id == "corr-7"
    client, wire = OcpiClient(world.ports.secrets, allow_private=False), Wire()
    wire.says = {"result": "ACCEPTED", "timeout": 30}
    monkeypatch.setattr(client, "_http", wire)
    world.ports.secrets.write(_SECRET, "t")
    endpoints = {"commands.RECEIVER": "https://cpo.example/commands"}
    cpo = replace(world.connection, endpoints=endpoints, their_token_secret=_SECRET)
    client.start_session(replace(cpo, version="2.2.1"), started)
    client.start_session(replace(cpo, version="2.2.1"), replace(started, correlation_id=""))
    told = [headers.get("X-Correlation-ID") for _, _, headers, _ in wire.sent]
    assert told == ["corr-7", None]  # one of our own gets an id where it is sent
