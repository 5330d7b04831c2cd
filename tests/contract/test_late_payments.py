"""What may the channel rely on where a payment's outcome comes late? Debits, disputes, fees, forms.

With test_payments.py the template for a second provider (docs/payments.md).
"""

from datetime import timedelta

import pytest

from chalicelib.domain.money import Money, currency
from chalicelib.ports.payments import (
    DisputeState,
    HoldRequest,
    HoldState,
    PaymentRefused,
    ProviderUnavailable,
    RefundState,
    SetupRequest,
    SetupState,
)
from tests.contract.payment_rigs import PaymentRig
from tests.contract.provider_server import START

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
EUR = currency("EUR")


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def saved(rig: PaymentRig, method: str, kind: str = "card") -> str:
    """A driver's saved method."""
    setup = rig.payments.set_up(SetupRequest("mth_1", kind), "setup")
    rig.confirm_setup(setup.reference, method)
    return rig.payments.read_setup(setup.reference).source


def charged(rig: PaymentRig, session: str = "ses_1") -> str:
    hold = rig.payments.hold(HoldRequest(session, eur(5000), "pm_card_visa"), f"{session}:h")
    return rig.payments.capture(hold.reference, eur(1749), f"{session}:c").reference


# Several holds of one session.


def test_a_session_s_holds_are_told_apart_by_their_numbers(rig: PaymentRig) -> None:
    first = rig.payments.hold(HoldRequest("ses_1", eur(5000), "pm_card_visa"), "k1")
    second = rig.payments.hold(HoldRequest("ses_1", eur(3000), "pm_card_visa", number=2), "k2")
    assert first.reference != second.reference
    assert rig.payments.find("ses_1") == first
    assert rig.payments.find("ses_1", 2) == second
    assert rig.payments.find("ses_1", 3) is None


def test_each_hold_is_taken_for_its_part_and_the_other_is_released(rig: PaymentRig) -> None:
    first = rig.payments.hold(HoldRequest("ses_1", eur(5000), "pm_card_visa"), "k1")
    second = rig.payments.hold(HoldRequest("ses_1", eur(3000), "pm_card_visa", number=2), "k2")
    third = rig.payments.hold(HoldRequest("ses_1", eur(3000), "pm_card_visa", number=3), "k3")
    assert rig.payments.capture(first.reference, eur(5000), "k4").captured == eur(5000)
    assert rig.payments.capture(second.reference, eur(1), "k5").captured == eur(1)
    assert rig.payments.release(third.reference, "k6").state is HoldState.CANCELLED


def test_a_bank_that_asks_while_the_driver_is_away_declines(rig: PaymentRig) -> None:
    request = HoldRequest("ses_1", eur(5000), "pm_card_authenticationRequired", off_session=True)
    hold = rig.payments.hold(request, "k1")
    assert (hold.state, hold.reason) == (HoldState.DECLINED, "authentication_required")


# Fees that lag behind.


def test_a_fee_is_unknown_until_its_balance_transaction_is_there(rig: PaymentRig) -> None:
    hold = rig.payments.hold(HoldRequest("ses_1", eur(5000), "pm_card_visa"), "k1")
    rig.fees_late(late=True)
    taken = rig.payments.capture(hold.reference, eur(1749), "k2")
    assert (taken.captured, taken.fee) == (eur(1749), None)
    assert rig.payments.read(hold.reference).fee is None
    rig.fees_late(late=False)
    assert rig.payments.capture(hold.reference, eur(1749), "k2").captured == eur(1749)
    assert rig.payments.read(hold.reference).fee == eur(51)


# Money at once, by card and by direct debit.


def test_a_card_is_charged_at_once(rig: PaymentRig) -> None:
    paid = rig.payments.charge(HoldRequest("top_1", eur(5000), "pm_card_visa"), "k1")
    assert (paid.state, paid.captured, paid.fee) == (HoldState.CAPTURED, eur(5000), eur(100))
    assert rig.payments.find("top_1") == paid
    assert rig.payouts.balance_lines()[-1].owner == "top_1"
    assert rig.payments.charge(HoldRequest("top_1", eur(5000), "pm_card_visa"), "k1") == paid
    assert len(rig.payouts.balance_lines()) == 1


def test_a_card_that_is_declined_is_not_charged(rig: PaymentRig) -> None:
    request = HoldRequest("top_1", eur(5000), "pm_card_chargeDeclinedExpiredCard")
    declined = rig.payments.charge(request, "k1")
    assert (declined.state, declined.reason) == (HoldState.DECLINED, "expired_card")
    assert not rig.payouts.balance_lines()


def test_a_debit_is_pending_for_days_and_then_paid(rig: PaymentRig) -> None:
    source = saved(rig, "pm_sepa_pays", "sepa_debit")
    assert source.startswith("sepa:cus_")
    asked = rig.payments.charge(HoldRequest("ses_1", eur(1749), source, off_session=True), "k1")
    assert (asked.state, asked.captured) == (HoldState.PENDING, None)
    assert rig.payments.find("ses_1") == asked
    rig.later(days=4)
    assert rig.payments.read(asked.reference).state is HoldState.PENDING
    rig.later(days=2)
    paid = rig.payments.read(asked.reference)
    assert (paid.state, paid.captured) == (HoldState.CAPTURED, eur(1749))
    assert paid.fee is not None


@pytest.mark.parametrize(
    ("method", "reason"),
    [("pm_sepa_fails", "insufficient_funds"), ("pm_sepa_gone", "account_closed")],
)
def test_a_debit_fails_late(rig: PaymentRig, method: str, reason: str) -> None:
    source = saved(rig, method, "sepa_debit")
    asked = rig.payments.charge(HoldRequest("ses_1", eur(1749), source), "k1")
    assert asked.state is HoldState.PENDING
    rig.later(days=6)
    failed = rig.payments.read(asked.reference)
    assert (failed.state, failed.reason, failed.captured) == (HoldState.DECLINED, reason, None)
    assert not rig.payouts.balance_lines()


def test_a_debit_whose_answer_was_lost_is_found(rig: PaymentRig) -> None:
    source = saved(rig, "pm_sepa_pays", "sepa_debit")
    rig.lose_next("charge", after=True)
    with pytest.raises(ProviderUnavailable):
        rig.payments.charge(HoldRequest("ses_1", eur(1749), source), "k1")
    found = rig.payments.find("ses_1")
    assert found is not None
    assert found.state is HoldState.PENDING


# Chargebacks.


def test_a_dispute_names_our_session_and_what_it_took(rig: PaymentRig) -> None:
    payment = charged(rig)
    dispute = rig.payments.read_dispute(rig.open_dispute(payment, "fraudulent"))
    assert (dispute.payment, dispute.owner, dispute.reason) == (payment, "ses_1", "fraudulent")
    assert (dispute.state, dispute.money) == (DisputeState.NEEDS_RESPONSE, eur(1749))
    assert (dispute.opened_at, dispute.answer_by) == (START, START + timedelta(days=7))
    assert [(move.money, move.fee) for move in dispute.moves] == [(eur(-1749), eur(2000))]
    line = rig.payouts.balance_lines()[-1]
    assert (line.reference, line.kind) == (dispute.moves[0].reference, "adjustment")
    assert line.source == dispute.reference  # by which it is found, webhook or not
    assert line.net == eur(-1749 - 2000)


def test_an_inquiry_takes_nothing(rig: PaymentRig) -> None:
    dispute = rig.payments.read_dispute(rig.open_dispute(charged(rig), "general", inquiry=True))
    assert (dispute.state, dispute.moves) == (DisputeState.INQUIRY, ())
    assert not [line for line in rig.payouts.balance_lines() if line.kind == "adjustment"]


def test_a_dispute_is_answered_once(rig: PaymentRig) -> None:
    opened = rig.open_dispute(charged(rig), "product_not_received")
    answered = rig.payments.contest(opened, "30 kWh were delivered", "k1")
    assert answered.state is DisputeState.UNDER_REVIEW
    assert rig.payments.contest(opened, "something else", "k2") == answered


def test_a_dispute_that_is_won_brings_the_money_back(rig: PaymentRig) -> None:
    opened = rig.open_dispute(charged(rig), "fraudulent")
    rig.close_dispute(opened, won=True)
    won = rig.payments.read_dispute(opened)
    assert won.state is DisputeState.WON
    assert [move.money for move in won.moves] == [eur(-1749), eur(1749)]
    assert rig.payments.contest(opened, "too late", "k1") == won


def test_a_dispute_that_is_lost_brings_nothing_back(rig: PaymentRig) -> None:
    opened = rig.open_dispute(charged(rig), "fraudulent")
    rig.close_dispute(opened, won=False)
    lost = rig.payments.read_dispute(opened)
    assert (lost.state, len(lost.moves)) == (DisputeState.LOST, 1)


def test_what_the_bank_has_is_not_refunded_as_well_and_what_it_gave_back_may_be(
    rig: PaymentRig,
) -> None:
    payment = charged(rig)
    opened = rig.open_dispute(payment, "fraudulent")
    with pytest.raises(PaymentRefused) as refused:
        rig.payments.refund(payment, eur(500), "r1")
    assert refused.value.provider_code == "charge_disputed"
    rig.close_dispute(opened, won=True)
    assert rig.payments.refund(payment, eur(500), "r2").refunded == eur(500)


def test_a_refund_that_came_back_says_so_and_its_money_is_ours_again(rig: PaymentRig) -> None:
    payment = charged(rig)
    rig.payments.refund(payment, eur(500), "r1")
    failed = rig.fail_refund(payment)
    refund = rig.payments.read_refund(failed)
    assert (refund.payment, refund.owner, refund.money) == (payment, "ses_1", eur(500))
    assert refund.state is RefundState.FAILED
    lines = [line for line in rig.payouts.balance_lines() if "refund" in line.kind]
    assert sum(line.net.minor for line in lines) == 0
    told = (lines[-1].kind, lines[-1].source, lines[-1].owner)
    assert told == ("refund_failure", failed, "ses_1")  # by which it is found, webhook or not
    with pytest.raises(PaymentRefused):
        rig.payments.read_refund("re_unknown")


def test_a_dispute_that_nobody_opened_is_refused(rig: PaymentRig) -> None:
    with pytest.raises(PaymentRefused):
        rig.payments.read_dispute("dp_unknown")


# Saved methods.


def test_a_method_is_saved_in_the_provider_s_form(rig: PaymentRig) -> None:
    setup = rig.payments.set_up(SetupRequest("mth_1", "card"), "k1")
    assert setup.state is SetupState.ACTION_REQUIRED
    assert setup.customer.startswith("cus_")
    assert setup.secret
    assert rig.payments.set_up(SetupRequest("mth_1", "card"), "k1") == setup
    rig.confirm_setup(setup.reference, "pm_card_visa")
    done = rig.payments.read_setup(setup.reference)
    assert (done.state, done.source) == (SetupState.SAVED, f"{setup.customer}/pm_card_visa")
    request = HoldRequest("ses_1", eur(5000), done.source, off_session=True)
    assert rig.payments.hold(request, "k2").state is HoldState.HELD


def test_a_second_method_belongs_to_the_same_customer(rig: PaymentRig) -> None:
    first = rig.payments.set_up(SetupRequest("mth_1", "card"), "k1")
    second = rig.payments.set_up(SetupRequest("mth_2", "sepa_debit", first.customer), "k2")
    assert (second.customer, second.reference != first.reference) == (first.customer, True)


def test_a_card_that_is_declined_in_the_form_is_not_saved(rig: PaymentRig) -> None:
    setup = rig.payments.set_up(SetupRequest("mth_1", "card"), "k1")
    rig.confirm_setup(setup.reference, "pm_card_chargeDeclinedExpiredCard")
    tried = rig.payments.read_setup(setup.reference)
    assert (tried.state, tried.reason) == (SetupState.ACTION_REQUIRED, "expired_card")


def test_a_method_that_is_detached_pays_no_more(rig: PaymentRig) -> None:
    source = saved(rig, "pm_card_visa")
    rig.payments.detach(source, "k1")
    rig.payments.detach(source, "k2")
    refused = rig.payments.hold(HoldRequest("ses_1", eur(5000), source), "k3")
    assert (refused.state, refused.reason) == (HoldState.DECLINED, "resource_missing")
