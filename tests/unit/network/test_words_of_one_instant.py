"""Two words have one `last_updated`, and the older one came last: which of them holds?"""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from chalicelib.domain.codec import to_plain
from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.health import Doubt, PeerHealth, doubted
from chalicelib.domain.network.location import Location
from chalicelib.ports.cpo import Received
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.connection.client_info import accept_client_info, client_info
from chalicelib.usecases.connection.health import health_of
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.pull import pull_all
from chalicelib.usecases.network.read import location_of
from chalicelib.usecases.network.take import in_order
from chalicelib.usecases.records import load
from sandbox.memory.world import PEER, World


@pytest.fixture
def world() -> World:
    """It has been connected for a while, and knows the one location as its CPO lists it."""
    made = World()
    made.ports.store.write(Put(Key(keys.peers(), PEER), {}))
    pull_all(made.ports)
    return made


def _listed(world: World) -> Location:
    (place,) = world.ports.cpos.network
    return place


def _pushed(world: World, place: Location) -> None:
    accept_location(world.ports, world.connection, place, "{}")


def _name(world: World) -> str:
    place = location_of(world.ports, PEER, "DE", "RHE", "L1")
    assert place is not None
    return place.name


def _hour_later(world: World) -> PeerHealth:
    world.ports.clock.forward(hours=1)
    pull_all(world.ports)
    return health_of(world.ports, PEER)


def test_a_late_word_of_a_known_instant_holds_until_the_next_list(world: World) -> None:
    _hour_later(world)
    _pushed(world, replace(_listed(world), name="before"))
    assert _name(world) == "before"  # its date may stand still: it is believed for an hour
    assert _hour_later(world).doubts == {}
    assert _name(world) == "Domplatz"


def test_a_word_in_time_is_in_the_next_list_anyway(world: World) -> None:
    now = world.ports.clock.now()
    news = replace(_listed(world), last_updated=now, name="now")
    world.ports.cpos.network[:] = [news]
    _pushed(world, news)
    _pushed(world, replace(news, name="before"))
    assert health_of(world.ports, PEER).doubts == {}
    _hour_later(world)
    assert _name(world) == "now"


def test_a_doubt_stays_while_the_list_goes_on_that_may_have_passed_the_object(
    world: World,
) -> None:
    _hour_later(world)
    world.ports.cpos.at_once = 1
    other = replace(_listed(world), id="L2", last_updated=world.ports.clock.now())
    world.ports.cpos.network.append(other)
    _pushed(world, replace(world.ports.cpos.network[0], name="before"))
    first = _hour_later(world)
    assert "locations" in first.rests
    assert "locations" in first.doubts
    world.ports.clock.forward(minutes=5)
    pull_all(world.ports)
    assert health_of(world.ports, PEER).doubts == {}
    assert _name(world) == "Domplatz"


def test_a_cpo_whose_dates_stand_still_costs_a_write_a_minute_at_most(world: World) -> None:
    at = world.ports.clock.now()
    once = doubted(PeerHealth(), "locations", at - timedelta(days=9), at)
    assert once.doubts == {"locations": Doubt(at - timedelta(days=9), at)}
    assert doubted(once, "locations", at - timedelta(days=8), at + timedelta(seconds=59)) is once
    older = doubted(once, "locations", at - timedelta(days=10), at + timedelta(seconds=1))
    assert older.doubts["locations"].since == at - timedelta(days=10)


def test_what_a_hub_says_late_of_a_known_instant_is_listed_again(world: World) -> None:
    hub = replace(
        load(world.ports.store, keys.peer(PEER), Connection, "peer").value,
        hub="DE*HUB",
        endpoints={"hubclientinfo.SENDER": "https://hub.example/clientinfo"},
    )
    world.ports.store.write(Put(keys.peer(PEER), to_plain(hub), expects=None))
    long_ago = world.ports.clock.now() - timedelta(days=1)
    told = ClientInfo("DE", "RHE", "CPO", ConnectionStatus.CONNECTED, long_ago)
    world.ports.cpos.parties.append(told)
    _hour_later(world)
    accept_client_info(
        world.ports, world.connection, replace(told, status=ConnectionStatus.OFFLINE)
    )
    _hour_later(world)
    assert client_info(world.ports, PEER, "DE", "RHE") == told


def test_a_credit_of_its_cdrs_instant_comes_between_it_and_what_replaces_it(world: World) -> None:
    session = world.charge()
    first, anew = world.cdr(session, id="C1"), world.cdr(session, id="C2", kwh="20", excl="9.80")
    credit = replace(first, id="C1-credit", credit=True, credit_reference_id="c1")
    told = [Received(cdr, "{}") for cdr in (first, credit, anew)]
    for order in permutations(told):
        assert [one.value.id for one in in_order(order)] == ["C1", "C1-credit", "C2"]
    older = Received(replace(anew, last_updated=first.start), "{}")
    assert in_order([*told[:2], older])[0] is older
