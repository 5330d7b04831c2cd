"""What if a refund comes back after days? The driver is owed again, people hear of it, once."""

import pytest

from chalicelib.domain.dispute.dispute import Reason
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Session
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.partner.give_back import give_balance_back
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.payment.refund_failed import (
    NothingToGiveBack,
    refund_again,
    refunds_returned,
)
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.memory.world import EUR, World
from tests.unit.dispute.credits import pass_time, sums
from tests.unit.partner.own_methods import PREPAID, SEED, asked, available, known

DRIVER = "driver_receivable:par_app"


@pytest.fixture
def world() -> World:
    return World()


def tell(world: World, refund: str, owner: str, number: int = 1) -> None:
    event = PaymentEvent(f"evt_{refund}_{number}", "refund.failed", refund, owner=owner)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()


def refunded(world: World, minor: int = 500) -> Session:
    session = world.bill(world.charge())
    partner = session.partner_id
    dispute = open_for_driver(world.ports, partner, session.id, Reason.OTHER, minor, "", "k", "h")
    grant(world.ports, dispute.id, None, "broken", "Ada Lovelace")
    pass_time(world)
    return world.session(session.id)


def test_the_driver_is_owed_again_once_and_people_and_the_partner_hear_of_it(world: World) -> None:
    session = refunded(world)
    before = sums(world)
    refund = world.ports.payments.fail_refund(session.payment.reference)
    for number in range(3):
        tell(world, refund, session.id, number)
    after = sums(world)
    assert after[DRIVER] == -500
    assert after["cash:stripe"] == before["cash:stripe"] + 500
    assert world.session(session.id).payment.refunded == Money(0, EUR)
    assert refunds_returned(world.ports) == [session.id]
    told = [b["type"] for n, b in world.ports.store.dump().items() if n.startswith("events#")]
    assert told.count("session.refund_failed") == 1
    world.ports.clock.forward(days=3)
    found = reconcile_books(world.ports, deep=True).differences
    assert [d for d in found if session.id in d.difference.subject] == []


def test_staff_have_it_refunded_again_once(world: World) -> None:
    session = refunded(world)
    with pytest.raises(NothingToGiveBack):
        refund_again(world.ports, session.id)
    tell(world, world.ports.payments.fail_refund(session.payment.reference), session.id)
    assert refund_again(world.ports, session.id) == Money(500, EUR)
    with pytest.raises(NothingToGiveBack):
        refund_again(world.ports, session.id)
    assert refunds_returned(world.ports) == []
    pass_time(world)
    assert world.session(session.id).payment.refunded == Money(500, EUR)
    assert DRIVER not in sums(world)


def test_unused_balance_that_came_back_is_the_partner_s_again(world: World) -> None:
    top_up = asked(world)
    give_balance_back(world.ports, PREPAID, top_up.id, Money(4000, EUR), "g1")
    world.settle()
    refund = world.ports.payments.fail_refund(top_up.reference)
    for number in range(2):
        tell(world, refund, top_up.id, number)
    assert available(world) == SEED + 10_000
    assert known(world, top_up.id).left == Money(10_000, EUR)
