"""Is what a session's end says of its EVSE remembered, and only where it is the charger's fault?"""

from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.network.area import Circle
from chalicelib.domain.network.place import Point
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.search import Wanted, search
from chalicelib.usecases.session.start_result import start_refused
from sandbox.memory.world import PARTNERS, World

NEAR = Wanted(Circle(Point.at(Decimal("50.94"), Decimal("6.95")), 20_000))


@pytest.fixture
def world() -> World:
    world = World()
    (site,) = world.ports.cpos.network
    accept_location(world.ports, world.connection, site, "{}")
    return world


def reliability(world: World) -> int:
    (found,) = search(world.ports, PARTNERS[PaymentMethod.CARD], NEAR).found
    return found.reliability


def test_a_charger_that_fails_to_start_is_remembered_and_one_that_is_taken_is_not(
    world: World,
) -> None:
    assert reliability(world) == 950
    session = world.start()
    start_refused(world.ports, session.id, "start_evse_occupied")
    assert reliability(world) == 950
    session = world.start()
    start_refused(world.ports, session.id, "start_failed")
    start_refused(world.ports, session.id, "start_failed")  # told twice, remembered once
    assert reliability(world) == 904


def test_each_session_that_works_there_mends_its_name(world: World) -> None:
    session = world.start()
    start_refused(world.ports, session.id, "start_failed")
    told = [reliability(world)]
    for _ in range(3):
        world.bill(world.charge())
        told.append(reliability(world))
    assert told == sorted(told)
    assert told[0] < told[-1] < 950
