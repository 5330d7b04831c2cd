"""Is what banks took or sent back found although every word of the provider's was lost?"""

import pytest

from chalicelib.domain.dispute.chargeback import Chargeback, ChargebackState
from chalicelib.domain.dispute.dispute import Reason
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Session
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.partner.give_back import give_balance_back
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.payment.refund_failed import refunds_returned
from chalicelib.usecases.reconciliation.books import reconcile_books
from chalicelib.usecases.reconciliation.nightly import reconcile_nightly
from chalicelib.usecases.records import find
from sandbox.memory.world import EUR, World
from tests.unit.dispute.credits import pass_time, sums
from tests.unit.partner.own_methods import PREPAID, SEED, asked, available, known


@pytest.fixture
def world() -> World:
    return World()


def night(world: World) -> int:
    """How much the night's reconciliation had to hand on, and did."""
    world.ports.clock.forward(days=1)
    untold: int = reconcile_nightly(world.ports)["untold"]
    world.settle()
    return untold


def kept(world: World, dispute: str) -> Chargeback | None:
    record = find(world.ports.store, keys.chargeback(dispute), Chargeback)
    return None if record is None else record.value


def opened(world: World) -> str:
    """A captured payment that its bank takes back, of which nobody tells us."""
    session = world.bill(world.charge())
    return world.ports.payments.open_dispute(session.payment.reference, "fraudulent")


def differs(world: World, word: str) -> list[str]:
    found = reconcile_books(world.ports).differences
    return [each.difference.id for each in found if word in each.difference.id]


def test_a_chargeback_is_found_and_answered_while_there_is_time(world: World) -> None:
    dispute = opened(world)
    assert differs(world, "dispute")
    assert night(world) == 1
    found = kept(world, dispute)
    assert found is not None
    assert found.state is ChargebackState.ANSWERED
    assert sums(world)["disputed:par_app"] == 1749
    assert differs(world, "dispute") == []
    assert night(world) == 0


@pytest.mark.parametrize(("outcome", "loss", "lines"), [("lost", 1749, 1), ("won", 0, 2)])
def test_one_that_is_decided_too_is_booked_to_its_end(
    world: World, outcome: str, loss: int, lines: int
) -> None:
    dispute = opened(world)
    world.ports.payments.close_dispute(dispute, DisputeState(outcome))
    assert night(world) == lines
    found = kept(world, dispute)
    assert found is not None
    assert found.state.value == outcome
    assert sums(world).get("loss:chargeback_fraud", 0) == loss
    assert "disputed:par_app" not in sums(world)


def test_what_a_webhook_has_told_is_not_handed_on(world: World) -> None:
    event = PaymentEvent("evt_1", "charge.dispute.created", opened(world))
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()
    assert night(world) == 0


def test_a_night_that_is_run_twice_hands_on_once(world: World) -> None:
    opened(world)
    assert reconcile_nightly(world.ports)["untold"] == 1
    assert reconcile_nightly(world.ports)["untold"] == 0
    world.settle()
    assert sums(world)["disputed:par_app"] == 1749


def test_a_chargeback_of_nothing_of_ours_is_tried_each_night_and_stays_a_difference(
    world: World,
) -> None:
    rail = world.ports.payouts
    rail.book_dispute("dp_unknown", "", Money(-900, EUR), Money(2000, EUR))
    assert [night(world), night(world)] == [1, 1]
    assert kept(world, "dp_unknown") is None
    assert differs(world, "dispute")


def refunded(world: World) -> Session:
    session = world.bill(world.charge())
    partner = session.partner_id
    dispute = open_for_driver(world.ports, partner, session.id, Reason.OTHER, 500, "", "k", "h")
    grant(world.ports, dispute.id, None, "broken", "Ada Lovelace")
    pass_time(world)
    return world.session(session.id)


def test_a_refund_that_came_back_is_found_and_the_driver_is_owed_again(world: World) -> None:
    session = refunded(world)
    assert night(world) == 0
    world.ports.payments.fail_refund(session.payment.reference)
    assert night(world) == 1
    assert sums(world)["driver_receivable:par_app"] == -500
    assert refunds_returned(world.ports) == [session.id]
    assert differs(world, session.id) == []
    assert night(world) == 0


def test_what_banks_do_to_a_top_up_is_found_too(world: World) -> None:
    top_up = asked(world)
    give_balance_back(world.ports, PREPAID, top_up.id, Money(4000, EUR), "g1")
    world.settle()
    world.ports.payments.fail_refund(top_up.reference)
    assert night(world) == 1
    assert known(world, top_up.id).left == Money(10_000, EUR)
    world.ports.payments.open_dispute(top_up.reference)
    assert night(world) == 1
    assert available(world) == SEED
    assert night(world) == 0
