"""What may the channel rely on at a payment provider? The same on the fake and over HTTP.

This and test_late_payments.py are the template for a second provider: docs/payments.md says how.
"""

from datetime import timedelta

import pytest

from chalicelib.adapters.stripe.payments import StripePayments
from chalicelib.domain.money import Money, currency
from chalicelib.ports.payments import (
    Hold,
    HoldRequest,
    HoldState,
    KeyReused,
    PaymentRefused,
    ProviderUnavailable,
)
from sandbox.memory.plain import MemorySecrets
from tests.contract.payment_rigs import Rig, StripeRig
from tests.contract.provider_server import START, Server

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
EUR = currency("EUR")


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def asked(session: str = "ses_1", minor: int = 5000, source: str = "pm_card_visa") -> HoldRequest:
    return HoldRequest(session, eur(minor), source, "https://app.example/back")


def test_a_hold_secures_money_for_seven_days(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    assert (hold.state, hold.money) == (HoldState.HELD, eur(5000))
    assert hold.reference.startswith("pi_")
    assert hold.capture_before == START + timedelta(days=7)
    assert rig.payments.read(hold.reference) == hold


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedLostCard", "lost_card"),
    ],
)
def test_a_declined_card_is_an_answer(rig: Rig, source: str, reason: str) -> None:
    hold = rig.payments.hold(asked(source=source), "k1")
    assert (hold.state, hold.reason) == (HoldState.DECLINED, reason)
    assert rig.payments.read(hold.reference) == hold


@pytest.mark.parametrize(
    ("source", "minor", "reason"),
    [("pm_nobody", 5000, "resource_missing"), ("pm_card_visa", 49, "amount_too_small")],
)
def test_a_hold_that_cannot_be_made_is_declined_without_a_reference(
    rig: Rig, source: str, minor: int, reason: str
) -> None:
    hold = rig.payments.hold(asked(source=source, minor=minor), "k1")
    assert hold == Hold("", HoldState.DECLINED, eur(minor), reason=reason)


def test_the_same_key_is_the_same_hold(rig: Rig) -> None:
    first = rig.payments.hold(asked(), "k1")
    assert rig.payments.hold(asked(), "k1") == first
    assert rig.payments.find("ses_1") == first


def test_a_key_is_not_taken_for_another_call(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    with pytest.raises(KeyReused):
        rig.payments.hold(asked(minor=6000), "k1")
    with pytest.raises(KeyReused):
        rig.payments.release(hold.reference, "k1")
    assert rig.payments.read(hold.reference) == hold


def test_a_key_is_forgotten_after_a_day_and_then_pays_twice(rig: Rig) -> None:
    first = rig.payments.hold(asked(), "k1")
    rig.later(hours=24)
    assert rig.payments.hold(asked(), "k1").reference != first.reference


def test_an_answer_lost_after_the_hold_is_found_again(rig: Rig) -> None:
    rig.lose_next("hold", after=True)
    with pytest.raises(ProviderUnavailable):
        rig.payments.hold(asked(), "k1")
    found = rig.payments.find("ses_1")
    assert found is not None
    assert found.state is HoldState.HELD
    assert rig.payments.hold(asked(), "k1") == found


def test_a_call_lost_before_the_provider_took_no_effect(rig: Rig) -> None:
    rig.lose_next("hold", after=False)
    with pytest.raises(ProviderUnavailable):
        rig.payments.hold(asked(), "k1")
    assert rig.payments.find("ses_1") is None
    assert rig.payments.hold(asked(), "k1").state is HoldState.HELD


def test_a_hold_that_nobody_made_is_not_found(rig: Rig) -> None:
    rig.payments.hold(asked("ses_1"), "k1")
    assert rig.payments.find("ses_2") is None
    with pytest.raises(PaymentRefused) as refused:
        rig.payments.read("pi_unknown")
    assert refused.value.provider_code == "resource_missing"


def test_a_capture_takes_the_exact_amount_less_the_fee(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    taken = rig.payments.capture(hold.reference, eur(1749), "k2")
    assert (taken.state, taken.captured) == (HoldState.CAPTURED, eur(1749))
    assert taken.fee == eur(26 + 25)  # 1.5 % of 17.49, half up, and 0.25
    assert taken.refunded is None
    line = rig.payouts.balance_lines()[-1]
    assert (line.kind, line.owner, line.net, line.fee) == ("charge", "ses_1", eur(1698), eur(51))


def test_money_is_captured_once(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    taken = rig.payments.capture(hold.reference, eur(1749), "k2")
    assert rig.payments.capture(hold.reference, eur(1749), "k2") == taken
    assert rig.payments.capture(hold.reference, eur(900), "k3") == taken
    assert rig.payments.release(hold.reference, "k4") == taken
    assert len(rig.payouts.balance_lines()) == 1


def test_an_answer_lost_after_the_capture_takes_no_second_one(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    rig.lose_next("capture", after=True)
    with pytest.raises(ProviderUnavailable):
        rig.payments.capture(hold.reference, eur(1749), "k2")
    assert rig.payments.read(hold.reference).captured == eur(1749)
    rig.later(hours=30)
    assert rig.payments.capture(hold.reference, eur(1749), "k2").captured == eur(1749)
    assert len(rig.payouts.balance_lines()) == 1


def test_no_more_than_the_hold_is_captured(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    with pytest.raises(PaymentRefused) as refused:
        rig.payments.capture(hold.reference, eur(5001), "k2")
    assert refused.value.provider_code == "amount_too_large"
    with pytest.raises(PaymentRefused):  # the key repeats the answer
        rig.payments.capture(hold.reference, eur(5001), "k2")
    assert rig.payments.capture(hold.reference, eur(5000), "k3").captured == eur(5000)


def test_a_hold_lapses_after_seven_days(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    rig.later(days=7)
    lapsed = rig.payments.capture(hold.reference, eur(1749), "k2")
    assert (lapsed.state, lapsed.reason) == (HoldState.CANCELLED, "expired")
    assert lapsed.captured is None


def test_a_hold_is_released_once(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    released = rig.payments.release(hold.reference, "k2")
    assert released.state is HoldState.CANCELLED
    assert rig.payments.release(hold.reference, "k3") == released
    assert rig.payments.capture(hold.reference, eur(1749), "k4") == released


def test_a_hold_is_extended_to_a_total(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    more = rig.payments.extend(hold.reference, eur(8000), "k2")
    assert (more.money, more.reason) == (eur(8000), "")
    assert rig.payments.extend(hold.reference, eur(7000), "k3") == more
    assert rig.payments.capture(hold.reference, eur(8000), "k4").captured == eur(8000)


def test_a_card_that_cannot_be_extended_leaves_the_hold_as_it_is(rig: Rig) -> None:
    hold = rig.payments.hold(asked(source="pm_card_amex"), "k1")
    same = rig.payments.extend(hold.reference, eur(8000), "k2")
    assert same.money == eur(5000)
    assert same.reason
    assert rig.payments.read(hold.reference) == hold


def test_a_released_hold_cannot_be_extended(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    rig.payments.release(hold.reference, "k2")
    same = rig.payments.extend(hold.reference, eur(8000), "k3")
    assert (same.state, same.reason) == (HoldState.CANCELLED, "payment_intent_unexpected_state")


def test_the_bank_asks_and_the_driver_approves(rig: Rig) -> None:
    hold = rig.payments.hold(asked(source="pm_card_authenticationRequired"), "k1")
    assert hold.state is HoldState.ACTION_REQUIRED
    assert hold.action_url.startswith("http")
    with pytest.raises(PaymentRefused):
        rig.payments.capture(hold.reference, eur(100), "k2")
    rig.later(minutes=2)
    rig.complete_action(hold.reference, approve=True)
    held = rig.payments.read(hold.reference)
    assert (held.state, held.action_url) == (HoldState.HELD, "")
    assert held.capture_before == START + timedelta(days=7, minutes=2)


def test_the_bank_asks_and_the_driver_declines(rig: Rig) -> None:
    hold = rig.payments.hold(asked(source="pm_card_authenticationRequired"), "k1")
    rig.complete_action(hold.reference, approve=False)
    declined = rig.payments.read(hold.reference)
    assert declined.state is HoldState.DECLINED
    assert declined.reason == "payment_intent_authentication_failure"


def test_a_hold_that_waits_for_the_bank_can_be_released(rig: Rig) -> None:
    hold = rig.payments.hold(asked(source="pm_card_authenticationRequired"), "k1")
    assert rig.payments.release(hold.reference, "k2").state is HoldState.CANCELLED


def test_refunds_add_up_to_what_was_captured_and_no_further(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    rig.payments.capture(hold.reference, eur(1749), "k2")
    part = rig.payments.refund(hold.reference, eur(500), "k3")
    assert (part.state, part.captured, part.refunded) == (HoldState.CAPTURED, eur(1749), eur(500))
    assert rig.payments.refund(hold.reference, eur(500), "k3") == part
    with pytest.raises(PaymentRefused):
        rig.payments.refund(hold.reference, eur(1250), "k4")
    assert rig.payments.refund(hold.reference, eur(1249), "k5").refunded == eur(1749)
    lines = rig.payouts.balance_lines()
    assert [(line.kind, line.net.minor) for line in lines] == [
        ("charge", 1698),
        ("refund", -500),
        ("refund", -1249),
    ]
    assert {line.owner for line in lines} == {"ses_1"}


def test_what_was_not_captured_is_not_refunded(rig: Rig) -> None:
    hold = rig.payments.hold(asked(), "k1")
    with pytest.raises(PaymentRefused):
        rig.payments.refund(hold.reference, eur(100), "k2")


def test_a_saved_method_names_its_customer(server: Server) -> None:
    rig = StripeRig(server)
    hold = rig.payments.hold(asked(source="cus_1/pm_card_visa"), "k1")
    intent = rig.provider.books.get("payment_intent", hold.reference)
    assert (intent["customer"], intent["payment_method"]) == ("cus_1", "pm_card_visa")


def test_whole_kronur_are_held_and_taken(server: Server) -> None:
    rig, kronur = StripeRig(server), Money(6100, currency("ISK"))
    hold = rig.payments.hold(HoldRequest("ses_1", kronur, "pm_card_visa"), "k1")
    assert hold.money == kronur
    assert rig.payments.capture(hold.reference, kronur, "k2").captured == kronur


def test_a_replaced_api_key_is_taken_up_without_a_restart(server: Server) -> None:
    rig, secrets = StripeRig(server), MemorySecrets()
    secrets.write("stripe", "sk_test_revoked")
    payments = StripePayments(secrets, "stripe", server.url)
    with pytest.raises(ProviderUnavailable):
        payments.hold(asked(), "k1")
    secrets.write("stripe", rig.provider.books.config.api_key)
    assert payments.hold(asked(), "k1").state is HoldState.HELD
