"""A payout fails after it was accepted: when is it paid again, and who says so?"""

import pytest

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.ports.payouts import PayoutState, RailPayout
from chalicelib.usecases import keys
from chalicelib.usecases.payout.agree import PayoutNotReturned, agree
from chalicelib.usecases.payout.block import ACCOUNT_BLOCKED, unblock
from chalicelib.usecases.payout.rail_changed import rail_changed
from chalicelib.usecases.payout.sweep import sweep_payouts
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR


def _of_cpo(settled: SettledWorld) -> list[Payout]:
    found = [payout for payout in settled.payouts() if payout.party_id == CPO]
    return sorted(found, key=lambda payout: payout.window)


def _settled(fails: str = "") -> SettledWorld:
    settled = SettledWorld()
    settled.charge()
    settled.close_of()
    if fails:
        settled.world.ports.payouts.fail_next_payout(fails)
    settled.run()
    return settled


def _debt(settled: SettledWorld) -> int:
    return -balance(settled.book(), Account(Purpose.CPO_PAYABLE, CPO), EUR).minor


def _payouts_on_rail(settled: SettledWorld) -> int:
    lines = settled.world.ports.payouts.balance_lines("acct_rhein")
    return sum(line.kind == "payout" for line in lines)


def test_an_accepted_payout_is_credited_when_the_rail_says_so() -> None:
    settled = _settled()
    settled.next_day(2)
    assert sweep_payouts(settled.world.ports)["asked"] == 2
    assert {payout.stage for payout in settled.payouts()} == {PayoutStage.CREDITED}
    assert sweep_payouts(settled.world.ports)["asked"] == 0


def test_a_failed_payout_reopens_the_debt_and_is_not_paid_again_by_itself() -> None:
    settled = _settled("account_closed")
    settled.next_day(2)
    sweep_payouts(settled.world.ports)
    (returned,) = _of_cpo(settled)
    assert (returned.stage, returned.reason) == (PayoutStage.RETURNED, "returned_account_closed")
    assert _debt(settled) == 1609
    settled.settle_day(settled.next_day())
    assert _payouts_on_rail(settled) == 1


def test_a_payout_that_comes_back_after_its_credit_is_found_without_the_rails_word() -> None:
    settled = SettledWorld()
    settled.charge()
    settled.close_of()
    settled.world.ports.payouts.return_next_payout("account_frozen")
    settled.run()
    stages, counts = [], {"returned": 0}
    for _ in range(12):
        settled.next_day()
        counts = sweep_payouts(settled.world.ports)
        stages.append(_of_cpo(settled)[0].stage)
    assert PayoutStage.CREDITED in stages
    assert stages[-1] is PayoutStage.RETURNED
    assert _debt(settled) == 1609
    assert counts["returned"] == 1
    assert not settled.world.ports.store.query(keys.returnable())  # nothing is asked for ever


def test_it_is_paid_again_once_two_people_agreed_and_one_unblocked_the_account() -> None:
    settled = _settled("account_closed")
    ports = settled.world.ports
    settled.next_day(2)
    sweep_payouts(ports)
    (returned,) = _of_cpo(settled)
    agree(ports, returned.id, "ada")
    agree(ports, returned.id, "ada")
    sweep_payouts(ports)
    assert _of_cpo(settled)[0].stage is PayoutStage.RETURNED
    agree(ports, returned.id, "bob")
    assert sweep_payouts(ports)["reopened"] == 1
    for _ in range(3):
        settled.settle_day(settled.next_day())
    held = _of_cpo(settled)[-1]
    assert (held.stage, held.reason) == (PayoutStage.HELD, ACCOUNT_BLOCKED)
    assert _payouts_on_rail(settled) == 1
    unblock(ports, returned.account, "ada")
    settled.settle_day(settled.next_day())
    assert _payouts_on_rail(settled) == 2
    assert _debt(settled) == 0
    assert _of_cpo(settled)[-1].money == Money(1609, EUR)


def test_nobody_agrees_to_pay_again_what_was_not_returned() -> None:
    settled = _settled()
    (accepted,) = _of_cpo(settled)
    with pytest.raises(PayoutNotReturned):
        agree(settled.world.ports, accepted.id, "ada")


def test_a_bank_may_send_back_what_it_had_credited() -> None:
    settled = _settled()
    settled.next_day(2)
    sweep_payouts(settled.world.ports)
    (credited,) = _of_cpo(settled)
    assert credited.money is not None
    rail = RailPayout(
        credited.reference, PayoutState.FAILED, credited.money, reason="invalid_account"
    )
    assert rail_changed(settled.world.ports, credited.id, rail)
    assert rail_changed(settled.world.ports, credited.id, rail)
    assert _of_cpo(settled)[0].stage is PayoutStage.RETURNED
    assert _debt(settled) == 1609


def test_a_word_on_an_unknown_payout_is_kept_and_moves_nothing() -> None:
    settled = _settled()
    before = settled.payouts()
    strange = RailPayout("po_strange", PayoutState.FAILED, Money(1609, EUR))
    assert not rail_changed(settled.world.ports, "pay_unknown", strange)
    assert not rail_changed(settled.world.ports, before[0].id, strange)
    assert settled.payouts() == before
    assert settled.world.ports.store.get(keys.unmatched_payout("po_strange")) is not None


def test_the_rails_word_may_come_before_we_recorded_the_acceptance() -> None:
    settled = SettledWorld()
    settled.charge()
    settled.close_of()
    rail = settled.world.ports.payouts
    rail.lose_next("pay")  # the payout is made, its answer never arrives
    settled.run()
    assert {payout.stage for payout in settled.payouts()} == {PayoutStage.ACCEPTED}
    assert _payouts_on_rail(settled) == 1


def test_a_payout_that_never_arrives_rings_after_a_week() -> None:
    settled = _settled()
    ports = settled.world.ports
    with pytest.MonkeyPatch.context() as slow:
        slow.setattr(ports.payouts, "_settle", lambda: None)  # the bank keeps it
        settled.next_day(6)
        assert sweep_payouts(ports)["uncredited"] == 0
        settled.next_day(2)
        assert sweep_payouts(ports)["uncredited"] == 2
    assert sweep_payouts(ports)["uncredited"] == 2  # asked again in an hour
    settled.next_day()
    assert sweep_payouts(ports)["uncredited"] == 0
