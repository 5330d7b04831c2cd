"""What does an eMSP learn of a location that is private, was, or becomes so?"""

import pytest

from chalicelib.ocpi.v2_2_1.location import read_location
from chalicelib.usecases.network.pull import pull_peer
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import BASE, Wire
from tests.integration.ocpi.hub.emsp_scene import LOCATION
from tests.integration.ocpi.hub.news_scene import PLACE, at, sent, status


@pytest.fixture(autouse=True)
def _minute(world: World, emsp: Peer) -> None:
    """So long may pass until a CPO's push knows of an eMSP that has registered."""
    assert emsp.token
    world.ports.clock.forward(minutes=1)


def test_a_private_location_is_told_to_nobody(world: World, cpo: Peer, wire: Wire) -> None:
    body = {**LOCATION, "id": "L2", "publish": False}
    assert cpo.send("PUT", PLACE.replace("L1", "L2"), body).status == 1000
    world.settle()
    assert not wire.sent


def test_a_location_that_becomes_private_is_told_and_listed_as_such(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    """Who knows it from before must not show it any more; who asks for all learns the same."""
    owner = {"uid": "HOME-1", "type": "RFID"}
    hidden = {"publish": False, "publish_allowed_to": [owner], "last_updated": at(0)}
    assert cpo.send("PATCH", PLACE, hidden).status == 1000
    world.settle()
    assert sent(wire) == [("PUT", "/DE/RHE/L1")]
    told = wire.sent[0][3]
    assert (told["publish"], told["last_updated"]) == (False, at(0))
    assert "HOME-1" not in str(told)
    for query in ("", f"?date_from={at(0)}"):
        assert emsp.send("GET", f"{BASE}/locations{query}").data == [told]
    status(cpo, "OUTOFORDER", 1)  # it stays what it is
    world.settle()
    assert emsp.send("GET", f"{BASE}/locations").data[0]["publish"] is False
    assert cpo.send("PATCH", PLACE, {"publish": True, "last_updated": at(2)}).status == 1000
    world.settle()
    assert wire.sent[-1][3]["publish"] is True
    (again,) = emsp.send("GET", f"{BASE}/locations?date_from={at(2)}").data
    assert again["publish"] is True


def test_a_private_location_that_becomes_public_is_told_and_listed(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    place = PLACE.replace("L1", "L2")
    private = {**LOCATION, "id": "L2", "publish": False}
    assert cpo.send("PUT", place, private).status == 1000
    changed = {"status": "CHARGING", "last_updated": at(0)}
    assert cpo.send("PATCH", f"{place}/E1", changed).status == 1000
    world.settle()
    assert [one["id"] for one in emsp.send("GET", f"{BASE}/locations").data] == ["L1"]
    assert cpo.send("PATCH", place, {"publish": True, "last_updated": at(1)}).status == 1000
    world.settle()
    assert sent(wire) == [("PUT", "/DE/RHE/L2")]
    listed = emsp.send("GET", f"{BASE}/locations?date_from={at(1)}").data
    assert [(one["id"], one["publish"]) for one in listed] == [("L2", True)]


def test_a_location_that_a_pull_finds_private_is_listed_as_such(
    world: World, cpo: Peer, emsp: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = {**LOCATION, "publish": False, "last_updated": at(0)}
    read, _ = read_location(hidden, cpo.connection.id, cpo.connection.identities)
    monkeypatch.setattr(world.ports.cpos, "network", [read])
    pull_peer(world.ports, world.connection)
    (told,) = emsp.send("GET", f"{BASE}/locations?date_from={at(0)}").data
    assert (told["id"], told["publish"]) == ("L1", False)
