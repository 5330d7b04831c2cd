"""Once a peer dated something years ahead: does what it says from then on still count?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.domain.connection.refusals import UpdateOutdated
from chalicelib.domain.hub.token import EmspToken
from chalicelib.usecases.connection.client_info import accept_client_info, client_info
from chalicelib.usecases.hub.tokens import accept_token, token_told
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff
from chalicelib.usecases.network.read import location_of
from chalicelib.usecases.tariff.read import in_force
from sandbox.memory.world import PARTNERS, PEER, World

YEARS = timedelta(days=4000)
PARTNER = PARTNERS[PaymentMethod.PREPAID]


@pytest.fixture
def world() -> World:
    return World()


def test_a_locations_next_word_counts(world: World) -> None:
    ports, now = world.ports, world.ports.clock.now()
    (place,) = ports.cpos.network
    for name, at in (("wrong", now + YEARS), ("right", now)):
        told = replace(place, name=name, last_updated=at)
        accept_location(ports, world.connection, told, f'{{"name": "{name}"}}')
    known = location_of(ports, PEER, "DE", "RHE", "L1")
    assert known is not None
    assert known.name == "right"
    late = replace(place, name="late", last_updated=now - timedelta(minutes=1))
    with pytest.raises(UpdateOutdated):
        accept_location(ports, world.connection, late, '{"name": "late"}')


def test_a_tariffs_next_version_counts(world: World) -> None:
    ports, now = world.ports, world.ports.clock.now()
    for minutes, at in ((1, now + YEARS), (2, now)):
        told = replace(world.tariff, id="T9", last_updated=at, start_date_time=now - YEARS)
        told = replace(told, end_date_time=now + timedelta(minutes=minutes))
        accept_tariff(ports, world.connection, told, "{}")
        ports.clock.forward(seconds=1)
    _, tariff = in_force(ports, PEER, ("DE", "RHE"), "T9", now)
    assert tariff.end_date_time == now + timedelta(minutes=2)


def test_what_a_hub_says_next_counts(world: World) -> None:
    ports, now = world.ports, world.ports.clock.now()
    hub = replace(world.connection, hub="DE*HUB")
    gone = ClientInfo("DE", "RHE", "CPO", ConnectionStatus.OFFLINE, now + YEARS)
    accept_client_info(ports, hub, gone)
    back = replace(gone, status=ConnectionStatus.CONNECTED, last_updated=now)
    assert accept_client_info(ports, hub, back)
    assert client_info(ports, PEER, "DE", "RHE") == back


def test_a_card_that_is_blocked_next_is_blocked(world: World) -> None:
    ports, now = world.ports, world.ports.clock.now()
    told = EmspToken(
        "NL", "APP", "04A1", "RFID", "NL-APP-1", valid=True, last_updated=now + YEARS, raw="{}"
    )
    accept_token(ports, PARTNER, told)
    assert accept_token(ports, PARTNER, replace(told, valid=False, last_updated=now))
    assert not token_told(ports, PARTNER, told.reference, told.uid).valid
    with pytest.raises(UpdateOutdated):
        accept_token(ports, PARTNER, replace(told, last_updated=now - timedelta(seconds=1)))
