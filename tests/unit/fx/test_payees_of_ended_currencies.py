"""A payee settles in a currency that is money no more: what becomes of its payouts?"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.ids import PartyId, PayoutId
from chalicelib.domain.money import Currency, CurrencyEnded, Money
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.convert import convert
from chalicelib.usecases.party.register import change, register
from chalicelib.usecases.records import create, load
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR

BGN, SEK = Currency("BGN"), Currency("SEK")


def settles_in(settled: SettledWorld, code: Currency) -> None:
    """As a party that joined before the currency ended."""
    ports = settled.world.ports
    record = load(ports.store, keys.party(CPO), Party, "party")
    ports.store.write(record.put(replace(record.value, settlement_currency=code)))
    ports.payouts.open_account("acct_rhein", code, "EUR")


def of_cpo(settled: SettledWorld) -> list[Payout]:
    found = (payout for payout in settled.payouts() if payout.party_id == CPO)
    return sorted(found, key=lambda payout: payout.window)


def test_it_is_held_by_that_name_and_paid_once_it_settles_in_euros() -> None:
    settled = SettledWorld()
    settles_in(settled, BGN)
    settled.charge()
    settled.settle_day()
    assert [(p.stage, p.reason) for p in of_cpo(settled)] == [(PayoutStage.HELD, "currency_ended")]
    change(settled.world.ports, CPO, lambda known: replace(known, settlement_currency=EUR))
    settled.settle_day(settled.next_day())
    paid = of_cpo(settled)[-1]
    assert (paid.stage, paid.money) == (PayoutStage.ACCEPTED, Money(1609, EUR))


def test_nor_is_it_paid_in_it_what_it_is_owed_in_it() -> None:
    """Sold on the last evening, settled in the new year: nothing has to be converted, and yet."""
    settled = SettledWorld()
    settles_in(settled, BGN)
    ports, id_ = settled.world.ports, PayoutId("pay_late")
    run = WindowRun(DAY, Stage.NETTED, ports.clock.now(), lease=1)
    stage, due = PayoutStage.SCREENED, (Money(1000, BGN),)
    late = Payout(id_, DAY, CPO, PartyKind.CPO, stage, due=due, lines="", sessions=1)
    ports.store.write(create(keys.payout(id_), late), create(keys.window(DAY), run))
    assert convert(ports, DAY, 1, id_) == {"outcome": "hold", "reason": "currency_ended"}
    ports.clock.at = datetime(2025, 12, 31, 22, tzinfo=UTC)
    assert convert(ports, DAY, 1, id_) == {"outcome": "converted"}


def test_nobody_joins_or_changes_to_a_currency_that_has_ended() -> None:
    ports = SettledWorld().world.ports
    known = load(ports.store, keys.party(CPO), Party, "party").value
    new = replace(known, id=PartyId("cpo_sofia"), payout_account="", settlement_currency=BGN)
    with pytest.raises(CurrencyEnded):
        register(ports, new)
    with pytest.raises(CurrencyEnded):
        change(ports, CPO, lambda party: replace(party, settlement_currency=BGN))


def test_who_has_such_a_currency_may_change_other_facts() -> None:
    settled = SettledWorld()
    settles_in(settled, BGN)
    changed = change(settled.world.ports, CPO, lambda party: replace(party, name="Sofia"))
    assert (changed.name, changed.settlement_currency) == ("Sofia", BGN)


def test_a_currency_that_is_changed_on_the_way_is_converted_anew_by_the_next_window() -> None:
    settled = SettledWorld()
    ports = settled.world.ports
    for day in (16, 17):
        rates = DailyRates(date(2026, 11, day), {"SEK": Decimal(11)}, "ecb")
        ports.store.write(create(keys.daily_rates(rates.day.isoformat()), rates))
    ports.payouts.open_account("acct_rhein", "SEK", "EUR")
    ports.payouts.fund(Money(100_000, SEK))

    def changes(payload: Any, call: Any) -> Any:
        if payload["step"] == "fund":
            change(ports, CPO, lambda party: replace(party, settlement_currency=SEK))
        return call()

    settled.charge()
    settled.machine = MemoryMachine(ports, changes)
    settled.settle_day()
    held = of_cpo(settled)[0]
    assert (held.stage, held.reason, held.money) == (
        PayoutStage.HELD,
        "currency_changed",
        Money(1609, EUR),
    )
    settled.machine = MemoryMachine(ports)
    settled.settle_day(settled.next_day())
    paid = of_cpo(settled)[-1]
    assert (paid.stage, paid.money) == (PayoutStage.ACCEPTED, Money(17_699, SEK))
    lines = ports.payouts.balance_lines("acct_rhein")
    assert [line.net for line in lines if line.kind == "payout"] == [Money(-17_699, SEK)]
