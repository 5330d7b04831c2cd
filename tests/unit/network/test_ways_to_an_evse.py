"""Which connection is taken to an EVSE that a CPO's own connection and a hub's both lead to?"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.connection.health import Day, PeerHealth
from chalicelib.domain.errors import Rejected
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.area import Circle
from chalicelib.domain.network.place import Point, public_id
from chalicelib.domain.network.plug import Car
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Tariff, TariffElement
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.connection.health import change_health
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff
from chalicelib.usecases.network.search import Wanted, search
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.records import create
from sandbox.memory.world import CPO, PARTNERS, PEER, World

HUB = PeerId("peer_hub")
PARTNER = PARTNERS[PaymentMethod.CARD]


def _of_a_day(**seen: int) -> PeerHealth:
    return PeerHealth(days={"2026-11-15": Day(calls=100, **seen)})


@pytest.fixture
def world() -> World:
    """The CPO is connected itself and through a hub, at the same price."""
    made = World()
    ports, own = made.ports, made.connection
    hub = replace(own, id=HUB, identities={"NL*HUB": PartyId("cpo_hub"), "DE*RHE": CPO})
    ports.store.write(create(keys.peer(HUB), hub))
    for connection in (own, hub):
        ports.store.write(Put(Key(keys.peers(), connection.id), {}))
        (place,) = ports.cpos.network
        accept_location(ports, connection, replace(place, peer_id=connection.id), "{}")
    accept_tariff(ports, hub, made.tariff, "{}")
    return made


def _quote(world: World, asked: PeerId = PEER) -> Quote:
    (place,) = world.ports.cpos.network
    id_ = public_id(replace(place, peer_id=asked))
    return make_quote(world.ports, PARTNER, id_, "E1", "1", Decimal(30), 3600)


def _is(world: World, peer_id: PeerId, health: PeerHealth) -> None:
    change_health(world.ports, peer_id, lambda _: health)


def _price_through(world: World, peer_id: PeerId, price: str) -> None:
    component = PriceComponent(Dimension.ENERGY, Decimal(price), 1, Decimal(19))
    at = world.ports.clock.now()
    tariff = Tariff("DE", "RHE", "T1", world.tariff.currency, (TariffElement((component,)),), at)
    connection = replace(world.connection, id=peer_id)
    world.ports.clock.forward(minutes=1)
    accept_tariff(world.ports, connection, tariff, "{}")


def test_all_else_equal_the_way_that_was_asked_for_is_taken(world: World) -> None:
    assert _quote(world, PEER).peer_id == PEER
    assert _quote(world, HUB).peer_id == HUB


def test_a_silent_connection_is_passed_over_whatever_it_costs(world: World) -> None:
    _price_through(world, HUB, "0.59")
    _is(world, PEER, PeerHealth(failures=3))
    quote = _quote(world)
    assert (quote.peer_id, quote.expected.minor) == (HUB, 2106)
    _is(world, PEER, PeerHealth())
    assert _quote(world).peer_id == PEER


def test_the_cheaper_connection_is_taken_and_its_tariff_pinned(world: World) -> None:
    _price_through(world, HUB, "0.39")
    quote = _quote(world)
    assert (quote.peer_id, quote.expected.minor) == (HUB, 1392)
    (place,) = world.ports.cpos.network
    assert quote.place_id == public_id(place)  # as the partner knows it


def test_at_one_price_the_more_reliable_then_the_faster_is_taken(world: World) -> None:
    _is(world, PEER, PeerHealth(days={"2026-11-15": Day(calls=100, failed=10)}))
    assert _quote(world).peer_id == HUB
    _is(world, PEER, PeerHealth(days={"2026-11-15": Day(calls=100, cdrs=10, disputed=1)}))
    assert _quote(world).peer_id == HUB
    _is(world, PEER, PeerHealth(days={"2026-11-15": Day(calls=100, took_ms=9000)}))
    assert _quote(world).peer_id == HUB
    _is(world, HUB, PeerHealth(days={"2026-11-15": Day(calls=100, took_ms=99_000)}))
    assert _quote(world).peer_id == PEER


@pytest.mark.parametrize(
    ("worse", "harmless"),
    [
        (_of_a_day(told=100, lost=10), _of_a_day(told=100)),
        (PeerHealth(skew_s=-600), PeerHealth(skew_s=60)),
        (_of_a_day(cdrs=2, cdr_delay_s=20 * 3600), _of_a_day(cdrs=2, cdr_delay_s=3600)),
    ],
    ids=["loses pushes", "clock is off", "CDRs come late"],
)
def test_at_one_price_what_makes_trouble_is_passed_over(
    world: World, worse: PeerHealth, harmless: PeerHealth
) -> None:
    _is(world, PEER, worse)
    assert _quote(world).peer_id == HUB
    _is(world, PEER, harmless)
    assert _quote(world).peer_id == PEER


def test_a_closed_connection_is_no_way_and_a_way_without_price_none_either(world: World) -> None:
    world.ports.clock.forward(minutes=2)
    hub = replace(world.connection, state=ConnectionState.CLOSED)
    world.ports.store.write(Put(keys.peer(PEER), _plain(hub), expects=None))
    world.ports.clock.forward(minutes=2)
    assert _quote(world).peer_id == HUB


def test_another_cpo_behind_the_same_identity_is_not_the_same_evse(world: World) -> None:
    (place,) = world.ports.cpos.network
    key = keys.location(HUB, "DE", "RHE", "L1")
    other = replace(place, peer_id=HUB, cpo_id=PartyId("cpo_other"))
    world.ports.store.write(Put(key, _plain(other), expects=None))
    _price_through(world, HUB, "0.10")
    assert _quote(world).peer_id == PEER


def test_what_no_connection_offers_is_refused_as_the_one_asked_for_refuses_it(
    world: World,
) -> None:
    (place,) = world.ports.cpos.network
    with pytest.raises(Rejected, match="has no EVSE"):
        make_quote(world.ports, PARTNER, public_id(place), "E9", "1", Decimal(30), 3600)


def _shown(world: World, **wish: Any) -> list[PeerId]:
    (place,) = world.ports.cpos.network
    near = Wanted(Circle(Point.at(place.latitude, place.longitude), 1000), **wish)
    return [one.location.peer_id for one in search(world.ports, PARTNER, near).found]


def test_a_search_shows_a_site_once_by_the_way_that_a_quote_would_take(world: World) -> None:
    assert len(_shown(world)) == 1
    _is(world, PEER, PeerHealth(days={"2026-11-15": Day(calls=100, failed=10)}))
    world.ports.clock.forward(minutes=2)
    assert _shown(world) == [HUB]
    _price_through(world, HUB, "0.59")
    world.ports.clock.forward(minutes=2)
    assert _shown(world) == [HUB]
    assert _shown(world, car=Car(Decimal(30))) == [PEER]
    _is(world, PEER, PeerHealth(failures=3))
    world.ports.clock.forward(minutes=2)
    assert _shown(world, car=Car(Decimal(30))) == [HUB]


def test_a_search_shows_two_cpos_behind_one_identity_apart(world: World) -> None:
    (place,) = world.ports.cpos.network
    other = replace(place, peer_id=HUB, cpo_id=PartyId("cpo_other"), last_updated=_later(world))
    accept_location(world.ports, replace(world.connection, id=HUB), other, "{}")
    assert sorted(_shown(world)) == sorted([PEER, HUB])


def _later(world: World) -> datetime:
    return world.ports.clock.now()


def _plain(value: object) -> dict[str, object]:
    plain: dict[str, object] = to_plain(value)
    return plain
