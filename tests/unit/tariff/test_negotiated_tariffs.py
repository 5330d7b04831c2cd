"""Is a tariff that a CPO publishes to one partner quoted and billed to it, and to nobody else?"""

from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.network.area import Circle
from chalicelib.domain.network.place import Point
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, TariffElement
from chalicelib.ports.store import Write
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff
from chalicelib.usecases.network.search import Wanted, search
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.session.start import start
from chalicelib.usecases.tariff.addressed import (
    AlreadyAddressed,
    TooManyAddressed,
    address_tariff,
    addressed_by,
)
from sandbox.memory.world import CPO, PARTNERS, PEER, World

APP, FLEET = PARTNERS[PaymentMethod.CARD], PARTNERS[PaymentMethod.INVOICE]
OWNER = ("DE", "RHE")


@pytest.fixture
def world() -> World:
    """T1 is public at 0.49; T1-APP is published at 0.39, and not yet addressed to anybody."""
    world = World()
    component = PriceComponent(Dimension.ENERGY, Decimal("0.39"), 1, Decimal(19))
    own = replace(world.tariff, id="T1-APP", elements=(TariffElement((component,)),))
    accept_tariff(world.ports, world.connection, own, "{}")
    return world


def listed(world: World, *tariff_ids: str) -> None:
    (location,) = world.ports.cpos.network
    evse = location.evses[0]
    connector = replace(evse.connectors[0], tariff_ids=tariff_ids)
    evses = (replace(evse, connectors=(connector,)),)
    accept_location(world.ports, world.connection, replace(location, evses=evses), "{}")


def quoted(world: World, partner: PartyId) -> Quote:
    near = Wanted(Circle(Point.at(Decimal("50.94"), Decimal("6.95")), 5000))
    (found,) = search(world.ports, partner, near).found
    return make_quote(world.ports, partner, found.location_id, "E1", "1", Decimal(30), 3600)


def addressed(world: World, partner: PartyId = APP, instead_of: str = "T1") -> None:
    address_tariff(world.ports, PEER, OWNER, "T1-APP", partner, instead_of, "Nina")


def test_the_partner_is_quoted_its_own_tariff_and_others_the_public_one(world: World) -> None:
    listed(world, "T1")
    assert quoted(world, APP).tariff_id == "T1"
    addressed(world)
    assert quoted(world, APP).tariff_id == "T1-APP"
    assert quoted(world, FLEET).tariff_id == "T1"


def test_nobody_else_is_quoted_it_even_where_a_connector_lists_it_first(world: World) -> None:
    addressed(world)
    listed(world, "T1-APP", "T1")
    assert quoted(world, FLEET).tariff_id == "T1"
    assert quoted(world, APP).tariff_id == "T1-APP"


def test_what_is_billed_is_the_negotiated_price_and_more_is_a_claim(world: World) -> None:
    addressed(world)
    listed(world, "T1")
    quote = quoted(world, APP)
    assert quote.expected.minor == 1392  # 30 x 0.39 x 1.19 = 13.923
    session = start(world.ports, APP, quote.id, "tok_card", "k-own", "h")
    world.settle()
    session = world.bill(world.session(session.id))  # its CDR asks the public price, 14.70
    assert session.bill is not None
    assert session.bill.gross.minor == 1392
    assert session.bill.claim is not None
    assert session.bill.claim.excess.minor == 357  # 17.49 - 13.92


def test_a_tariff_is_for_one_partner_and_saying_it_again_changes_nothing(world: World) -> None:
    addressed(world)
    addressed(world)
    with pytest.raises(AlreadyAddressed):
        addressed(world, FLEET)
    with pytest.raises(NotFound):
        addressed(world, instead_of="T9")
    with pytest.raises(Invalid):
        addressed(world, instead_of="T1-APP")
    with pytest.raises(Invalid):
        addressed(world, CPO)


def test_a_cpo_that_addresses_tariffs_without_end_is_told_when_it_is_enough(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.usecases.tariff.addressed.ADDRESSED_MAX", 1)
    addressed(world)
    listed(world, "T1")
    with pytest.raises(TooManyAddressed):
        address_tariff(world.ports, PEER, OWNER, "T1", FLEET, "T1-APP", "Nina")
    addressed(world)
    assert quoted(world, APP).tariff_id == "T1-APP", "what was said before holds"


def test_of_two_who_address_tariffs_at_once_neither_is_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(world, "T1")
    write, others = world.ports.store.write, iter([1])

    def slowly(*writes: Write) -> None:
        for _ in others:  # somebody else was quicker
            address_tariff(world.ports, PEER, OWNER, "T1", FLEET, "T1-APP", "Ana")
        write(*writes)

    monkeypatch.setattr(world.ports.store, "write", slowly)
    addressed(world)
    told = {one.tariff_id: one.partner_id for one in addressed_by(world.ports, PEER, OWNER)}
    assert told == {"T1": FLEET, "T1-APP": APP}
