"""Who bears what a bank took for good before the CDR came? The driver, until there is a bill."""

from itertools import count

import pytest

from chalicelib.domain.agreement.agreement import Bearer, PaymentMethod
from chalicelib.domain.dispute.chargeback import Chargeback, ChargebackState
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.reconciliation.difference import Responsible
from chalicelib.domain.session.session import Session
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.read import chain, of_session
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.reconciliation.books import reconcile_books
from chalicelib.usecases.records import load
from sandbox.memory.world import EUR, PARTNERS, World
from tests.unit.dispute.credits import credit_of, pass_time, sent, sums

DRIVER = f"driver_receivable:{PARTNERS[PaymentMethod.CARD]}"
GROSS = 1749
_NUMBERS = count(1)


@pytest.fixture
def world() -> World:
    return World()


def told(world: World, dispute: str) -> None:
    event = PaymentEvent(f"evt_{next(_NUMBERS)}", "charge.dispute.updated", dispute)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()


def decided(world: World, dispute: str, state: DisputeState) -> None:
    world.ports.payments.close_dispute(dispute, state)
    told(world, dispute)


def lost(world: World, reason: str) -> tuple[Session, str]:
    """Captured without a CDR, taken back by the driver's bank, and lost; no CDR has come yet."""
    session = world.charge()
    pass_time(world, hours=20)
    session = world.session(session.id)
    assert session.payment.state is PaymentState.CAPTURED
    dispute = world.ports.payments.open_dispute(session.payment.reference, reason)
    told(world, dispute)
    decided(world, dispute, DisputeState.LOST)
    assert sums(world)[DRIVER] == GROSS, "nobody has earned it: it is the driver's debt"
    return session, dispute


def kept(world: World, dispute: str) -> Chargeback:
    return load(world.ports.store, keys.chargeback(dispute), Chargeback, "chargeback").value


def test_the_cpo_bears_it_once_its_late_cdr_has_made_a_sale(world: World) -> None:
    session, dispute = lost(world, "product_not_received")
    sent(world, world.cdr(session))
    found = sums(world)
    assert not {DRIVER, "disputed:par_app"} & found.keys()
    assert not [name for name in found if name.startswith(("cpo_payable", "partner_payable"))]
    assert (kept(world, dispute).bearer, kept(world, dispute).borne) == (
        Bearer.CPO,
        Money(GROSS, EUR),
    )
    pass_time(world)
    (opened,) = of_session(world.ports, session.partner_id, session.id)
    names = [link.entry.event.value for link in chain(world.ports, opened)]
    assert names == ["chargeback", "chargeback_lost", "chargeback_lost"]
    assert opened.evidence
    wrong = reconcile_books(world.ports, deep=True).differences  # the seed's cash is finance's
    assert [found for found in wrong if found.responsible is not Responsible.FINANCE] == []


def test_fraud_is_the_platform_s_and_the_cpo_keeps_its_sale(world: World) -> None:
    session, dispute = lost(world, "fraudulent")
    sent(world, world.cdr(session))
    found = sums(world)
    assert (found["loss:chargeback_fraud"], DRIVER in found) == (GROSS, False)
    assert kept(world, dispute).bearer is Bearer.PLATFORM


def test_the_cdr_and_the_bank_again_change_nothing(world: World) -> None:
    session, dispute = lost(world, "fraudulent")
    sent(world, world.cdr(session))
    before, booked = sums(world), kept(world, dispute).booked
    assert sent(world, world.cdr(session)).repeated
    told(world, dispute)
    assert (sums(world), kept(world, dispute).booked) == (before, booked)


def test_a_lower_bill_is_all_that_anybody_bears(world: World) -> None:
    session, dispute = lost(world, "fraudulent")
    sent(world, world.cdr(session, excl="7.35"))
    pass_time(world)
    bill = world.session(session.id).bill
    assert bill is not None
    assert bill.gross.minor < GROSS
    found = sums(world)
    assert found["loss:chargeback_fraud"] == bill.gross.minor
    assert DRIVER not in found, "the bank gave back what was taken too much"
    assert kept(world, dispute).borne == bill.gross


@pytest.mark.parametrize("reason", ["product_not_received", "fraudulent"])
def test_what_is_won_after_all_leaves_the_sale_as_if_nothing_had_been(
    world: World, reason: str
) -> None:
    session, dispute = lost(world, reason)
    sent(world, world.cdr(session))
    decided(world, dispute, DisputeState.WON)
    found = sums(world)
    assert not [name for name in found if name.startswith(("loss", "disputed", "driver_rec"))]
    assert sum(minor for name, minor in found.items() if name.startswith("cpo_payable")) == -1609
    assert kept(world, dispute).state is ChargebackState.WON


def test_a_debit_that_its_bank_sent_back_stays_the_driver_s_debt(world: World) -> None:
    session, dispute = lost(world, "insufficient_funds")
    sent(world, world.cdr(session))
    assert sums(world)[DRIVER] == GROSS
    assert kept(world, dispute).bearer is None


def test_a_second_bill_after_a_credit_is_the_driver_s_whoever_gave_the_money_back(
    world: World,
) -> None:
    session = world.charge()
    original = world.cdr(session)
    sent(world, original)
    sent(world, credit_of(original))
    payment = world.session(session.id).payment.reference
    dispute = world.ports.payments.open_dispute(payment, "product_not_received")
    told(world, dispute)
    decided(world, dispute, DisputeState.LOST)
    assert DRIVER not in sums(world), "the bank paid what we owed"
    sent(world, world.cdr(session, id="cdr-2"))
    pass_time(world)
    assert sums(world)[DRIVER] == GROSS
    assert kept(world, dispute).bearer is None
