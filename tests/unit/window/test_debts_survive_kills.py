"""Is a debt kept once, claimed once, and an approved payout made once, wherever it is killed?"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, journal_sum
from chalicelib.domain.ledger.entry import Event, entry
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.debt.invoice import invoice_due, open_debts
from chalicelib.usecases.payout.approve import approve, propose, set_limit, waiting
from chalicelib.usecases.payout.sweep import sweep_payouts
from sandbox.memory.fragile import Fragile
from sandbox.memory.machine import Killed, MemoryMachine
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR, PARTNERS, ZONE

_Deed = Callable[[Any], object]


def _owe(settled: SettledWorld, party: str, purpose: Purpose, minor: int) -> None:
    ports = settled.world.ports
    at, money = ports.clock.now(), Money(minor, EUR)
    postings = ((Account(purpose, party), money), (Account(Purpose.PLATFORM), -money))
    made = entry(f"receipt#test#{party}", "loss", Event.REFUND, at, postings, agreement="agr_card")
    ports.store.write(Put(keys.entry(window_id(at, ZONE), made.id), to_plain(made)))


@cache
def _owing() -> SettledWorld:
    """The first day left the CPO and a partner owing; on the second the CPO earned enough."""
    settled = SettledWorld()
    _owe(settled, CPO, Purpose.CPO_PAYABLE, 500)
    settled.settle_day()
    settled.next_day()
    settled.charge()
    settled.close_of(settled.next_day())
    return settled


@cache
def _approved() -> SettledWorld:
    settled = SettledWorld()
    settled.charge()
    set_limit(settled.world.ports, Money(1000, EUR), "at the start", "Ada")
    settled.settle_day()
    (form,) = waiting(settled.world.ports)
    propose(settled.world.ports, form.payout_id, "good", "Ada")
    approve(settled.world.ports, form.payout_id, "good", "Grace")
    return settled


@cache
def _old() -> SettledWorld:
    """A partner has owed for a month."""
    settled = SettledWorld()
    _owe(settled, PARTNERS[PaymentMethod.CARD], Purpose.PARTNER_PAYABLE, 30)
    settled.settle_day()
    settled.world.ports.clock.at += timedelta(days=31)
    return settled


def _settle(settled: SettledWorld) -> _Deed:
    def deed(ports: Any) -> object:
        settled.machine = MemoryMachine(ports)
        return settled.run(ports)

    return deed


def _killed(settled: SettledWorld, deed: _Deed, at: int, *, after: bool) -> list[str]:
    fragile = Fragile(settled.world.ports, at, after=after)
    with suppress(Killed):
        deed(fragile)
    return fragile.acts


def _kills(built: Callable[[], SettledWorld], deed: Callable[[SettledWorld], _Deed]) -> list[Any]:
    settled = deepcopy(built())
    acts = len(_killed(settled, deed(settled), 0, after=False))
    assert acts > 1
    return [(at, after) for at in range(1, acts + 1) for after in (False, True)]


def _sweep(_settled: SettledWorld) -> _Deed:
    return sweep_payouts


def _invoice(_settled: SettledWorld) -> _Deed:
    return invoice_due


def _assert_square(settled: SettledWorld) -> None:
    assert set(journal_sum(settled.book()).values()) == {0}
    lines = settled.world.ports.payouts.balance_lines("acct_rhein")
    rail = Counter(line.owner for line in lines if line.kind == "payout")
    assert set(rail.values()) <= {1}


@pytest.mark.parametrize(("at", "after"), _kills(_owing, _settle))
def test_a_debt_is_kept_from_one_payout_once(at: int, *, after: bool) -> None:
    settled = deepcopy(_owing())
    _killed(settled, _settle(settled), at, after=after)
    settled.machine = MemoryMachine(settled.world.ports)
    for _ in range(2):
        settled.run()
    paid = [p for p in settled.payouts() if p.party_id == CPO and p.money and p.money.minor]
    assert [(p.stage, p.money) for p in paid] == [(PayoutStage.ACCEPTED, Money(1109, EUR))]
    assert open_debts(settled.world.ports) == []
    assert balance(settled.book(), Account(Purpose.CPO_PAYABLE, CPO), EUR).minor == 0
    _assert_square(settled)


@pytest.mark.parametrize(("at", "after"), _kills(_approved, _sweep))
def test_an_approved_payout_is_made_once(at: int, *, after: bool) -> None:
    settled = deepcopy(_approved())
    _killed(settled, sweep_payouts, at, after=after)
    for _ in range(2):
        sweep_payouts(settled.world.ports)
    stages = {payout.party_id: payout.stage for payout in settled.payouts()}
    assert stages[CPO] is PayoutStage.ACCEPTED
    assert settled.world.ports.store.query(keys.approved()) == []
    _assert_square(settled)


@pytest.mark.parametrize(("at", "after"), _kills(_old, _invoice))
def test_a_claim_is_booked_once_and_its_partner_told(at: int, *, after: bool) -> None:
    settled = deepcopy(_old())
    _killed(settled, invoice_due, at, after=after)
    for _ in range(2):
        invoice_due(settled.world.ports)
    claims = [made for made in settled.entries() if made.event is Event.CLAIM]
    assert len(claims) == 1
    told = [name for name in settled.world.ports.store.dump() if name.startswith("events#")]
    assert sum("claim" in str(settled.world.ports.store.dump()[name]) for name in told) == 1
    assert open_debts(settled.world.ports) == []
    _assert_square(settled)
