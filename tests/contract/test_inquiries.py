"""What may the channel rely on where a bank asks before it takes? (docs/payments.md)"""

from datetime import timedelta

import pytest

from chalicelib.domain.money import Money, currency
from chalicelib.ports.payments import DisputeState, HoldRequest, ProviderUnavailable
from tests.contract.payment_rigs import PaymentRig
from tests.contract.provider_server import START

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
EUR = currency("EUR")


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def charged(rig: PaymentRig) -> str:
    hold = rig.payments.hold(HoldRequest("ses_1", eur(5000), "pm_card_visa"), "h")
    return rig.payments.capture(hold.reference, eur(1749), "c").reference


def test_an_inquiry_is_answered_and_stays_one(rig: PaymentRig) -> None:
    opened = rig.open_dispute(charged(rig), "general", inquiry=True)
    answered = rig.payments.contest(opened, "30 kWh were delivered", "k1")
    assert (answered.state, answered.moves) == (DisputeState.INQUIRY, ())


def test_an_answer_that_was_lost_is_the_same_under_its_key_and_another_changes_nothing(
    rig: PaymentRig,
) -> None:
    opened = rig.open_dispute(charged(rig), "general", inquiry=True)
    rig.lose_next("contest", after=True)
    with pytest.raises(ProviderUnavailable):
        rig.payments.contest(opened, "30 kWh were delivered", "k1")
    answered = rig.payments.contest(opened, "30 kWh were delivered", "k1")
    assert answered.state is DisputeState.INQUIRY
    assert rig.payments.contest(opened, "something else", "k2") == answered
    rig.escalate_dispute(opened)
    assert rig.payments.contest(opened, "30 kWh were delivered", "k1") == answered
    again = rig.payments.contest(opened, "30 kWh were delivered", "k3")
    assert again.state is DisputeState.UNDER_REVIEW


def test_an_inquiry_that_ends_has_taken_nothing_and_stays_over(rig: PaymentRig) -> None:
    opened = rig.open_dispute(charged(rig), "general", inquiry=True)
    rig.close_inquiry(opened)
    closed = rig.payments.read_dispute(opened)
    assert (closed.state, closed.moves) == (DisputeState.CLOSED, ())
    assert rig.payments.contest(opened, "too late", "k1") == closed


def test_an_inquiry_becomes_a_chargeback_under_its_own_name(rig: PaymentRig) -> None:
    opened = rig.open_dispute(charged(rig), "general", inquiry=True)
    rig.payments.contest(opened, "30 kWh were delivered", "k1")
    rig.later(days=2)
    rig.escalate_dispute(opened)
    taken = rig.payments.read_dispute(opened)
    assert taken.state is DisputeState.NEEDS_RESPONSE
    assert (taken.opened_at, taken.answer_by) == (START, START + timedelta(days=9))
    assert [(move.money, move.fee) for move in taken.moves] == [(eur(-1749), eur(2000))]
    line = rig.payouts.balance_lines()[-1]
    assert (line.kind, line.source, line.net) == ("adjustment", opened, eur(-1749 - 2000))
    answered = rig.payments.contest(opened, "30 kWh, by its meter", "k2")
    assert answered.state is DisputeState.UNDER_REVIEW
    rig.close_dispute(opened, won=True)
    assert rig.payments.read_dispute(opened).state is DisputeState.WON


def test_what_is_only_inquired_about_may_be_refunded(rig: PaymentRig) -> None:
    payment = charged(rig)
    rig.open_dispute(payment, "general", inquiry=True)
    assert rig.payments.refund(payment, eur(1749), "r1").refunded == eur(1749)
