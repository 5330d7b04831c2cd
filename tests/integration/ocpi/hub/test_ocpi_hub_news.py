"""What is an eMSP told at once of what its CPOs change, and what does it read itself?"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.adapters.ocpi_client.http import Answer as HttpAnswer
from chalicelib.domain.codec import from_plain, instant_text
from chalicelib.ocpi.v2_2_1.location import read_location
from chalicelib.ports.cpo import CpoRefused
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import connection_record
from chalicelib.usecases.network.pull import pull_peer
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.card_scene import wait
from tests.integration.ocpi.hub.charge_scene import BASE, Wire
from tests.integration.ocpi.hub.emsp_scene import LOCATION, TARIFF
from tests.integration.ocpi.hub.news_scene import PLACE, at, sent, status

PRICE = "/ocpi/2.2.1/tariffs/DE/RHE/T1"


@pytest.fixture(autouse=True)
def _minute(world: World, emsp: Peer) -> None:
    """So long may pass until a CPO's push knows of an eMSP that has registered."""
    assert emsp.token
    world.ports.clock.forward(minutes=1)


def waiting(world: World, emsp: Peer) -> int:
    return len(world.ports.store.query(keys.emsp_news_rows(emsp.connection.id)))


def test_an_evse_that_changed_is_told_alone_as_it_is_by_then(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    for minute, word in enumerate(("CHARGING", "AVAILABLE", "OUTOFORDER")):
        status(cpo, word, minute)
    assert not wire.sent  # nobody who pushes to us waits for others
    world.settle()
    assert sent(wire) == [("PUT", "/DE/RHE/L1/E1")]
    ((_, _, headers, body),) = wire.sent
    assert (body["status"], body["last_updated"], body["x_lamp"]) == ("OUTOFORDER", at(2), "green")
    routed = {
        "OCPI-from-country-code": "DE",
        "OCPI-from-party-id": "RHE",
        "OCPI-to-country-code": "NL",
        "OCPI-to-party-id": "APP",
    }
    assert routed.items() <= headers.items()
    assert body == emsp.send("GET", f"{BASE}/locations/L1/E1").data


def test_a_whole_location_is_told_whole(world: World, cpo: Peer, emsp: Peer, wire: Wire) -> None:
    body = {**LOCATION, "name": "Neuer Name", "last_updated": at(0)}
    assert cpo.send("PUT", PLACE, body).status == 1000
    world.settle()
    assert sent(wire) == [("PUT", "/DE/RHE/L1")]
    assert wire.sent[0][3] == emsp.send("GET", f"{BASE}/locations/L1").data


def test_what_did_not_change_is_not_told(world: World, cpo: Peer, wire: Wire) -> None:
    assert cpo.send("PUT", PLACE, LOCATION).status == 1000
    assert cpo.send("PUT", PRICE, TARIFF).status == 1000
    world.settle()
    assert not wire.sent


def test_a_tariff_is_told_and_taken_back(world: World, cpo: Peer, emsp: Peer, wire: Wire) -> None:
    component = {"type": "ENERGY", "price": 0.59, "vat": 19, "step_size": 1}
    dearer = {"elements": [{"price_components": [component]}], "last_updated": at(0)}
    assert cpo.send("PUT", PRICE, {**TARIFF, **dearer}).status == 1000
    world.settle()
    assert [wire.sent[0][3]] == emsp.send("GET", f"{BASE}/tariffs").data
    assert cpo.send("DELETE", PRICE).status == 1000
    world.settle()
    assert sent(wire) == [("PUT", "/DE/RHE/T1"), ("DELETE", "/DE/RHE/T1")]


def test_a_tariff_that_this_version_cannot_say_any_more_is_taken_back(
    world: World, cpo: Peer, wire: Wire
) -> None:
    component = {"type": "ENERGY", "price": 0.59, "step_size": 1}
    told = {
        **TARIFF,
        "tax_included": "YES",
        "elements": [{"price_components": [component]}],
        "last_updated": at(0),
    }
    cpo.version = "2.3.0"
    assert cpo.send("PUT", PRICE, told).status == 1000
    world.settle()
    assert sent(wire) == [("DELETE", "/DE/RHE/T1")]


def test_a_tariff_goes_before_the_locations_that_name_it(
    world: World, cpo: Peer, wire: Wire
) -> None:
    status(cpo, "CHARGING", 0)
    assert cpo.send("PUT", PRICE.replace("T1", "T2"), {**TARIFF, "id": "T2"}).status == 1000
    world.settle()
    assert sent(wire) == [("PUT", "/DE/RHE/T2"), ("PUT", "/DE/RHE/L1/E1")]


def test_what_we_pull_an_emsp_pulls(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network of ten thousand that we read for the first time is no flood of pushes."""
    moved = {**LOCATION, "name": "Pulled", "last_updated": at(0)}
    read, _ = read_location(moved, cpo.connection.id, cpo.connection.identities)
    monkeypatch.setattr(world.ports.cpos, "network", [read])
    pull_peer(world.ports, world.connection)
    world.settle()
    assert not wire.sent
    assert waiting(world, emsp) == 0
    (told,) = emsp.send("GET", f"{BASE}/locations?date_from={at(0)}").data
    assert told["name"] == "Pulled"


def test_silence_costs_one_attempt_whatever_changes_meanwhile(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []
    call = wire.call

    def counted(method: str, url: str, *rest: Any) -> HttpAnswer:
        attempts.append(url)
        return call(method, url, *rest)

    monkeypatch.setattr(wire, "call", counted)
    wire.down = True
    status(cpo, "CHARGING", 0)
    world.settle()
    for minute in range(1, 40):
        status(cpo, "CHARGING" if minute % 2 else "AVAILABLE", minute)
        world.settle()
    assert len(attempts) == 1
    assert waiting(world, emsp) == 1  # one row a place
    wire.down = False
    wait(world, 15)
    assert sent(wire) == [("PUT", "/DE/RHE/L1/E1")]
    assert wire.sent[0][3]["last_updated"] == at(39)
    assert waiting(world, emsp) == 0


def test_what_changes_while_it_is_told_is_told_again(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, changes = wire.call, iter(("AVAILABLE", "BLOCKED"))

    def meanwhile(method: str, url: str, *rest: Any) -> HttpAnswer:
        answer = call(method, url, *rest)
        for minute, word in zip((len(wire.sent),), changes, strict=False):
            status(cpo, word, minute)
        return answer

    monkeypatch.setattr(wire, "call", meanwhile)
    status(cpo, "CHARGING", 0)
    world.settle()
    assert [body["status"] for *_, body in wire.sent] == ["CHARGING", "AVAILABLE", "BLOCKED"]
    assert waiting(world, emsp) == 0


def test_an_emsp_that_is_silent_for_three_days_is_not_tried_any_more(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    wire.down = True
    status(cpo, "CHARGING", 0)
    world.settle()
    for _ in range(80):
        wait(world, 60)
    record = world.ports.store.get(keys.emsp_news(emsp.connection.id))
    assert record is not None
    assert (record.body["state"], record.body["effects"]) == ("failed", [])


def test_to_an_emsp_that_does_not_know_the_location_all_of_it_is_told(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = wire.call

    def strict(method: str, url: str, *rest: Any) -> HttpAnswer:
        if url.endswith("/E1"):
            raise CpoRefused(404, "no such location")
        return call(method, url, *rest)

    monkeypatch.setattr(wire, "call", strict)
    status(cpo, "CHARGING", 0)
    world.settle()
    assert sent(wire) == [("PUT", "/DE/RHE/L1")]
    assert waiting(world, emsp) == 0


def test_what_is_refused_is_not_told_again_and_stops_nothing_else(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    wire.status = 2001
    status(cpo, "CHARGING", 0)
    world.settle()
    assert waiting(world, emsp) == 0
    wire.status = 1000
    status(cpo, "AVAILABLE", 1)
    world.settle()
    assert wire.sent[-1][3]["status"] == "AVAILABLE"


def test_what_a_pull_finds_late_is_new_to_who_asks_for_what_is_new(
    world: World, cpo: Peer, emsp: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its CPO's date is older than the eMSP's last question, and no push told it."""
    monkeypatch.setattr(world.ports.cpos, "network", [])
    monkeypatch.setattr(world.ports.cpos, "prices", [])
    world.ports.clock.forward(hours=1)
    asked_at = instant_text(world.ports.clock.now())
    for module in ("locations", "tariffs"):
        assert emsp.send("GET", f"{BASE}/{module}?date_from={asked_at}").data == []
    world.ports.clock.forward(minutes=30)
    place = {**LOCATION, "name": "Anew", "last_updated": at(0)}
    read, _ = read_location(place, cpo.connection.id, cpo.connection.identities)
    world.price_kwh = Decimal("0.59")
    price = replace(world.tariff, last_updated=from_plain(datetime, at(0)))
    monkeypatch.setattr(world.ports.cpos, "network", [read])
    monkeypatch.setattr(world.ports.cpos, "prices", [price])
    pull_peer(world.ports, world.connection)
    (told,) = emsp.send("GET", f"{BASE}/locations?date_from={asked_at}").data
    assert (told["name"], told["last_updated"]) == ("Anew", at(0))
    (told,) = emsp.send("GET", f"{BASE}/tariffs?date_from={asked_at}").data
    assert (told["id"], told["last_updated"]) == ("T1", at(0))
    later = instant_text(world.ports.clock.now() + timedelta(seconds=1))
    for module in ("locations", "tariffs"):
        assert emsp.send("GET", f"{BASE}/{module}?date_from={later}").data == []


def test_an_emsp_without_the_endpoints_costs_nothing(world: World, cpo: Peer, emsp: Peer) -> None:
    record = connection_record(world.ports, emsp.connection.id)
    modules = {"sessions.RECEIVER": "https://app.example/sessions"}
    world.ports.store.write(record.put(replace(record.value, endpoints=modules)))
    status(cpo, "CHARGING", 0)
    assert waiting(world, emsp) == 0
    assert world.ports.store.get(keys.emsp_news(emsp.connection.id)) is None


def test_a_connection_that_ended_is_told_nothing_more(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    status(cpo, "CHARGING", 0)
    assert emsp.send("DELETE", "/ocpi/2.2.1/credentials").status == 1000
    world.settle()
    assert not wire.sent
