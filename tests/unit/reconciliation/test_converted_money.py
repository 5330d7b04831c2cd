"""Do the books agree with a provider that converts, and what is there to pay payees with?"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.ledger.cash import Burden, captured_entry
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.difference import DifferenceKind
from chalicelib.domain.reconciliation.match import match
from chalicelib.domain.reconciliation.moves import ProviderLine, booked_moves, stated_moves
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases.channel.add_float import add_float
from chalicelib.usecases.partner.give_back import give_balance_back
from chalicelib.usecases.party.register import change
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR
from tests.unit.partner.own_methods import PREPAID, asked
from tests.unit.payment.kronor import (
    FEE,
    GOT,
    SEK,
    WORTH,
    disputed,
    kronor_only,
    now_at,
    own,
    refunded,
    stands,
    tell,
)
from tests.unit.reconciliation.booked_market import funded


def market() -> SettledWorld:
    """What is captured, refunded, sent back and disputed, all converted."""
    settled = funded()
    world = kronor_only(settled.world)
    refunded(world, settled.charge())
    refunded(world, settled.charge(), minor=1)
    back = settled.charge()
    refunded(world, back)
    refund = world.ports.payments.fail_refund(back.payment.reference)
    tell(world, "refund.failed", refund, back.id)
    for state in (DisputeState.WON, DisputeState.LOST):
        disputed(world, settled.charge().payment.reference, state, then_at="10.7")
    top_up = asked(world)
    give_balance_back(world.ports, PREPAID, top_up.id, Money(4000, EUR), "g1")
    world.settle()
    return settled


def test_the_books_agree_with_the_provider_to_the_ore_and_cash_closes_in_both() -> None:
    settled = market()
    report = reconcile_books(settled.world.ports, deep=True)
    assert report.balanced, report.differences
    ours = {each.currency: each for each in report.closings if each.place == "stripe"}
    assert ours[SEK].stated == ours[SEK].booked > 0
    assert set(ours) == {EUR, SEK}
    assert [each.currency for each in report.identities] == [EUR]


def test_a_refund_that_is_nothing_in_the_balance_leaves_the_identity_whole() -> None:
    settled = funded()
    session = settled.charge()
    kronor_only(settled.world)
    session = settled.charge()
    now_at(settled.world, "0.1")
    refunded(settled.world, session, minor=4)
    assert "cash:stripe" not in stands(own(settled.world, session)["refund"])
    report = reconcile_books(settled.world.ports, deep=True)
    assert report.balanced, report.differences


def test_what_is_booked_in_another_currency_than_it_lies_in_is_seen_as_such() -> None:
    settled = market()
    rail = settled.world.ports.payouts
    rail.book_charge("ch_x", "ses_unknown", Money(900, SEK), Money(20, SEK))
    found = {d.difference.kind for d in reconcile_books(settled.world.ports).differences}
    assert found == {DifferenceKind.NOT_BOOKED, DifferenceKind.CASH_NOT_CLOSED}


def test_a_fee_that_its_bearer_pays_in_the_payments_currency_agrees_with_the_providers() -> None:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    by = Conversion(Money(1749, EUR), Money(GOT, SEK), Decimal("10.8"), at.date(), "provider")
    bears, fee = Burden(Bearer.CPO, CPO), Money(FEE, SEK)
    taken = captured_entry(
        "session#ses_1",
        PREPAID,
        by.given,
        fee,
        at,
        bears=bears,
        converted=Converted(by, Money(WORTH, SEK)),
    )
    net = Money(GOT - FEE, SEK)
    line = ProviderLine("stripe", "charge", "txn_1", "ch_1", net, fee, "ses_1", at)
    ours, theirs = booked_moves([taken], frozenset()), stated_moves([line])
    assert match(ours, theirs, at).differences == ()


def test_a_payee_of_the_payments_currency_waits_until_there_is_some_of_it() -> None:
    settled = SettledWorld(funded=Money(0, EUR))
    kronor_only(settled.world)
    settled.charge()
    settled.settle_day()
    assert {payout.reason for payout in settled.payouts()} == {"unfunded"}
    money = Money(10_000, EUR)
    settled.world.ports.payouts.fund(money)
    add_float(settled.world.ports, money, "tu_1")
    settled.settle_day(settled.next_day())
    stages = [payout.stage for payout in settled.payouts() if not payout.reason]
    assert stages == [PayoutStage.ACCEPTED] * 2


def test_a_payee_of_the_balances_currency_is_paid_from_what_was_converted() -> None:
    settled = SettledWorld(funded=Money(0, EUR))
    ports = kronor_only(settled.world).ports
    change(ports, CPO, lambda party: replace(party, settlement_currency=SEK))
    ports.payouts.open_account("acct_rhein", "SEK")
    settled.charge()
    ports.clock.forward(days=4)  # until the provider lets it be sent on
    settled.settle_day()
    paid = {payout.party_id: payout for payout in settled.payouts()}
    assert paid[CPO].stage is PayoutStage.ACCEPTED
    assert paid[CPO].money == Money(17_699, SEK)  # 16.09 EUR at the published rate
    position = stands(*settled.entries())["fx_position"]
    assert position == {EUR: 1749 - 1609, SEK: 17_699 - WORTH}


def test_an_account_that_loses_its_currency_on_the_way_is_held_and_what_it_cost_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled = funded()
    rail = settled.world.ports.payouts

    def loses_it(payload: Any, call: Any) -> Any:
        if payload["step"] == "pay" and not rail.balance_lines("acct_rhein"):
            rail.open_account("acct_rhein", "SEK")
            rail.no_balance(EUR, SEK, "11", "acct_rhein")
        return call()

    def at_another_rate(*asked: Any) -> str:
        rail.no_balance(EUR, SEK, "10.5", "acct_rhein")
        return back(*asked)

    back = rail.reverse_transfer
    monkeypatch.setattr(rail, "reverse_transfer", at_another_rate)
    settled.machine = MemoryMachine(settled.world.ports, loses_it)
    settled.charge()
    settled.settle_day()
    (payout,) = (each for each in settled.payouts() if each.party_id == CPO)
    assert (payout.stage, payout.reason) == (PayoutStage.HELD, "refused_invalid_request_error")
    found = [a.difference for a in reconcile_books(settled.world.ports, deep=True).differences]
    assert {each.kind for each in found} == {
        DifferenceKind.AMOUNT_DIFFERS,
        DifferenceKind.CASH_NOT_CLOSED,
    }
    assert all(each.subject.startswith(f"stripe:{CPO}") for each in found)
