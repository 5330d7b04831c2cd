"""Killed or overtaken at any act that others can see, is a transfer still made exactly once?"""

from contextlib import suppress
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.usecases.bank.accept_files import accept_files
from sandbox.memory.fragile import Fragile
from sandbox.memory.machine import Killed, MemoryMachine
from sandbox.memory.settled import DAY
from tests.unit.bank.sepa_case import FLOAT, Case

both = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


@cache
def _built() -> Case:
    case = Case()
    case.settled.close_of()
    return case


@cache
def _instructed() -> Case:
    """The file lies in the mailbox, the bank has answered and booked, and we have not read."""
    case = deepcopy(_built())
    case.settled.run()
    case.banked.bank.tick(case.settled.world.ports.clock.now())
    case.settled.next_day(2)
    case.banked.bank.tick(case.settled.world.ports.clock.now())
    return case


def _run_on(case: Case, fragile: Fragile) -> None:
    bundle: Any = fragile
    case.settled.machine = MemoryMachine(bundle)
    with suppress(Killed):
        case.settled.run(bundle)


def _read_on(fragile: Fragile) -> None:
    bundle: Any = fragile
    with suppress(Killed):
        accept_files(bundle)


def _settle_acts() -> int:
    case = deepcopy(_built())
    fragile = Fragile(case.settled.world.ports)
    _run_on(case, fragile)
    return len(fragile.acts)


def _read_acts() -> int:
    case = deepcopy(_instructed())
    fragile = Fragile(case.settled.world.ports)
    _read_on(fragile)
    return len(fragile.acts)


def _goes_on(case: Case) -> None:
    """Later attempts, the bank and the reader run as they always do."""
    case.settled.machine = MemoryMachine(case.settled.world.ports)
    for _ in range(3):
        case.settled.run()
        case.banked.answer()
        case.settled.world.ports.clock.forward(minutes=31)


def _assert_paid_once(case: Case) -> None:
    assert len(case.settled.world.ports.mailbox.sent) == 1
    case.later(3)
    assert case.payout().stage is PayoutStage.CREDITED
    assert case.payout().window == DAY
    assert case.banked.bank.minor == FLOAT - 1609
    assert case.debt() == 0
    case.check()


@both
@pytest.mark.parametrize("at", range(1, _settle_acts() + 1))
def test_a_settlement_killed_at_any_act_pays_once(at: int, *, after: bool) -> None:
    case = deepcopy(_built())
    fragile = Fragile(case.settled.world.ports, at, after=after)
    _run_on(case, fragile)
    _goes_on(case)
    _assert_paid_once(case)


@pytest.mark.parametrize("at", range(1, _settle_acts() + 1))
def test_a_settlement_overtaken_at_any_act_pays_once(at: int) -> None:
    case = deepcopy(_built())
    ports = case.settled.world.ports
    fragile = Fragile(ports, at, meanwhile=lambda: _overtake(case))
    _run_on(case, fragile)
    _goes_on(case)
    _assert_paid_once(case)


def _overtake(case: Case) -> None:
    machine, case.settled.machine = case.settled.machine, MemoryMachine(case.settled.world.ports)
    case.settled.run()
    case.settled.machine = machine


@both
@pytest.mark.parametrize("at", range(1, _read_acts() + 1))
def test_reading_files_killed_at_any_act_is_finished_by_the_next(at: int, *, after: bool) -> None:
    case = deepcopy(_instructed())
    _read_on(Fragile(case.settled.world.ports, at, after=after))
    _goes_on(case)
    _assert_paid_once(case)
