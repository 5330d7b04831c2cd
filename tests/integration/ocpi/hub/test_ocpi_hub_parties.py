"""Does an eMSP know which CPOs it reaches through us, and whether they answer?"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.test import Client

from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.domain.ids import PartyId
from chalicelib.usecases.connection.client_info import accept_client_info
from chalicelib.usecases.connection.close import close
from chalicelib.usecases.connection.invite import invite
from chalicelib.usecases.connection.read import connection_record
from chalicelib.usecases.connection.register import register
from chalicelib.usecases.network.pull import pull_peer
from sandbox.memory.world import CPO, PEER, World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import BASE, Wire
from tests.integration.ocpi.hub.emsp_scene import connected_emsp

LIST = f"{BASE}/hubclientinfo"
REGISTERED = datetime(2026, 11, 16, 6, tzinfo=UTC)


@pytest.fixture
def emsp(world: World, client: Client, cpo: Peer) -> Peer:
    """After a CPO that came at six, and known for so long that pushes to CPOs know of it."""
    record = connection_record(world.ports, PEER)
    world.ports.store.write(record.put(replace(record.value, registered_at=REGISTERED)))
    assert cpo.token
    emsp = connected_emsp(world, client)
    world.ports.clock.forward(minutes=1)
    return emsp


def told(wire: Wire) -> list[str]:
    return [body["status"] for body in wire.to("hubclientinfo.RECEIVER")]


def statuses(emsp: Peer, query: str = "") -> list[Any]:
    return [(one["party_id"], one["status"]) for one in emsp.send("GET", LIST + query).data]


def fall_silent(world: World, *, down: bool = True) -> None:
    world.ports.cpos.down = down
    for _ in range(3):
        world.ports.clock.forward(minutes=10)
        pull_peer(world.ports, connection_record(world.ports, PEER).value)
    world.settle()


def test_it_reads_who_is_there(emsp: Peer) -> None:
    answer = emsp.send("GET", LIST)
    assert answer.data == [
        {
            "country_code": "DE",
            "party_id": "RHE",
            "role": "CPO",
            "status": "CONNECTED",
            "last_updated": "2026-11-16T06:00:00Z",
        }
    ]
    assert answer.headers["X-Total-Count"] == "1"
    assert not [name for name in answer.headers if name.startswith("OCPI-")]  # it is not routed
    details = emsp.send("GET", "/ocpi/2.2.1").data
    (endpoint,) = (e for e in details["endpoints"] if e["identifier"] == "hubclientinfo")
    assert (endpoint["role"], endpoint["url"]) == ("SENDER", f"https://channel.example{LIST}/")


def test_a_cpo_that_does_not_answer_is_offline_until_it_does(
    world: World, emsp: Peer, wire: Wire
) -> None:
    fall_silent(world)
    since = world.ports.clock.now()
    assert statuses(emsp) == [("RHE", "OFFLINE")]
    assert statuses(emsp, f"?date_from={since:%Y-%m-%dT%H:%M:%SZ}") == [("RHE", "OFFLINE")]
    assert statuses(emsp, f"?date_to={since:%Y-%m-%dT%H:%M:%SZ}") == []
    fall_silent(world)
    fall_silent(world, down=False)
    assert statuses(emsp) == [("RHE", "CONNECTED")]
    assert told(wire) == ["OFFLINE", "CONNECTED"]
    assert {url for _, url, _, _ in wire.sent} == {
        "https://app.example/ocpi/2.2.1/hubclientinfo.RECEIVER/DE/RHE"
    }


def test_a_cpo_that_left_is_suspended(world: World, emsp: Peer, wire: Wire) -> None:
    close(world.ports, PEER)
    world.settle()
    assert statuses(emsp) == [("RHE", "SUSPENDED")]
    assert told(wire) == ["SUSPENDED"]


def test_a_cpo_that_comes_is_told_of_and_one_that_is_only_invited_is_not(
    world: World, emsp: Peer, wire: Wire
) -> None:
    cpo_id = PartyId(CPO)
    invite(world.ports, cpo_id, {"DE*NEU": cpo_id})
    assert statuses(emsp) == [("RHE", "CONNECTED")]
    world.ports.cpos.knows_us, world.ports.cpos.identities = False, ["DE*NEU"]
    register(world.ports, cpo_id, {"DE*NEU": cpo_id}, "https://neu.example/versions", "token-a")
    world.settle()
    assert statuses(emsp) == [("NEU", "CONNECTED"), ("RHE", "CONNECTED")]
    assert told(wire) == ["CONNECTED"]


def test_behind_another_hub_its_word_counts(world: World, emsp: Peer, wire: Wire) -> None:
    record = connection_record(world.ports, PEER)
    world.ports.store.write(record.put(replace(record.value, hub="DE*HUB")))
    hub = connection_record(world.ports, PEER).value
    at = world.ports.clock.now()
    accept_client_info(
        world.ports, hub, ClientInfo("DE", "RHE", "CPO", ConnectionStatus.PLANNED, at)
    )
    accept_client_info(
        world.ports, hub, ClientInfo("DE", "OTH", "CPO", ConnectionStatus.CONNECTED, at)
    )
    world.settle()
    assert statuses(emsp) == [("RHE", "PLANNED")]
    assert told(wire) == ["PLANNED"]


def test_a_cpo_without_an_agreement_is_not_told_of(
    world: World, emsp: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.usecases.hub.parties.agreed_cpos", lambda *_: {"cpo_other"})
    assert statuses(emsp) == []
    assert world.ports.public_url


def test_a_cpo_reads_no_list_of_an_emsp(cpo: Peer, emsp: Peer) -> None:
    assert (cpo.send("GET", LIST).http, emsp.send("GET", LIST).http) == (403, 200)
