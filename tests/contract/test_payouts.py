"""What may the channel rely on at a payout rail? The same on the fake, over HTTP, by files."""

import pytest

from chalicelib.domain.errors import NotYet
from chalicelib.domain.money import Money, currency
from chalicelib.ports.payments import HoldRequest, KeyReused, ProviderUnavailable
from chalicelib.ports.payouts import PayoutRefused, PayoutState, RailPayout, Unfunded
from tests.contract.payment_rigs import MemoryRig, Rig, SepaRig, StripeRig

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
EUR, GBP = currency("EUR"), currency("GBP")
PROVIDERS = ["memory", "stripe"]  # rails that hold cards and payees' accounts, and know keys
only_providers = pytest.mark.parametrize("rig", PROVIDERS, indirect=True)


def eur(minor: int) -> Money:
    return Money(minor, EUR)


@pytest.fixture(params=[*PROVIDERS, "sepa"])
def rig(request: pytest.FixtureRequest, cpo: str) -> Rig:
    made: Rig
    match request.param:
        case "memory":
            made = MemoryRig()
        case "sepa":
            made = SepaRig()
        case _:
            made = StripeRig(request.getfixturevalue("server"))
    made.open_account(cpo, "EUR")
    made.fund(eur(10_000))
    return made


@pytest.fixture
def cpo(request: pytest.FixtureRequest) -> str:
    """The payee's account, named as its rail names one."""
    return "bank_cpo" if "sepa" in request.node.callspec.id else "acct_cpo"


def paid(rig: Rig, account: str, money: Money) -> RailPayout:
    """Paid out, and answered: a bank says yes by a file, others at once."""
    rig.payouts.transfer("pay_1", account, money, "k1")
    asked = rig.payouts.pay("pay_1", account, money, "k2")
    rig.answer()
    found = rig.payouts.find_payout("pay_1", account)
    assert found is not None
    assert found.reference == asked.reference
    return found


def test_money_goes_to_the_payee_and_then_to_its_bank(rig: Rig, cpo: str) -> None:
    transfer = rig.payouts.transfer("pay_1", cpo, eur(1609), "k1")
    assert rig.payouts.find_transfer("pay_1") == transfer
    assert rig.payouts.balance(EUR) == eur(8391)
    assert rig.payouts.balance(EUR, cpo) == eur(1609)
    rig.payouts.pay("pay_1", cpo, eur(1609), "k2")
    rig.answer()
    payout = rig.payouts.find_payout("pay_1", cpo)
    assert payout is not None
    assert (payout.state, payout.money) == (PayoutState.ACCEPTED, eur(1609))
    assert rig.payouts.balance(EUR, cpo) == eur(0)


def test_a_payout_is_accepted_at_once_and_credited_on_the_next_banking_day(
    rig: Rig, cpo: str
) -> None:
    payout = paid(rig, cpo, eur(1609))
    rig.later(hours=14)
    assert rig.payouts.read_payout(payout.reference, cpo).state is PayoutState.ACCEPTED
    rig.later(hours=1)  # midnight, Thursday
    assert rig.payouts.read_payout(payout.reference, cpo).state is PayoutState.CREDITED


def test_a_payout_of_friday_is_credited_on_monday(rig: Rig, cpo: str) -> None:
    rig.later(days=2)
    payout = paid(rig, cpo, eur(1609))
    rig.later(days=2)
    assert rig.payouts.read_payout(payout.reference, cpo).state is PayoutState.ACCEPTED
    rig.later(days=1)
    assert rig.payouts.read_payout(payout.reference, cpo).state is PayoutState.CREDITED


def test_the_same_key_moves_money_once(rig: Rig, cpo: str) -> None:
    transfer = rig.payouts.transfer("pay_1", cpo, eur(1609), "k1")
    payout = rig.payouts.pay("pay_1", cpo, eur(1609), "k2")
    assert rig.payouts.transfer("pay_1", cpo, eur(1609), "k1") == transfer
    assert rig.payouts.pay("pay_1", cpo, eur(1609), "k2") == payout
    with pytest.raises(KeyReused):
        rig.payouts.transfer("pay_1", cpo, eur(1610), "k1")
    assert rig.payouts.balance(EUR) == eur(8391)


def test_answers_lost_after_the_call_are_looked_up(rig: Rig, cpo: str) -> None:
    rig.payouts.transfer("pay_1", cpo, eur(1609), "k1")
    rig.lose_next("pay", after=True)
    with pytest.raises(NotYet):
        rig.payouts.pay("pay_1", cpo, eur(1609), "k2")
    rig.answer()
    rig.later(hours=30)  # the key is forgotten: only looking helps
    payout = rig.payouts.find_payout("pay_1", cpo)
    assert payout is not None
    assert payout.state is PayoutState.CREDITED


@only_providers
def test_a_lost_answer_to_a_transfer_is_looked_up(rig: Rig, cpo: str) -> None:
    rig.lose_next("transfer", after=True)
    with pytest.raises(ProviderUnavailable):
        rig.payouts.transfer("pay_1", cpo, eur(1609), "k1")
    found = rig.payouts.find_transfer("pay_1")
    assert found == rig.payouts.transfer("pay_1", cpo, eur(1609), "k1")


def test_a_payout_that_never_arrived_is_not_found_and_asked_again(rig: Rig, cpo: str) -> None:
    rig.payouts.transfer("pay_1", cpo, eur(1609), "k1")
    rig.lose_next("pay", after=False)
    with pytest.raises(NotYet):
        rig.payouts.pay("pay_1", cpo, eur(1609), "k2")
    assert rig.payouts.find_payout("pay_1", cpo) is None
    rig.payouts.pay("pay_1", cpo, eur(1609), "k2")
    rig.answer()
    found = rig.payouts.find_payout("pay_1", cpo)
    assert found is not None
    assert found.state is PayoutState.ACCEPTED


@only_providers
def test_what_was_never_sent_is_not_found(rig: Rig, cpo: str) -> None:
    rig.lose_next("transfer", after=False)
    with pytest.raises(ProviderUnavailable):
        rig.payouts.transfer("pay_1", cpo, eur(1609), "k1")
    assert rig.payouts.find_transfer("pay_1") is None
    assert rig.payouts.find_payout("pay_1", cpo) is None
    assert rig.payouts.balance(EUR) == eur(10_000)


def test_no_more_than_the_balance_is_transferred(rig: Rig, cpo: str) -> None:
    with pytest.raises(Unfunded):
        rig.payouts.transfer("pay_1", cpo, eur(10_001), "k1")
    rig.fund(eur(1))
    assert rig.payouts.transfer("pay_1", cpo, eur(10_001), "k2")
    with pytest.raises(Unfunded):
        rig.payouts.pay("pay_1", cpo, eur(10_002), "k3")


@only_providers
def test_a_key_repeats_its_answer_for_a_day(rig: Rig, cpo: str) -> None:
    with pytest.raises(Unfunded):
        rig.payouts.transfer("pay_1", cpo, eur(10_001), "k1")
    rig.fund(eur(1))
    with pytest.raises(Unfunded):
        rig.payouts.transfer("pay_1", cpo, eur(10_001), "k1")


@only_providers
def test_charges_become_available_after_days(rig: Rig) -> None:
    hold = rig.payments.hold(HoldRequest("ses_1", eur(5000), "pm_card_visa"), "k1")
    rig.payments.capture(hold.reference, eur(5000), "k2")
    rig.later(days=3, seconds=-1)
    assert rig.payouts.balance(EUR) == eur(10_000)
    rig.later(seconds=1)
    assert rig.payouts.balance(EUR) == eur(10_000 + 5000 - 100)


def test_nobody_unknown_is_paid(rig: Rig, cpo: str) -> None:
    nobody = f"{cpo.partition('_')[0]}_nobody"
    with pytest.raises(PayoutRefused) as refused:
        rig.payouts.transfer("pay_1", nobody, eur(100), "k1")
    assert refused.value.provider_code == "resource_missing"
    with pytest.raises(PayoutRefused):
        rig.payouts.read_payout("po_unknown", cpo)


def test_an_account_says_in_which_currencies_it_can_be_paid(rig: Rig, cpo: str) -> None:
    assert rig.payouts.currencies(cpo) == frozenset({EUR})
    with pytest.raises(PayoutRefused):
        rig.payouts.currencies(f"{cpo.partition('_')[0]}_nobody")


@only_providers
def test_an_account_may_have_none_or_several_currencies(rig: Rig) -> None:
    rig.open_account("acct_two", "EUR", "GBP")
    rig.open_account("acct_none")
    assert rig.payouts.currencies("acct_two") == frozenset({EUR, GBP})
    assert rig.payouts.currencies("acct_none") == frozenset()


@only_providers
def test_a_payee_is_paid_in_its_currency_only(rig: Rig, cpo: str) -> None:
    rig.fund(Money(500, GBP))
    rig.payouts.transfer("pay_2", cpo, Money(500, GBP), "k2")
    with pytest.raises(PayoutRefused):
        rig.payouts.pay("pay_2", cpo, Money(500, GBP), "k3")


def test_a_failed_payout_lies_on_the_payees_account_and_can_be_taken_back(
    rig: Rig, cpo: str
) -> None:
    rig.fail_next_payout("account_closed")
    payout = paid(rig, cpo, eur(1609))
    transfer = rig.payouts.find_transfer("pay_1")
    assert transfer is not None
    assert payout.state is PayoutState.ACCEPTED
    rig.later(days=1)
    failed = rig.payouts.read_payout(payout.reference, cpo)
    assert (failed.state, failed.reason) == (PayoutState.FAILED, "account_closed")
    assert rig.payouts.find_payout("pay_1", cpo) == failed
    assert rig.payouts.balance(EUR, cpo) == eur(1609)
    reversal = rig.payouts.reverse_transfer("pay_1", transfer, eur(1609), "k3")
    assert rig.payouts.reverse_transfer("pay_1", transfer, eur(1609), "k3") == reversal
    assert rig.payouts.balance(EUR) == eur(10_000)
    with pytest.raises(PayoutRefused):
        rig.payouts.reverse_transfer("pay_1", transfer, eur(1), "k4")


def test_a_credited_payout_may_still_be_returned(rig: Rig, cpo: str) -> None:
    rig.return_next_payout("account_frozen")
    payout = paid(rig, cpo, eur(1609))
    rig.later(days=1)
    assert rig.payouts.read_payout(payout.reference, cpo).state is PayoutState.CREDITED
    rig.later(days=1)
    returned = rig.payouts.read_payout(payout.reference, cpo)
    assert (returned.state, returned.reason) == (PayoutState.FAILED, "account_frozen")


@only_providers
def test_every_movement_is_a_line_that_names_its_owner(rig: Rig, cpo: str) -> None:
    rig.fail_next_payout("account_closed")
    transfer = rig.payouts.transfer("pay_1", cpo, eur(1609), "k1")
    rig.payouts.pay("pay_1", cpo, eur(1609), "k2")
    rig.later(days=1)
    reversal = rig.payouts.reverse_transfer("pay_1", transfer, eur(1609), "k3")
    ours = rig.payouts.balance_lines()
    assert [(line.kind, line.net.minor, line.owner) for line in ours] == [
        ("topup", 10_000, ""),
        ("transfer", -1609, "pay_1"),
        ("transfer_refund", 1609, "pay_1"),
    ]
    assert ours[1].source == transfer
    payees = rig.payouts.balance_lines(cpo)
    assert [(line.kind, line.net.minor, line.owner) for line in payees] == [
        ("payment", 1609, "pay_1"),
        ("payout", -1609, "pay_1"),
        ("payout_failure", 1609, "pay_1"),
        ("payment_refund", -1609, ""),
    ]
    assert payees[-1].source == ours[-1].source == reversal  # which names it


def test_more_lines_than_a_page_come_in_order(rig: Rig) -> None:
    for n in range(130):
        rig.fund(eur(n + 1))
    nets = [line.net.minor for line in rig.payouts.balance_lines()]
    assert nets == [10_000, *range(1, 131)]
