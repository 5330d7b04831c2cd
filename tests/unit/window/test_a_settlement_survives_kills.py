"""Is nobody paid twice, and nothing lost, wherever the settlement is killed?"""

from collections import Counter
from contextlib import suppress
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, journal_sum
from chalicelib.domain.money import Money, total
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.domain.settlement.run import Stage
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.open_due import open_due
from sandbox.memory.fragile import Fragile
from sandbox.memory.machine import Killed, MemoryMachine
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR

TOPPED_UP = Money(50_000, EUR)  # the world's prepaid partner, whose money the rail never saw


@cache
def _built() -> SettledWorld:
    settled = SettledWorld()
    settled.charge(PaymentMethod.CARD)
    settled.charge(PaymentMethod.CARD, told=False)
    settled.close_of()
    return settled


def _a_day() -> SettledWorld:
    """A session that is told, and one whose CDR has to be pulled. Built once, copied for each."""
    return deepcopy(_built())


def _fragile_run(settled: SettledWorld, die_at: int, *, after: bool) -> Fragile:
    fragile = Fragile(settled.world.ports, die_at, after=after)
    _run_on(settled, fragile)
    return fragile


def _run_on(settled: SettledWorld, fragile: Fragile) -> None:
    bundle: Any = fragile
    settled.machine = MemoryMachine(bundle)
    with suppress(Killed):  # the schedule's own function may die too
        settled.run(bundle)


def _acts() -> int:
    return len(_fragile_run(_a_day(), 0, after=False).acts)


ACTS = _acts()


def _assert_paid_once(settled: SettledWorld) -> None:
    ports = settled.world.ports
    assert run_of(ports, DAY).value.stage is Stage.CLOSED
    payouts = settled.payouts()
    assert {payout.stage for payout in payouts} == {PayoutStage.ACCEPTED}
    rail = Counter(
        (line.kind, line.owner)
        for account in ("", "acct_rhein", "acct_card")
        for line in ports.payouts.balance_lines(account)
        if line.kind in {"transfer", "payout"}
    )
    assert rail == {(kind, payout.id): 1 for payout in payouts for kind in ("transfer", "payout")}
    book = settled.book()
    assert set(journal_sum(book).values()) == {0}
    for account, amounts in book.items():
        if account.purpose in {Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE, Purpose.CONNECTED}:
            assert set(amounts.values()) == {0}, account
    cash = balance(book, Account(Purpose.CASH, "stripe"), EUR)
    on_rail = total((line.net for line in ports.payouts.balance_lines()), EUR)
    assert cash == on_rail - settled.funded + TOPPED_UP


def test_a_day_is_settled_and_everybody_is_paid() -> None:
    settled = _a_day()
    settled.run()
    _assert_paid_once(settled)
    cpo = [payout for payout in settled.payouts() if payout.party_id == CPO]
    assert [payout.money.minor for payout in cpo if payout.money] == [2 * 1609]
    assert [payout.sessions for payout in cpo] == [2]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("die_at", range(1, ACTS + 1))
def test_killed_at_any_act_and_resumed_everybody_is_paid_once(die_at: int, *, after: bool) -> None:
    settled = _a_day()
    fragile = _fragile_run(settled, die_at, after=after)
    assert len(fragile.acts) == die_at
    settled.machine = MemoryMachine(settled.world.ports)
    settled.run()
    settled.run()
    _assert_paid_once(settled)


def test_every_step_run_twice_changes_nothing_more() -> None:
    settled = _a_day()

    def twice(_payload: Any, call: Any) -> Any:
        call()
        return call()

    settled.machine = MemoryMachine(settled.world.ports, twice)
    settled.run()
    _assert_paid_once(settled)


def test_a_window_that_is_closed_is_not_started_again() -> None:
    settled = _a_day()
    settled.run()
    before = settled.world.ports.store.dump()
    assert settled.run() == {"opened": [], "started": [], "late": []}
    assert settled.world.ports.store.dump() == before


@pytest.mark.parametrize("at", range(1, ACTS + 1))
def test_overtaken_at_any_act_by_another_attempt_nobody_is_paid_twice(at: int) -> None:
    settled = _a_day()
    other = MemoryMachine(settled.world.ports)

    def overtake() -> None:
        open_due(settled.world.ports, other)

    _run_on(settled, Fragile(settled.world.ports, at, meanwhile=overtake))
    settled.machine = MemoryMachine(settled.world.ports)
    settled.run()
    settled.run()
    _assert_paid_once(settled)
