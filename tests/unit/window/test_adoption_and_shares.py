"""Which window settles what comes late, and is the 48-hour promise told as it is?"""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.ids import WindowId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Party
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.domain.settlement.promise import shares
from chalicelib.domain.settlement.run import Stage
from chalicelib.domain.settlement.window import PROMISE, cut_off, opens
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.evidence.seal import folder
from chalicelib.usecases.party.register import change
from chalicelib.usecases.payout.rail import KEY_LIFE
from chalicelib.usecases.records import create
from chalicelib.usecases.statement import read as statements
from chalicelib.usecases.window import fates as fating
from chalicelib.usecases.window.close import publish_over
from chalicelib.usecases.window.fates import fates
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.open_due import open_due
from chalicelib.usecases.window.sealed import read_plain, sealed_entries
from sandbox.memory.machine import Killed, MemoryMachine
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR

CHF = Currency("CHF")


def _late_cdr(settled: SettledWorld) -> str:
    """A session of the day whose CDR comes when the day is closed, and is not to be pulled."""
    session = settled.charge(told=False)
    settled.world.ports.cpos.finished.clear()
    settled.settle_day()
    cdr = settled.world.cdr(session)
    accept_cdr(settled.world.ports, settled.world.connection, cdr, f"cdr/{cdr.id}.json")
    settled.world.settle()
    return session.id


def test_a_sale_booked_after_the_freeze_is_adopted_by_the_next_window_and_paid_once() -> None:
    settled = SettledWorld()
    settled.charge()
    late = _late_cdr(settled)
    booked = {booked.window for booked in settled.world.session(late).booked}
    assert booked == {DAY}  # its own shard, which is sealed already
    for _ in range(4):
        settled.settle_day(settled.next_day())
    ports = settled.world.ports
    named = Counter(
        entry.id
        for row in ports.store.query(keys.windows())
        for entry in sealed_entries(ports, run_of(ports, WindowId(row.key.sk)).value)
    )
    assert set(named.values()) == {1}
    assert len(named) > len(list(sealed_entries(ports, run_of(ports, DAY).value)))
    paid = [p.money.minor for p in settled.payouts() if p.party_id == CPO and p.money]
    assert paid == [1609, 1609]


def test_each_session_has_a_page_of_its_window_whichever_of_its_files_has_it() -> None:
    settled = SettledWorld()
    sessions = [settled.charge(), settled.charge(told=False)]  # the second is pulled after Freeze
    assert len(settled.settle_day().sealed) == 2
    files = settled.world.ports.files
    for session, ending in zip(sessions, ("", "-1"), strict=True):
        content = files.read(f"{folder(session.id)}settlement-{DAY}{ending}.json")
        assert content is not None
        page = json.loads(content)
        assert page["entries"]
        assert [len(payout["lines"]) for payout in page["payouts"]] == [1, 1]


def test_the_shares_are_the_same_in_however_many_turns_the_sessions_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled = SettledWorld()
    for told in (True, True, False, True, True):
        settled.charge(told=told)
    settled.world.ports.cpos.finished.clear()
    run, at = settled.settle_day(), settled.world.ports.clock.now()
    whole = shares(fates(settled.world.ports, run.id), at)
    assert (whole.billable, whole.accepted) == (5, 4)
    monkeypatch.setattr(fating, "_FILES_A_TURN", 1)
    assert shares(fates(settled.world.ports, run.id), at) == whole


def test_the_statement_of_a_late_line_names_its_day_and_what_was_booked_before() -> None:
    settled = SettledWorld()
    late = _late_cdr(settled)
    settled.settle_day(settled.next_day())
    for payout in (payout for payout in settled.payouts() if payout.party_id == CPO):
        (line,) = statements.read(settled.world.ports, CPO, payout.id)["lines"]
        assert (line["session"], line["of"]) == (late, DAY)
        assert [each["window"] for each in line["history"]] == [DAY]


def test_a_session_without_a_cdr_is_an_exception_of_its_window_with_its_reason() -> None:
    settled = SettledWorld()
    settled.charge()
    session = settled.charge(told=False)
    settled.world.ports.cpos.finished.clear()
    shares = settled.settle_day().shares
    assert (shares["billable"], shares["accepted"], shares["accepted_48h"]) == (2, 1, "0.5000")
    assert shares["exceptions"] == [{"session": session.id, "reason": "awaiting_cdr"}]


def test_the_shares_are_published_again_when_the_last_sessions_time_is_over() -> None:
    settled = SettledWorld()
    settled.charge()
    _late_cdr(settled)
    settled.settle_day(settled.next_day())
    clock = settled.world.ports.clock
    assert publish_over(settled.world.ports) == []
    clock.at = cut_off(DAY) + timedelta(hours=48)
    settled.run()
    assert DAY in publish_over(settled.world.ports)
    run = run_of(settled.world.ports, DAY).value
    assert run.shares_final
    assert run.shares["accepted"] == 2
    assert publish_over(settled.world.ports) == []


def test_a_session_paid_after_48_hours_is_late() -> None:
    settled = SettledWorld(funded=Money(0, EUR))
    session = settled.charge()
    settled.settle_day()
    settled.settle_day(settled.next_day(2))
    settled.world.ports.payouts.fund(Money(5000, EUR))
    settled.settle_day(settled.next_day())
    publish_over(settled.world.ports)
    run = run_of(settled.world.ports, DAY).value
    assert run.shares["exceptions"] == [{"session": session.id, "reason": "late"}]


def test_a_window_is_named_late_while_its_first_session_has_12_hours_left() -> None:
    settled = SettledWorld()
    settled.charge()
    settled.close_of()

    def dies(_payload: Any, _call: Any) -> Any:
        raise Killed

    settled.machine = MemoryMachine(settled.world.ports, dies)
    assert settled.run()["late"] == []
    alarm = opens(DAY) + PROMISE - timedelta(hours=12)
    settled.world.ports.clock.at = alarm - timedelta(seconds=1)
    assert settled.run()["late"] == []
    settled.world.ports.clock.at = alarm
    assert settled.run()["late"] == [DAY]


def test_an_execution_that_keeps_dying_is_started_again_at_growing_intervals() -> None:
    settled = SettledWorld()
    settled.charge()
    settled.close_of()

    def dies(_payload: Any, _call: Any) -> Any:
        raise Killed

    settled.machine = MemoryMachine(settled.world.ports, dies)
    for _ in range(9):
        settled.run()
    assert len(settled.machine.status) == 5
    settled.world.ports.clock.forward(minutes=30)
    settled.run()
    assert len(settled.machine.status) == 6


def test_a_call_of_unknown_outcome_is_never_repeated_when_its_key_may_be_forgotten() -> None:
    settled = SettledWorld()
    settled.charge()
    settled.close_of()
    ports = settled.world.ports

    def lost(payload: Any, call: Any) -> Any:
        if payload["step"] == "pay":
            ports.payouts.lose_next("transfer", after=False)  # it never reached the rail
        return call()

    machine = MemoryMachine(ports, lost)
    open_due(ports, machine)
    assert {payout.stage for payout in settled.payouts()} == {PayoutStage.TRANSFERRING}
    ports.clock.at += KEY_LIFE
    settled.run()
    assert {payout.stage for payout in settled.payouts()} == {PayoutStage.TRANSFERRING}
    assert [line for line in ports.payouts.balance_lines() if line.kind == "transfer"] == []
    assert run_of(ports, DAY).value.stage is Stage.NETTED


def test_a_debt_in_another_currency_is_converted_at_the_last_rate_before_the_cut_off() -> None:
    settled = SettledWorld()
    settled.charge()
    ports = settled.world.ports
    for day, rate in ((13, "0.93"), (16, "0.94"), (17, "0.99")):
        rates = DailyRates(date(2026, 11, day), {"CHF": Decimal(rate)}, "ecb")
        ports.store.write(create(keys.daily_rates(rates.day.isoformat()), rates))

    def swiss(party: Party) -> Party:
        return replace(party, settlement_currency=CHF)

    change(ports, CPO, swiss)
    ports.payouts.open_account("acct_rhein", "CHF")
    ports.payouts.fund(Money(5000, CHF))
    settled.settle_day()
    (payout,) = (payout for payout in settled.payouts() if payout.party_id == CPO)
    assert payout.money == Money(1512, CHF)  # 16.09 at 0.94 is 15.1246
    assert payout.stage is PayoutStage.ACCEPTED
    (conversion,) = payout.conversions
    assert (conversion.rate, conversion.day) == (Decimal("0.9400000000"), date(2026, 11, 16))
    paper = statements.read(ports, CPO, payout.id)
    assert paper["conversions"][0]["got"] == {"minor": 1512, "currency": "CHF"}
    positions = {str(account): sums for account, sums in settled.book().items()}
    assert positions["fx_position"] == {"EUR": -1609, "CHF": 1512}
    assert positions["cpo_payable:cpo_rhein"] == {"EUR": 0, "CHF": 0}


def test_what_banks_do_not_move_is_carried_to_the_next_statement() -> None:
    settled = SettledWorld()
    ports, forints = settled.world.ports, Currency("HUF")
    for day in range(16, 21):
        rates = DailyRates(date(2026, 11, day), {"HUF": Decimal("391.25")}, "ecb")
        ports.store.write(create(keys.daily_rates(rates.day.isoformat()), rates))

    def hungarian(party: Party) -> Party:
        return replace(party, settlement_currency=forints)

    change(ports, CPO, hungarian)
    ports.payouts.open_account("acct_rhein", "HUF")
    ports.payouts.fund(Money(10**8, forints))
    papers = []
    for window in (DAY, None, None):
        settled.charge()
        settled.settle_day(window or settled.next_day())
        of_cpo = [p for p in settled.payouts() if p.party_id == CPO and p.statement]
        payout = max(of_cpo, key=lambda each: each.window)
        assert payout.stage is PayoutStage.ACCEPTED
        papers.append(statements.read(ports, CPO, payout.id))
    sums = [(paper["total"]["minor"], paper["remainder"]["minor"]) for paper in papers]
    assert sums == [(629500, 21), (629500, 42), (629500, 63)]  # 16.09 EUR are 6,295.21 HUF
    (carried,) = papers[1]["carried"]
    assert (carried["reason"], carried["amounts"][0]["minor"]) == ("remainder", 21)
    book = {str(account): sums for account, sums in settled.book().items()}
    assert book["cpo_payable:cpo_rhein"] == {"EUR": 0, "HUF": -63}


def test_the_proof_names_every_account_and_sums_to_zero() -> None:
    settled = SettledWorld()
    settled.charge()
    run = settled.settle_day()
    proof = read_plain(settled.world.ports, run.proof)
    assert proof["journal_sum"] == {"EUR": 0}
    assert proof["accounts"]["cpo_payable:cpo_rhein"] == {"EUR": -1609}
    assert proof["owed"] == [{"minor": 1679, "currency": "EUR"}]
