"""What is not paid, why, and how does it come right the next day?"""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import PartyId, PayoutId
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.book import journal_sum
from chalicelib.domain.money import Money, currency
from chalicelib.domain.party.party import Kyc, Party, PartyKind
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.screen import screen
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.reconciliation.books import reconcile_books
from chalicelib.usecases.records import create, load
from chalicelib.usecases.statement import read as statements
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.open_due import open_due
from sandbox.memory.machine import Killed, MemoryMachine
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR


def _change_cpo(settled: SettledWorld, **changes: Any) -> None:
    def changed(party: Party) -> Party:
        return replace(party, **changes)

    record = load(settled.world.ports.store, keys.party(CPO), Party, "party")
    settled.world.ports.store.write(record.put(changed(record.value)))


def _of_cpo(settled: SettledWorld) -> list[Payout]:
    found = [payout for payout in settled.payouts() if payout.party_id == CPO]
    return sorted(found, key=lambda payout: payout.window)


def _paid_to_cpo(settled: SettledWorld) -> int:
    lines = settled.world.ports.payouts.balance_lines("acct_rhein")
    return -sum(line.net.minor for line in lines if line.kind.startswith("payout"))


def _assert_books_are_square(settled: SettledWorld) -> None:
    book = settled.book()
    assert set(journal_sum(book).values()) == {0}
    for account, amounts in book.items():
        if account.purpose in {Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE, Purpose.CONNECTED}:
            assert set(amounts.values()) == {0}, account


def _next_day(settled: SettledWorld) -> None:
    settled.settle_day(settled.next_day())


@pytest.mark.parametrize(
    ("wrong", "right", "reason"),
    [
        ({"kyc": Kyc.PENDING}, {"kyc": Kyc.VERIFIED}, "kyc_pending"),
        ({"kyc": Kyc.BLOCKED}, {"kyc": Kyc.VERIFIED}, "kyc_blocked"),
        ({"payout_account": ""}, {"payout_account": "acct_rhein"}, "no_payout_account"),
    ],
)
def test_a_payee_that_may_not_be_paid_is_held_and_paid_once_it_may(
    wrong: dict[str, Any], right: dict[str, Any], reason: str
) -> None:
    settled = SettledWorld()
    settled.charge()
    _change_cpo(settled, **wrong)
    run = settled.settle_day()
    (held,) = _of_cpo(settled)
    assert (held.stage, held.reason) == (PayoutStage.HELD, reason)
    assert run.stage is Stage.CLOSED
    assert [missed["reason"] for missed in run.shares["exceptions"]] == [reason]
    _change_cpo(settled, **right)
    _next_day(settled)
    first, second = _of_cpo(settled)
    assert (first.stage, first.carried_into) == (PayoutStage.CARRIED, second.id)
    assert (second.stage, second.carried_from) == (PayoutStage.ACCEPTED, (first.id,))
    assert _paid_to_cpo(settled) == 1609
    paper = statements.read(settled.world.ports, CPO, second.id)
    assert paper["carried"][0]["reason"] == reason
    assert paper["total"] == {"minor": 1609, "currency": "EUR"}
    _assert_books_are_square(settled)


def test_without_money_on_the_rail_payouts_are_held_as_unfunded_and_paid_when_there_is() -> None:
    settled = SettledWorld(funded=Money(0, EUR))
    settled.charge()
    settled.settle_day()
    assert {(p.stage, p.reason) for p in settled.payouts()} == {(PayoutStage.HELD, "unfunded")}
    settled.world.ports.payouts.fund(Money(5000, EUR))
    settled.charge()
    _next_day(settled)
    assert _paid_to_cpo(settled) == 2 * 1609
    assert _of_cpo(settled)[-1].sessions == 1
    _assert_books_are_square(settled)


def test_money_that_is_short_pays_whom_it_can_and_holds_the_rest() -> None:
    settled = SettledWorld(funded=Money(1650, EUR))
    settled.charge()
    settled.settle_day()
    stages = {payout.party_id: payout.stage for payout in settled.payouts()}
    assert stages == {CPO: PayoutStage.ACCEPTED, PartyId("par_app"): PayoutStage.HELD}


def test_a_difference_holds_its_sale_only_and_is_paid_when_it_is_gone() -> None:
    settled = SettledWorld()
    wrong, _ = settled.charge(), settled.charge()
    assert wrong.bill is not None
    store = settled.world.ports.store
    bill = replace(wrong.bill, cpo_due=Money(1610, EUR))
    store.write(Put(keys.session(wrong.id), to_plain(replace(wrong, bill=bill)), expects=None))
    run = settled.settle_day()
    assert _paid_to_cpo(settled) == 1609
    assert run.shares["exceptions"] == [{"session": wrong.id, "reason": "bill_differs"}]
    store.write(Put(keys.session(wrong.id), to_plain(wrong), expects=None))
    _next_day(settled)
    assert _paid_to_cpo(settled) == 2 * 1609
    _next_day(settled)
    assert _paid_to_cpo(settled) == 2 * 1609
    _assert_books_are_square(settled)


def test_a_price_that_cannot_be_computed_again_is_a_difference() -> None:
    settled = SettledWorld()
    session = settled.charge()
    store = settled.world.ports.store
    key = keys.cdr(session.peer_id, "DE", "RHE", session.cdr_id)
    item = store.get(key)
    assert item is not None
    kept: dict[str, Any] = dict(item.body)
    kept["cdr"]["periods"][0]["energy_kwh"] = "29"
    store.write(Put(key, kept, expects=None))
    run = settled.settle_day()
    assert run.shares["exceptions"] == [{"session": session.id, "reason": "price_differs"}]
    assert settled.payouts() == []


def test_a_payout_that_the_rail_refuses_is_taken_back_and_paid_the_next_day() -> None:
    settled = SettledWorld()
    settled.charge()
    rail = settled.world.ports.payouts
    settled.loses_its_bank_account("acct_rhein")
    settled.settle_day()
    (held,) = _of_cpo(settled)
    assert (held.stage, held.reason) == (PayoutStage.HELD, "refused_invalid_request_error")
    assert rail.balance(EUR, "acct_rhein").minor == 0
    settled.machine = MemoryMachine(settled.world.ports)
    rail.open_account("acct_rhein", "EUR")
    _next_day(settled)
    assert _paid_to_cpo(settled) == 1609
    _assert_books_are_square(settled)


def test_an_account_without_its_partys_currency_is_sent_nothing_until_it_has_it() -> None:
    settled = SettledWorld()
    rail = settled.world.ports.payouts
    rail.open_account("acct_rhein", "SEK")
    rail.no_balance(EUR, currency("SEK"), "11", "acct_rhein")
    settled.charge()
    settled.settle_day()
    for _ in range(2):
        held = _of_cpo(settled)[-1]
        assert (held.stage, held.reason) == (PayoutStage.HELD, "account_lacks_currency")
        _next_day(settled)
    assert rail.balance_lines("acct_rhein") == []
    found = reconcile_books(settled.world.ports, deep=True).differences
    assert not [aged for aged in found if "transfer" in aged.difference.subject]
    rail.open_account("acct_rhein", "EUR", "SEK")
    rail.has_balance(EUR, "acct_rhein")
    _next_day(settled)
    assert _paid_to_cpo(settled) == 1609
    _assert_books_are_square(settled)


def test_a_rail_that_is_away_is_not_asked_about_who_is_owed_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = SettledWorld().world.ports
    run = WindowRun(DAY, Stage.NETTED, ports.clock.now(), lease=1)
    id_, cpo = PayoutId("pay_nothing"), PartyKind.CPO
    nothing = Payout(id_, DAY, CPO, cpo, PayoutStage.NETTED, due=(), lines="", sessions=0)
    ports.store.write(create(keys.payout(id_), nothing), create(keys.window(DAY), run))
    monkeypatch.setattr(ports.payouts, "currencies", None)
    assert screen(ports, DAY, 1, id_) == {"outcome": "clear"}


def test_an_account_that_left_the_provider_holds_its_payee_by_the_providers_code() -> None:
    settled = SettledWorld()
    settled.charge()
    _change_cpo(settled, payout_account="acct_gone")
    settled.settle_day()
    assert [payout.reason for payout in _of_cpo(settled)] == ["refused_resource_missing"]


def test_a_currency_without_a_rate_holds_the_payee() -> None:
    settled = SettledWorld()
    settled.charge()
    _change_cpo(settled, settlement_currency="CHF")
    settled.world.ports.payouts.open_account("acct_rhein", "CHF")
    settled.settle_day()
    assert [payout.reason for payout in _of_cpo(settled)] == ["no_rate"]
    assert run_of(settled.world.ports, DAY).value.stage is Stage.CLOSED


def test_money_that_is_held_through_windows_for_a_week_rings() -> None:
    settled = SettledWorld()
    settled.charge()
    _change_cpo(settled, kyc=Kyc.PENDING)
    settled.settle_day()
    long_held = []
    for _ in range(9):
        _next_day(settled)
        long_held.append(sweep_payouts(settled.world.ports)["held_long"])
    assert long_held == [0] * 6 + [1] * 3
    _change_cpo(settled, kyc=Kyc.VERIFIED)
    _next_day(settled)
    assert sweep_payouts(settled.world.ports)["held_long"] == 0


def test_a_payout_that_was_funded_days_ago_is_screened_again_before_it_is_sent() -> None:
    settled = SettledWorld()
    settled.charge()
    settled.close_of()
    ports = settled.world.ports

    def dies_before_paying(payload: Any, call: Any) -> Any:
        if payload["step"] == "pay":
            raise Killed
        return call()

    open_due(ports, MemoryMachine(ports, dies_before_paying))
    (funded,) = _of_cpo(settled)
    assert funded.stage is PayoutStage.FUNDED
    ports.payouts.open_account("acct_new", "EUR")
    _change_cpo(settled, payout_account="acct_new")  # two people said so meanwhile
    settled.next_day(3)
    while settled.run()["opened"]:
        pass
    assert _of_cpo(settled)[0].reason == "account_changed"
    assert _paid_to_cpo(settled) == 0
    assert ports.payouts.balance_lines("acct_new")[-1].net == Money(-1609, EUR)
    _assert_books_are_square(settled)
