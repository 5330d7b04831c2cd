"""What if the provider has no balance in a payment's currency, and converts all that moves?

The world charges euros; its account at the provider has Swedish kronor only (kronor.py).
"""

from dataclasses import replace

import pytest

from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.book import balances
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.money import CurrenciesDiffer, Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import Session
from chalicelib.ports.payments import DisputeState, Hold
from chalicelib.usecases.partner.give_back import give_balance_back
from sandbox.memory.world import EUR, World
from tests.unit.dispute.credits import pass_time
from tests.unit.partner.own_methods import PREPAID, asked, available, known
from tests.unit.payment.kronor import (
    DRIVER,
    FEE,
    GOT,
    SEK,
    WORTH,
    disputed,
    kronor_only,
    now_at,
    own,
    paid,
    refunded,
    stands,
    tell,
)


@pytest.fixture
def world() -> World:
    return kronor_only(World())


def test_a_capture_is_cash_in_kronor_and_the_providers_margin_a_loss(world: World) -> None:
    session = paid(world)
    cash = own(world, session)["cash"]
    assert stands(cash) == {
        "cash:stripe": {SEK: GOT - FEE},
        "psp_fee": {SEK: FEE},
        "fx_position": {EUR: 1749, SEK: -WORTH},
        "fx_loss": {SEK: WORTH - GOT},
        DRIVER: {EUR: -1749},
    }
    assert (cash.refs["rate"], cash.refs["rate_source"]) == ("10.8", "provider: stripe")
    assert session.payment.fee == Money(FEE, SEK)


def test_without_published_rates_it_is_worth_what_the_provider_gave() -> None:
    world = kronor_only(World(), published=False)
    found = stands(own(world, paid(world))["cash"])
    assert found["fx_position"] == {EUR: 1749, SEK: -GOT}
    assert "fx_loss" not in found


def test_until_the_provider_says_what_it_made_of_it_nothing_is_booked(world: World) -> None:
    session = world.charge()
    world.ports.payments.fees_late = True
    session = world.bill(session)
    assert session.payment.state is PaymentState.CAPTURE_REQUESTED
    world.ports.payments.fees_late = False
    pass_time(world)
    assert stands(own(world, session)["cash"])["cash:stripe"] == {SEK: GOT - FEE}


def test_a_refund_costs_what_it_costs_on_its_day(world: World) -> None:
    session = paid(world)
    now_at(world, "10.9")
    refunded(world, session)
    assert stands(own(world, session)["refund"]) == {
        "cash:stripe": {SEK: -5450},
        "fx_position": {EUR: -500, SEK: 5500},
        "fx_gain": {SEK: -50},
        DRIVER: {EUR: 500},
    }


def of_two_holds(world: World) -> Session:
    """10.00 and 1.66 EUR of a card whose holds cannot be raised."""
    session = world.start(hold_minor=1000)
    world.report(session, ChargerStatus.ACTIVE, "15", 20)
    world.report(session, ChargerStatus.COMPLETED, "20", 60)
    return world.bill(session, kwh="20", excl="9.80")


def test_several_holds_and_their_refunds_are_one_sum() -> None:
    world = kronor_only(World(card="pm_card_amex"))
    session = of_two_holds(world)
    cash = own(world, session)["cash"]
    assert stands(cash)["cash:stripe"] == {SEK: 10_800 - 187 + 1793 - 52}
    assert cash.refs["rate"] == "10.8001715266"  # 125.93 SEK for 11.66 EUR
    refunded(world, session, minor=1100)
    assert stands(own(world, session)["refund"])["cash:stripe"] == {SEK: -10_800 - 1080}


def test_holds_of_one_session_that_lie_in_two_currencies_are_for_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = kronor_only(World(card="pm_card_amex"))
    take, rail = world.ports.payments.capture, world.ports.payouts

    def then_opened(reference: str, money: Money, key: str) -> Hold:
        hold = take(reference, money, key)
        if rail.converted(money):
            rail.has_balance(EUR)
        return hold

    monkeypatch.setattr(world.ports.payments, "capture", then_opened)
    with pytest.raises(CurrenciesDiffer):  # `run_effects` notes it, and sets the session aside
        of_two_holds(world)
    assert SEK not in stands(*world.everything())["cash:stripe"]


def test_a_refund_waits_until_the_provider_says_what_it_gave(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = paid(world)
    answer = world.ports.payments.refund

    def silent(reference: str, money: Money, key: str) -> Hold:
        return replace(answer(reference, money, key), refund_moves=())

    with monkeypatch.context() as patched:
        patched.setattr(world.ports.payments, "refund", silent)
        refunded(world, session)
        assert world.session(session.id).payment.state is PaymentState.REFUND_REQUESTED
        assert "refund" not in own(world, session)
    pass_time(world)
    assert stands(own(world, session)["refund"])["cash:stripe"] == {SEK: -5400}
    assert [name for name, _ in world.ports.payments.calls].count("refund") == 1


@pytest.mark.parametrize("before", [True, False])
def test_a_balance_that_was_opened_or_closed_since_the_capture_is_what_a_refund_leaves(
    world: World, *, before: bool
) -> None:
    rail = world.ports.payouts
    if before:
        rail.has_balance(EUR)
    session = paid(world)
    if before:
        now_at(world, "10.8")
    else:
        rail.has_balance(EUR)
    refunded(world, session)
    refund = stands(own(world, session)["refund"])
    refused = world.ports.payments.fail_refund(session.payment.reference)
    tell(world, "refund.failed", refused, session.id)
    failed = stands(own(world, session)[f"refund_failed:{refused}"])
    if before:
        assert refund["cash:stripe"] == {SEK: -5400}
        assert refund["fx_position"] == {EUR: -500, SEK: 5400}
        assert failed["cash:stripe"] == {SEK: 5400}
    else:
        assert refund == {"cash:stripe": {EUR: -500}, DRIVER: {EUR: 500}}
        assert failed == {"cash:stripe": {EUR: 500}, DRIVER: {EUR: -500}}


def test_a_refund_that_comes_back_brings_its_kronor(world: World) -> None:
    session = paid(world)
    refunded(world, session)
    refund = world.ports.payments.fail_refund(session.payment.reference)
    tell(world, "refund.failed", refund, session.id)
    back = stands(own(world, session)[f"refund_failed:{refund}"])
    assert back == {
        "cash:stripe": {SEK: 5400},
        "fx_position": {EUR: 500, SEK: -5500},
        "fx_loss": {SEK: 100},
        DRIVER: {EUR: -500},
    }


def test_a_bank_takes_and_loses_at_the_days_rates(world: World) -> None:
    session = paid(world)
    before = stands(*world.everything())
    disputed(world, session.payment.reference, DisputeState.WON, then_at="10.5")
    after = stands(*world.everything())
    taken, back = 19_589, 18_365
    assert after["cash:stripe"][SEK] == GOT - FEE - taken - 2000 + back
    assert after["fx_position"] == before["fx_position"]
    assert after["fx_loss"][SEK] == WORTH - GOT + (taken - WORTH) + (WORTH - back)
    assert "disputed:par_app" not in after


def test_what_a_bank_keeps_is_a_loss_in_the_payments_currency(world: World) -> None:
    session = paid(world)
    disputed(world, session.payment.reference, DisputeState.LOST, then_at="11.2")
    book = balances(world.everything())
    losses = {a.jurisdiction: m for a, m in book.items() if a.purpose is Purpose.LOSS}
    assert losses == {"chargeback_fraud": {EUR: 1749}}
    assert stands(*world.everything())["cash:stripe"][SEK] == GOT - FEE - 19_589 - 2000


def test_a_top_up_fills_the_balance_in_its_own_currency_and_the_cash_is_kronor(
    world: World,
) -> None:
    before = stands(*world.everything()).get("cash:stripe", {})
    top_up = asked(world)  # 100.00 EUR
    assert available(world) == 60_000
    fee = 1645  # 1.5 % of 1080.00 SEK, and 0.25
    now = stands(*world.everything())
    assert now["cash:stripe"] == {**before, SEK: 108_000 - fee}
    assert now["fx_loss"] == {SEK: 2000}
    give_balance_back(world.ports, PREPAID, top_up.id, Money(4000, EUR), "g1")
    world.settle()
    assert stands(*world.everything())["cash:stripe"][SEK] == 108_000 - fee - 43_200
    refund = world.ports.payments.fail_refund(top_up.reference)
    tell(world, "refund.failed", refund, top_up.id)
    disputed(world, top_up.reference, DisputeState.LOST, then_at="11.2")
    assert (available(world), known(world, top_up.id).left.minor) == (50_000, 0)
    after = stands(*world.everything())
    assert after["cash:stripe"][SEK] == -fee - 2000 - 4000
    assert "fx_position" not in after


def test_each_refund_of_a_payment_is_booked_for_what_it_gave_itself(world: World) -> None:
    top_up = asked(world)
    for number, rate in enumerate(("10.8", "10.9", "11.1")):
        now_at(world, rate)
        give_balance_back(world.ports, PREPAID, top_up.id, Money(1000, EUR), f"g{number}")
        world.settle()
    booked = [entry for entry in world.everything() if entry.event is Event.TOP_UP_REFUND]
    gave = [-stands(entry)["cash:stripe"][SEK] for entry in booked]
    assert sorted(gave) == [10_800, 10_900, 11_100]
