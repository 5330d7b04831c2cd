"""Is a chargeback a dispute like any other to who reads it, and never paid back twice?"""

from itertools import count

import pytest

from chalicelib.domain.dispute.dispute import Cause, DisputeState, Reason
from chalicelib.domain.session.session import Session
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import DisputeState as AtProvider
from chalicelib.usecases.dispute.decide import NotForStaff, grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.dispute.read import chain, of_session, open_disputes
from chalicelib.usecases.payment.receive_event import receive_event
from sandbox.memory.world import World
from tests.unit.dispute.credits import credit_of, pass_time, sent, sums

_NUMBERS = count(1)


@pytest.fixture
def world() -> World:
    return World()


def _billed(world: World) -> Session:
    session = world.bill(world.charge())
    pass_time(world)
    return world.session(session.id)


def _told(world: World, reference: str) -> None:
    event = PaymentEvent(f"evt_{next(_NUMBERS)}", "charge.dispute.updated", reference)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()


def _taken(world: World, session: Session, reason: str = "product_not_received") -> str:
    payment = session.payment.reference
    reference = world.ports.payments.open_dispute(payment, reason, AtProvider.NEEDS_RESPONSE)
    _told(world, reference)
    return reference


def test_a_chargeback_is_a_dispute_whose_entries_name_it(world: World) -> None:
    session = _billed(world)
    reference = _taken(world, session)
    (dispute,) = of_session(world.ports, session.partner_id, session.id)
    assert (dispute.cause, dispute.state) == (Cause.CHARGEBACK, DisputeState.AT_BANK)
    assert (dispute.reference, dispute.reason) == (reference, Reason.NOT_DELIVERED)
    with pytest.raises(NotForStaff):
        grant(world.ports, dispute.id, None, "we think so too", "Ada Lovelace")
    world.ports.payments.close_dispute(reference, AtProvider.LOST)
    _told(world, reference)
    pass_time(world)
    (dispute,) = of_session(world.ports, session.partner_id, session.id)
    assert dispute.state is DisputeState.SETTLED
    links = chain(world.ports, dispute)
    assert [link.entry.event.value for link in links] == ["chargeback", "chargeback_lost"]
    assert {link.entry.refs["dispute"] for link in links} == {dispute.id}
    assert links[1].partner.minor < 0  # the share follows the sale
    assert dispute.evidence
    assert open_disputes(world.ports) == []


def test_what_is_won_is_denied(world: World) -> None:
    session = _billed(world)
    reference = _taken(world, session)
    world.ports.payments.close_dispute(reference, AtProvider.WON)
    _told(world, reference)
    pass_time(world)
    (dispute,) = of_session(world.ports, session.partner_id, session.id)
    assert dispute.state is DisputeState.DENIED
    sums(world)


def test_a_credit_while_the_bank_has_the_money_is_for_people(world: World) -> None:
    session = world.charge()
    original = world.cdr(session)
    sent(world, original)
    pass_time(world)
    session = world.session(session.id)
    _taken(world, session)
    sent(world, credit_of(original))
    pass_time(world)
    causes = {dispute.cause: dispute.state for dispute in open_disputes(world.ports)}
    assert causes == {Cause.CHARGEBACK: DisputeState.AT_BANK, Cause.CREDIT: DisputeState.OPEN}


def test_what_is_charged_back_after_a_refund_is_not_refunded_again(world: World) -> None:
    session = _billed(world)
    partner = session.partner_id
    dispute = open_for_driver(world.ports, partner, session.id, Reason.OTHER, 500, "", "k", "h")
    grant(world.ports, dispute.id, None, "broken", "Ada Lovelace")
    pass_time(world)
    _taken(world, world.session(session.id), "fraudulent")
    pass_time(world)
    refunds = [b for b in world.session(session.id).booked if b.name.startswith("refund")]
    assert len(refunds) == 1


def test_a_credit_that_a_bank_overtook_is_paid_back_once_the_bank_decides_for_us(
    world: World,
) -> None:
    session = world.charge()
    original = world.cdr(session)
    sent(world, original)
    sent(world, credit_of(original))
    reference = _taken(world, world.session(session.id))
    pass_time(world, hours=4)
    assert world.session(session.id).payment.refunded is None
    world.ports.payments.close_dispute(reference, AtProvider.WON)
    _told(world, reference)
    pass_time(world)
    session = world.session(session.id)
    assert session.payment.refunded == session.payment.captured
    assert "driver_receivable:par_app" not in sums(world)
