"""Can people hold a payout, and must two of them approve a large one?"""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.run import Stage
from chalicelib.domain.settlement.staff import NoApprovalAsked, NotHeld, OnePerson, PayoutUnderway
from chalicelib.domain.settlement.window import PROMISE, cut_off
from chalicelib.ports.store import Delete
from chalicelib.usecases import keys
from chalicelib.usecases.payout.approve import (
    approve,
    limit_of,
    propose,
    refuse,
    set_limit,
    waiting,
)
from chalicelib.usecases.payout.staff_hold import hold_party, hold_payout, release, staff_holds
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.window.close import publish_over
from chalicelib.usecases.window.lease import run_of
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR

ADA, GRACE, WHY = "Ada Lovelace", "Grace Hopper", "the charger was hacked"
PARTNER = PartyId("par_app")


def of(settled: SettledWorld, party: PartyId = CPO) -> list[Payout]:
    found = [payout for payout in settled.payouts() if payout.party_id == party]
    return sorted(found, key=lambda payout: payout.window)


def on_rail(settled: SettledWorld) -> list[int]:
    lines = settled.world.ports.payouts.balance_lines("acct_rhein")
    return [-line.net.minor for line in lines if line.kind == "payout"]


def charged(**options: Any) -> SettledWorld:
    settled = SettledWorld(**options)
    settled.charge()
    return settled


def test_a_held_party_is_sent_nothing_until_it_is_released_and_both_reasons_stay() -> None:
    settled = charged()
    ports = settled.world.ports
    hold_party(ports, CPO, WHY, ADA)
    run = settled.settle_day()
    assert [(p.stage, p.reason) for p in of(settled)] == [(PayoutStage.HELD, "staff_hold")]
    assert [missed["reason"] for missed in run.shares["exceptions"]] == ["staff_hold"]
    assert of(settled, PARTNER)[0].stage is PayoutStage.ACCEPTED
    release(ports, CPO, "police closed the case", GRACE)
    settled.settle_day(settled.next_day())
    assert on_rail(settled) == [1609]
    (hold,) = staff_holds(ports)
    assert [(word.what, word.person, word.reason) for word in hold.said] == [
        ("hold", "ada lovelace", WHY),
        ("release", "grace hopper", "police closed the case"),
    ]


def test_a_held_payout_waits_for_its_own_release_not_for_the_next_window() -> None:
    settled = charged(funded=Money(0, EUR))
    ports = settled.world.ports
    settled.settle_day()
    (held,) = of(settled)
    hold_payout(ports, held.id, WHY, ADA)
    ports.payouts.fund(Money(9000, EUR))
    settled.charge()
    settled.settle_day(settled.next_day())
    assert on_rail(settled) == [1609]  # the second day's only
    release(ports, held.id, "it was right", ADA)
    settled.settle_day(settled.next_day())
    assert on_rail(settled) == [1609, 1609]


def test_a_hold_that_comes_between_funding_and_payment_still_stops_the_money() -> None:
    settled = charged()
    ports = settled.world.ports
    settled.close_of()

    def held_before_pay(payload: Any, call: Any) -> Any:
        if payload["step"] == "pay" and not staff_holds(ports):
            hold_party(ports, CPO, WHY, ADA)
        return call()

    settled.machine = MemoryMachine(ports, held_before_pay)
    settled.run()
    assert [(p.stage, p.reason) for p in of(settled)] == [(PayoutStage.HELD, "staff_hold")]
    assert on_rail(settled) == []


def test_what_a_rail_has_heard_of_cannot_be_held_and_nothing_is_held_without_a_reason() -> None:
    settled = charged()
    ports = settled.world.ports
    settled.settle_day()
    with pytest.raises(PayoutUnderway):
        hold_payout(ports, of(settled)[0].id, WHY, ADA)
    for reason, person in (("  ", ADA), (WHY, " ")):
        with pytest.raises(Invalid):
            hold_party(ports, CPO, reason, person)
    with pytest.raises(NotHeld):
        release(ports, CPO, WHY, ADA)


def _above_the_limit() -> tuple[SettledWorld, str]:
    settled = charged()
    set_limit(settled.world.ports, Money(1000, EUR), "at the start", ADA)
    settled.settle_day()
    return settled, of(settled)[0].id


def test_a_payout_above_the_limit_waits_for_two_people_and_the_window_goes_on() -> None:
    settled, payout_id = _above_the_limit()
    ports = settled.world.ports
    assert [(p.stage, p.reason) for p in of(settled)] == [(PayoutStage.ASKED, "approval")]
    assert of(settled, PARTNER)[0].stage is PayoutStage.ACCEPTED  # 0.70 is below the limit
    run = run_of(ports, DAY).value
    assert run.stage is Stage.CLOSED
    assert [missed["reason"] for missed in run.shares["exceptions"]] == ["approval"]
    assert [form.payout_id for form in waiting(ports)] == [payout_id]
    sweep_payouts(ports)
    assert on_rail(settled) == []


def test_who_proposed_does_not_approve_and_an_approved_payout_is_made_by_the_next_sweep() -> None:
    settled, payout_id = _above_the_limit()
    ports = settled.world.ports
    with pytest.raises(Invalid):
        approve(ports, payout_id, WHY, ADA)
    propose(ports, payout_id, "a good day", ADA)
    with pytest.raises(OnePerson):
        approve(ports, payout_id, "indeed", " ada  LOVELACE ")
    assert sweep_payouts(ports)["finished"] == 0
    form = approve(ports, payout_id, "compared with the CPO's list", GRACE)
    assert (form.money, form.proposed_by, form.approved_by) == (
        Money(1609, EUR),
        "ada lovelace",
        "grace hopper",
    )
    assert sweep_payouts(ports)["finished"] == 1
    assert (on_rail(settled), waiting(ports)) == ([1609], [])
    with pytest.raises(NoApprovalAsked):
        propose(ports, payout_id, WHY, ADA)
    ports.clock.at = cut_off(DAY) + PROMISE
    settled.run()
    publish_over(ports)
    assert run_of(ports, DAY).value.shares["accepted_48h"] == "1.0000"


def test_the_next_window_leaves_alone_what_waits_for_approval() -> None:
    settled, _ = _above_the_limit()
    settled.settle_day(settled.next_day())
    assert [payout.stage for payout in of(settled)] == [PayoutStage.ASKED]


def test_a_refused_payout_is_taken_over_and_asked_for_again() -> None:
    settled, payout_id = _above_the_limit()
    ports = settled.world.ports
    refuse(ports, payout_id, "the sum is odd", ADA)
    settled.settle_day(settled.next_day())
    first, second = of(settled)
    assert (first.stage, second.stage) == (PayoutStage.CARRIED, PayoutStage.ASKED)


def test_what_was_approved_and_then_held_is_not_asked_for_again() -> None:
    settled, payout_id = _above_the_limit()
    ports = settled.world.ports
    propose(ports, payout_id, "good", ADA)
    approve(ports, payout_id, "good", GRACE)
    hold_party(ports, CPO, WHY, ADA)
    sweep_payouts(ports)
    assert of(settled)[0].reason == "staff_hold"
    release(ports, CPO, "done", ADA)
    settled.settle_day(settled.next_day())
    assert on_rail(settled) == [1609]


def test_one_person_lowers_the_limit_and_two_raise_it() -> None:
    settled = charged()
    ports = settled.world.ports

    def limit() -> int:
        known = limit_of(ports, EUR)
        assert known is not None
        return known.money.minor

    set_limit(ports, Money(1000, EUR), "start", ADA)
    set_limit(ports, Money(900, EUR), "careful", ADA)
    assert limit() == 900
    for _ in range(2):
        set_limit(ports, Money(5000, EUR), "too many questions", ADA)
    assert limit() == 900
    set_limit(ports, Money(6000, EUR), "another sum is another proposal", GRACE)
    assert limit() == 900
    set_limit(ports, Money(6000, EUR), "agreed", ADA)
    assert limit() == 6000


def test_a_currency_that_nobody_has_limited_takes_two_people_each_time() -> None:
    settled = charged()
    ports = settled.world.ports
    ports.store.write(Delete(keys.approval_limit(EUR)))
    settled.settle_day()
    assert {p.reason for p in of(settled)} == {"approval"}
    assert on_rail(settled) == []
    set_limit(ports, Money(10**6, EUR), "at the start", ADA)  # one person opens no currency
    known = limit_of(ports, EUR)
    assert known is not None
    assert (known.money.minor, known.wanted) == (0, Money(10**6, EUR))
    set_limit(ports, Money(10**6, EUR), "agreed", GRACE)
    settled.charge()
    settled.settle_day(settled.next_day())
    assert on_rail(settled) == [1609]


def test_an_approval_long_after_the_window_closed_is_paid_all_the_same() -> None:
    settled, payout_id = _above_the_limit()
    ports = settled.world.ports
    ports.clock.at = cut_off(DAY) + timedelta(hours=20)
    propose(ports, payout_id, "good", ADA)
    approve(ports, payout_id, "good", GRACE)
    sweep_payouts(ports)
    assert on_rail(settled) == [1609]
