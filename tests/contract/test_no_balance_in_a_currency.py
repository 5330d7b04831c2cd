"""What may the channel rely on where its account has no balance in a payment's currency?

The same on the fake and over HTTP; what Stripe's own JSON says is read from texts of its shape.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.adapters.stripe.disputes import read_dispute
from chalicelib.adapters.stripe.payments import read_hold
from chalicelib.adapters.stripe.payouts import read_currencies
from chalicelib.adapters.stripe.refunds import moves_of, read_refund
from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.money import Money, currency
from chalicelib.ports.payments import HoldRequest, RefundState
from chalicelib.ports.payouts import PayoutRefused, Unfunded
from tests.contract.payment_rigs import PaymentRig
from tests.contract.provider_server import START

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
EUR, SEK = currency("EUR"), currency("SEK")
DAY = START.date()


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def sek(minor: int) -> Money:
    return Money(minor, SEK)


def made_of(given: int, got: int, rate: str = "0.088", day: date = DAY) -> Conversion:
    return Conversion(sek(given), eur(got), Decimal(rate), day, "provider: stripe")


@pytest.fixture
def rig(rig: PaymentRig) -> PaymentRig:
    rig.no_balance(SEK, EUR, "0.088")
    return rig


def captured(rig: PaymentRig, minor: int = 20_000) -> str:
    hold = rig.payments.hold(HoldRequest("ses_1", sek(minor), "pm_card_visa"), "k1")
    assert hold.money == sek(minor)
    rig.payments.capture(hold.reference, sek(minor), "k2")
    return hold.reference


def test_a_capture_lies_in_the_balances_currency_with_its_fee_and_rate(rig: PaymentRig) -> None:
    taken = rig.payments.read(captured(rig))
    assert (taken.captured, taken.fee) == (sek(20_000), eur(26 + 25))  # of 17.60 EUR
    assert taken.converted == made_of(20_000, 1760)
    (line,) = rig.payouts.balance_lines()
    assert (line.kind, line.net, line.fee) == ("charge", eur(1760 - 51), eur(51))


def test_until_its_balance_transaction_is_there_neither_is_known(rig: PaymentRig) -> None:
    rig.fees_late(late=True)
    reference = captured(rig)
    assert (rig.payments.read(reference).fee, rig.payments.read(reference).converted) == (None,) * 2
    rig.fees_late(late=False)
    assert rig.payments.read(reference).converted == made_of(20_000, 1760)


def test_each_refund_goes_at_the_rate_of_its_own_day(rig: PaymentRig) -> None:
    reference = captured(rig)
    rig.payments.refund(reference, sek(5000), "k3")
    rig.later(days=1)
    rig.no_balance(SEK, EUR, "0.1")
    given = rig.payments.refund(reference, sek(2000), "k4")
    next_day = date(2026, 11, 19)
    assert given.refunded == sek(7000)
    assert given.refund_moves == (
        made_of(-5000, -440),
        made_of(-2000, -200, "0.1", next_day),
    )
    assert [line.net for line in rig.payouts.balance_lines()[1:]] == [eur(-440), eur(-200)]


def test_a_refund_that_comes_back_brings_what_it_had_taken(rig: PaymentRig) -> None:
    reference = captured(rig)
    rig.payments.refund(reference, sek(5000), "k3")
    rig.no_balance(SEK, EUR, "0.1")
    failed = rig.payments.read_refund(rig.fail_refund(reference))
    assert (failed.state, failed.money) == (RefundState.FAILED, sek(5000))
    assert failed.came_back == made_of(5000, 440)
    assert rig.payments.read(reference).refund_moves == ()
    assert rig.payouts.balance_lines()[-1].net == eur(440)


def test_a_dispute_takes_and_gives_back_at_the_rate_of_its_day(rig: PaymentRig) -> None:
    reference = captured(rig)
    rig.no_balance(SEK, EUR, "0.09")
    dispute = rig.open_dispute(reference, "fraudulent")
    rig.no_balance(SEK, EUR, "0.08")
    rig.close_dispute(dispute, won=True)
    known = rig.payments.read_dispute(dispute)
    assert known.money == sek(20_000)
    moves = [(move.money, move.fee, move.converted) for move in known.moves]
    assert moves == [
        (sek(-20_000), eur(2000), made_of(-20_000, -1800, "0.09")),
        (sek(20_000), eur(0), made_of(20_000, 1600, "0.08")),
    ]
    nets = [line.net for line in rig.payouts.balance_lines()[1:]]
    assert nets == [eur(-1800 - 2000), eur(1600)]


def test_nothing_of_it_can_be_sent_on_in_the_payments_currency(rig: PaymentRig) -> None:
    rig.open_account("acct_cpo", "SEK")
    captured(rig)
    rig.later(days=4)
    assert rig.payouts.balance(SEK) == sek(0)
    assert rig.payouts.balance(EUR) == eur(1709)
    with pytest.raises(Unfunded):
        rig.payouts.transfer("pay_1", "acct_cpo", sek(10_000), "k3")


def test_a_transfer_to_an_account_without_its_currency_is_converted_and_not_paid_out(
    rig: PaymentRig,
) -> None:
    rig.open_account("acct_cpo", "SEK")
    rig.no_balance(EUR, SEK, "11", "acct_cpo")
    rig.fund(eur(5000))
    sent = rig.payouts.transfer("pay_1", "acct_cpo", eur(1609), "k1")
    with pytest.raises((PayoutRefused, Unfunded)):
        rig.payouts.pay("pay_1", "acct_cpo", eur(1609), "k2")
    rig.no_balance(EUR, SEK, "10.5", "acct_cpo")
    rig.payouts.reverse_transfer("pay_1", sent, eur(1609), "k3")
    ours = [line.net for line in rig.payouts.balance_lines()]
    assert ours == [eur(5000), eur(-1609), eur(1609)]
    assert [line.net for line in rig.payouts.balance_lines("acct_cpo")] == [
        sek(17_699),
        sek(-16_895),  # 16,894.5 rounded: half away from zero
    ]


def test_another_currency_is_as_it_always_was(rig: PaymentRig) -> None:
    hold = rig.payments.hold(HoldRequest("ses_1", eur(5000), "pm_card_visa"), "k1")
    taken = rig.payments.capture(hold.reference, eur(5000), "k2")
    given = rig.payments.refund(hold.reference, eur(100), "k3")
    assert (taken.fee, taken.converted) == (eur(100), None)
    assert [(move.given, move.got) for move in given.refund_moves] == [(eur(-100), eur(-100))]


def test_once_the_account_has_such_a_balance_a_refund_leaves_it_as_it_is(rig: PaymentRig) -> None:
    reference = captured(rig)
    rig.has_balance(SEK)
    given = rig.payments.refund(reference, sek(5000), "k3")
    assert given.converted == made_of(20_000, 1760)
    assert [(move.given, move.got) for move in given.refund_moves] == [(sek(-5000), sek(-5000))]
    back = rig.payments.read_refund(rig.fail_refund(reference)).came_back
    assert back is not None
    assert (back.given, back.got) == (sek(5000), sek(5000))


# What Stripe says: the fields that we read, as it writes them.


def txn(amount: int, fee: int = 0, **other: Any) -> dict[str, Any]:
    line = {
        "id": "txn_3PqX",
        "object": "balance_transaction",
        "amount": amount,
        "created": 1_795_000_000,
        "currency": "eur",
        "exchange_rate": 0.0879541,
        "fee": fee,
        "net": amount - fee,
    }
    return {**line, **other}


def intent(line: dict[str, Any] | str | None) -> dict[str, Any]:
    charge = {
        "id": "ch_3PqX",
        "amount": 30_000,
        "amount_captured": 20_000,
        "amount_refunded": 10_000,
        "balance_transaction": line,
        "currency": "sek",
    }
    return {
        "id": "pi_3PqX",
        "amount": 30_000,
        "amount_received": 20_000,
        "currency": "sek",
        "last_payment_error": None,
        "latest_charge": charge,
        "next_action": None,
        "status": "succeeded",
    }


def test_stripes_exchange_rate_is_read_to_its_last_digit() -> None:
    hold = read_hold(intent(txn(1759, 82)))
    assert (hold.captured, hold.fee, hold.refunded) == (sek(20_000), eur(82), None)
    assert hold.converted == made_of(20_000, 1759, "0.0879541")


def test_a_line_in_the_payments_currency_and_an_unexpanded_one_convert_nothing() -> None:
    own = txn(20_000, 480, currency="sek", exchange_rate=None)
    assert read_hold(intent(own)).fee == sek(480)
    for line in (own, "txn_3PqX", None):
        assert read_hold(intent(line)).converted is None


def refund(id_: str, amount: int, line: object, **other: Any) -> dict[str, Any]:
    made = {
        "id": id_,
        "object": "refund",
        "amount": amount,
        "balance_transaction": line,
        "currency": "sek",
        "metadata": {"session_id": "ses_1"},
        "payment_intent": "pi_3PqX",
        "status": "succeeded",
    }
    return {**made, **other}


def test_refunds_count_that_are_ours_and_did_not_come_back() -> None:
    found = [
        refund("re_0", 10_000, None, metadata={}),  # the part of the hold that was never taken
        refund("re_1", 5000, txn(-445, exchange_rate=0.089)),
        refund("re_2", 700, txn(-63, exchange_rate=0.09), status="failed"),
        refund("re_3", 800, None),  # its balance transaction lags behind
    ]
    assert moves_of(found) == (made_of(-5000, -445, "0.089"),)


def test_what_comes_back_without_a_rate_has_the_one_of_its_sums() -> None:
    back = txn(445, exchange_rate=None)
    failed = read_refund(
        refund("re_1", 5000, "txn_1", status="failed", failure_balance_transaction=back)
    )
    assert failed.came_back == made_of(5000, 445, "0.0890000000")


def test_a_disputes_lines_are_in_the_balances_currency() -> None:
    said = {
        "id": "dp_1",
        "amount": 20_000,
        "balance_transactions": [txn(-1790, 2000, id="txn_1", exchange_rate=0.0895)],
        "created": 1_795_000_000,
        "currency": "sek",
        "payment_intent": {"id": "pi_3PqX", "metadata": {"session_id": "ses_1"}},
        "reason": "fraudulent",
        "status": "needs_response",
    }
    (move,) = read_dispute(said).moves
    assert (move.money, move.fee) == (sek(-20_000), eur(2000))
    assert move.converted == made_of(-20_000, -1790, "0.0895")


def test_a_payees_accounts_that_stripe_does_not_show_whole_say_nothing() -> None:
    bank = {"object": "bank_account", "currency": "eur"}
    card = {"object": "card", "currency": "sek"}
    listed = {"object": "list", "has_more": False, "data": [bank, card]}
    assert read_currencies({"external_accounts": listed}) == frozenset({EUR, SEK})
    assert read_currencies({"external_accounts": {**listed, "has_more": True}}) is None
    assert read_currencies({}) is None  # an account that is not the platform's to control
