"""What does a search say that a car would pay?"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.domain.network.area import Circle
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.network.place import Point
from chalicelib.domain.network.plug import Car
from chalicelib.domain.network.rank import Order
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Tariff, TariffElement
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff, withdraw_tariff
from chalicelib.usecases.network.car_price import CarPrices
from chalicelib.usecases.network.search import Wanted, search
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.tariff.addressed import address_tariff
from chalicelib.usecases.tariff.read import forget
from sandbox.memory.world import PARTNERS, PEER, World

CAR = Car(Decimal(30))


class TestPrices:
    """T1 is public at 0.49 a kWh plus VAT 19 %, and the card partner pays it."""

    @pytest.fixture
    def world(self) -> World:
        world = World()
        self.beside(world, "site", "50.94", "T1")
        return world

    def found(self, world: World, **wish: Any) -> list[tuple[str, Money | None]]:
        near = Wanted(Circle(Point.at(Decimal("50.94"), Decimal("6.95")), 20_000), **wish)
        page = search(world.ports, PARTNERS[PaymentMethod.CARD], near)
        return [(one.location.id, one.price) for one in page.found]

    def beside(self, world: World, id_: str, latitude: str, *tariff_ids: str) -> None:
        (site,) = world.ports.cpos.network
        connector = replace(site.evses[0].connectors[0], tariff_ids=tariff_ids)
        evses = (replace(site.evses[0], connectors=(connector,)),)
        other = replace(site, id=id_, latitude=Decimal(latitude), evses=evses)
        accept_location(world.ports, world.connection, other, "{}")

    def second(self, world: World, dimension: Dimension, price: str) -> None:
        """Another tariff of the CPO: T2."""
        component = PriceComponent(dimension, Decimal(price), 1, Decimal(19))
        tariff = replace(world.tariff, id="T2", elements=(TariffElement((component,)),))
        accept_tariff(world.ports, world.connection, tariff, "{}")

    def test_the_price_is_what_a_quote_promises(self, world: World) -> None:
        ((name, told),) = self.found(world, car=CAR)
        assert name == "site"
        (page,) = search(
            world.ports,
            PARTNERS[PaymentMethod.CARD],
            Wanted(Circle(Point.at(Decimal("50.94"), Decimal("6.95")), 20_000)),
        ).found
        partner = PARTNERS[PaymentMethod.CARD]
        quote = make_quote(world.ports, partner, page.location_id, "E1", "1", Decimal(30), 3600)
        assert told == quote.expected

    def test_the_cheapest_comes_first_and_what_has_no_price_last(self, world: World) -> None:
        self.second(world, Dimension.ENERGY, "0.89")
        self.beside(world, "dear", "50.941", "T2")
        self.beside(world, "unpriced", "50.94", "T-NONE")
        names = [name for name, _ in self.found(world, car=CAR, order=Order.PRICE)]
        assert names[1:] == ["dear", "unpriced"]
        prices = [price for _, price in self.found(world, car=CAR, order=Order.PRICE)]
        assert prices[0] is not None
        assert prices[1] is not None
        assert prices[0].minor < prices[1].minor
        assert prices[2] is None

    def test_a_car_that_takes_less_power_stays_longer_and_pays_for_it(self, world: World) -> None:
        self.second(world, Dimension.TIME, "6")
        self.beside(world, "other", "50.941", "T2")
        fast = dict(self.found(world, car=CAR))["other"]
        slow = dict(self.found(world, car=Car(Decimal(30), 10_000, 10_000)))["other"]
        assert fast is not None
        assert slow is not None
        assert slow.minor == pytest.approx(2142, abs=2)  # three hours at 6.00 and 19 %
        assert fast.minor < slow.minor

    def test_a_cheaper_plug_that_is_taken_promises_nothing(self, world: World) -> None:
        self.second(world, Dimension.ENERGY, "0.89")
        (site,) = world.ports.cpos.network
        taken = replace(site.evses[0], status=EvseStatus.CHARGING)
        connector = replace(site.evses[0].connectors[0], tariff_ids=("T2",))
        free = replace(site.evses[0], uid="E2", connectors=(connector,))
        half = replace(site, id="a-half", evses=(taken, free))
        accept_location(world.ports, world.connection, half, "{}")
        best = {"car": CAR, "order": Order.PRICE}
        told = {name: price and price.minor for name, price in self.found(world, **best)}
        assert told["a-half"] == told["site"] == 1749
        now = self.found(world, available=True, **best)
        assert [name for name, _ in now][-1] == "a-half"
        assert dict(now)["a-half"] == Money(3177, world.tariff.currency)

    def test_prices_read_together_are_those_that_each_would_have_alone(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tomorrow = world.ports.clock.now() + timedelta(days=1)
        plain, accept = replace(world.tariff, id="plain"), self.published
        accept(world, plain, replace(_dearer(plain, 1), start_date_time=tomorrow))
        late = [replace(plain, id="late"), *(_dearer(plain, n, "late", tomorrow) for n in range(7))]
        accept(world, *late)  # more versions of tomorrow than the row names
        accept(world, *(_dearer(plain, by, "back") for by in (20, 21, 20)))
        accept(world, _dearer(plain, 30, "gone"), _dearer(plain, 40, "own"))
        withdraw_tariff(world.ports, world.connection, "DE", "RHE", "gone")
        card = PARTNERS[PaymentMethod.CARD]
        address_tariff(world.ports, PEER, ("DE", "RHE"), "own", card, "plain", "ana")
        for number, ids in enumerate((["PLAIN"], ["late"], ["back"], ["gone"], ["gone", "back"])):
            self.beside(world, f"at {number}", f"50.94{number}", *ids)
        told = dict(self.found(world, car=CAR))
        cents = {name: price and price.minor for name, price in told.items()}
        assert cents == {
            "site": 1749,
            "at 0": 3177,
            "at 1": 1749,
            "at 2": 2463,
            "at 3": None,
            "at 4": 2463,
        }
        world.ports.clock.at += timedelta(minutes=2)
        forget()
        monkeypatch.setattr(CarPrices, "read_ahead", lambda *_: None)
        assert dict(self.found(world, car=CAR)) == told

    def published(self, world: World, *versions: Tariff) -> None:
        for version in versions:
            world.ports.clock.at += timedelta(seconds=1)
            told = replace(version, last_updated=world.ports.clock.at)
            accept_tariff(world.ports, world.connection, told, "{}")


def _dearer(tariff: Tariff, by: int, id_: str = "", start: datetime | None = None) -> Tariff:
    """By so many cents a kWh before VAT than 0.49."""
    component = PriceComponent(
        Dimension.ENERGY, Decimal("0.49") + Decimal(by) / 100, 1, Decimal(19)
    )
    named = replace(tariff, id=id_ or tariff.id, start_date_time=start)
    return replace(named, elements=(TariffElement((component,)),))
