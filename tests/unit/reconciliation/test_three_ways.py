"""Is every disagreement between CDR, price, journal, provider and bank found, typed and owned?"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.book import balances_at, total_of
from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.difference import (
    RESPONSIBLE,
    Aged,
    DifferenceKind,
    Responsible,
)
from chalicelib.domain.reconciliation.match import match
from chalicelib.domain.reconciliation.moves import Move, Movement
from chalicelib.domain.reconciliation.paper import report_text
from chalicelib.domain.reconciliation.report import Report, plain_report
from chalicelib.ports.store import Delete, Put
from chalicelib.usecases import keys
from chalicelib.usecases.channel.add_float import add_float
from chalicelib.usecases.reconciliation.books import reconcile_books
from chalicelib.usecases.reconciliation.journal import journal
from chalicelib.usecases.reconciliation.nightly import reconcile_nightly
from chalicelib.usecases.window.measure import measure
from chalicelib.usecases.window.sealed import read_plain, rows
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR
from tests.unit.bank.sepa_case import Case
from tests.unit.reconciliation.booked_market import SEK, funded, played

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def _reconciled(settled: SettledWorld) -> Report:
    return reconcile_books(settled.world.ports, deep=True)


def _kinds(settled: SettledWorld) -> set[DifferenceKind]:
    return {aged.difference.kind for aged in _reconciled(settled).differences}


def _one(settled: SettledWorld, kind: DifferenceKind) -> Aged:
    (found,) = (a for a in _reconciled(settled).differences if a.difference.kind is kind)
    return found


def test_a_whole_market_agrees_to_the_cent_and_every_cash_account_closes() -> None:
    settled = played()
    report = _reconciled(settled)
    assert report.balanced, report.differences
    (euros,) = report.identities
    assert euros.holds
    assert (sum(euros.billed.values()), euros.owed, euros.held) == (11660, 11660, 1749)
    book = balances_at(journal(settled.world.ports), report.at)
    cash = total_of(book, Purpose.CASH, Purpose.CONNECTED)
    closings = {(each.place, each.currency): each for each in report.closings}
    assert ("stripe", SEK) in closings
    for code, minor in cash.items():
        assert sum(each.stated for each in report.closings if each.currency == code) == minor
    assert all(each.difference == 0 for each in closings.values())


def test_a_charge_that_only_the_provider_knows_is_finances_to_explain() -> None:
    settled = funded()
    settled.charge()
    rail = settled.world.ports.payouts
    rail.book_charge("ch_x", "ses_unknown", Money(900, EUR), Money(20, EUR))
    found = _one(settled, DifferenceKind.NOT_BOOKED)
    assert found.difference.subject == "stripe/charge/ses_unknown"
    assert (found.difference.detail, found.responsible) == ("8.80 EUR", Responsible.FINANCE)
    assert DifferenceKind.CASH_NOT_CLOSED in _kinds(settled)


def test_money_that_the_provider_moved_there_and_back_is_seen_though_its_balance_is_right() -> None:
    settled = funded()
    rail = settled.world.ports.payouts
    made = rail.transfer("pay_unknown", "acct_rhein", Money(900, EUR), "a key")
    rail.reverse_transfer("pay_unknown", made, Money(900, EUR), "another key")
    found = {aged.difference.id for aged in _reconciled(settled).differences}
    assert "not_booked#stripe/transfer/pay_unknown" in found
    assert DifferenceKind.CASH_NOT_CLOSED not in _kinds(settled)


def test_a_payout_that_went_there_and_back_and_there_again_calls_for_people() -> None:
    settled = funded()
    settled.charge()
    settled.settle_day()
    rail = settled.world.ports.payouts
    (payout,) = (each for each in settled.payouts() if each.party_id == CPO)
    assert payout.money is not None
    made = rail.transfer(payout.id, payout.account, payout.money, "a key")
    rail.reverse_transfer(payout.id, made, payout.money, "another key")
    twice = [a for a in _reconciled(settled).differences if "there and back" in a.difference.detail]
    assert {aged.difference.subject for aged in twice} == {f"stripe/transfer/{payout.id}"}
    assert twice[0].difference.kind is DifferenceKind.MOVED_TWICE


def test_one_capture_of_several_holds_is_one_sum() -> None:
    cent = {EUR: 100}
    whole = Move("stripe", Movement.CHARGE, "ses_1", {EUR: 200}, {}, "ent_1", frozenset(), None)
    half = replace(whole, net=cent, subject="txn_1")
    assert match([whole], [half, replace(half, subject="txn_2")], AT).differences == ()


def test_a_fee_that_the_provider_states_otherwise_is_claimed_back() -> None:
    booked = Move("stripe", Movement.CHARGE, "ses_1", {EUR: 90}, {EUR: 10}, "e", frozenset(), None)
    stated = replace(booked, fee={EUR: 11}, subject="txn_1")
    (found,) = match([booked], [stated], AT).differences
    assert found.kind is DifferenceKind.FEE_DIFFERS
    assert found.detail == "booked 0.10 EUR, provider 0.11 EUR"


def test_a_capture_that_is_not_in_the_journal_is_seen_from_both_sides() -> None:
    settled = funded()
    session = settled.charge()
    (cash,) = (booked for booked in session.booked if booked.name == "cash")
    settled.world.ports.store.write(Delete(keys.entry(cash.window, cash.entry_id)))
    kinds = _kinds(settled)
    assert {DifferenceKind.NOT_BOOKED, DifferenceKind.CAPTURE_NOT_BOOKED} <= kinds
    assert DifferenceKind.ENTRY_MISSING in kinds


def test_a_sale_that_is_not_in_the_journal_breaks_the_identity_of_its_session() -> None:
    settled = funded()
    session = settled.charge()
    store = settled.world.ports.store
    unsold = tuple(booked for booked in session.booked if booked.name != "sale")
    (sale,) = (booked for booked in session.booked if booked.name == "sale")
    store.write(Delete(keys.entry(sale.window, sale.entry_id)))
    store.write(Put(keys.session(session.id), to_plain(replace(session, booked=unsold)), None))
    assert DifferenceKind.SALE_MISSING in _kinds(settled)


def test_money_that_left_twice_calls_for_people() -> None:
    settled = funded()
    settled.charge()
    settled.settle_day()
    ports = settled.world.ports
    (payout,) = (each for each in settled.payouts() if each.party_id == CPO)
    assert payout.money is not None
    ports.payouts.transfer("pay_other", payout.account, payout.money, "another key")
    ports.payouts.pay(payout.id, payout.account, payout.money, "yet another key")
    found = _one(settled, DifferenceKind.MOVED_TWICE)
    assert found.responsible is Responsible.PAYOUTS
    assert found.difference.subject == f"stripe:{CPO}/payout/{payout.id}"


def test_a_bill_that_was_changed_is_found_when_it_is_computed_again() -> None:
    settled = funded()
    session = settled.charge()
    assert session.bill is not None
    wrong = replace(session, bill=replace(session.bill, cpo_due=Money(1610, EUR)))
    settled.world.ports.store.write(Put(keys.session(session.id), to_plain(wrong), None))
    assert _kinds(settled) == {DifferenceKind.BILL_DIFFERS}
    settled.settle_day()
    assert DifferenceKind.BILL_DIFFERS in _kinds(settled)  # the settlement holds it


def test_a_gross_that_was_changed_is_no_longer_what_was_sold() -> None:
    settled = funded()
    session = settled.charge()
    assert session.bill is not None
    wrong = replace(session, bill=replace(session.bill, gross=Money(1750, EUR)))
    settled.world.ports.store.write(Put(keys.session(session.id), to_plain(wrong), None))
    found = _one(settled, DifferenceKind.BILLED_IS_NOT_DUE)
    assert "sold 17.49 EUR, by the bills 17.50 EUR" in found.difference.detail


def test_what_the_bank_has_still_to_book_is_in_transit_and_then_a_difference() -> None:
    case = Case()
    case.settle()
    ports = case.settled.world.ports
    (waiting,) = reconcile_books(ports).in_transit
    payout = case.payout()
    assert (waiting.place, waiting.owner) == ("sepa", payout.id)
    (closing,) = (c for c in reconcile_books(ports).closings if c.place == "sepa")
    assert closing.difference == 0
    assert closing.in_transit == 1609
    ports.clock.at += timedelta(days=6)  # and no file came
    late = {aged.difference.id for aged in reconcile_books(ports).differences}
    assert f"not_at_provider#sepa/payout/{payout.id}" in late
    case.banked.answer()
    case.later()
    assert not [c for c in reconcile_books(ports).closings if c.place == "sepa" and c.in_transit]
    open_ = [
        d.difference.id for d in reconcile_books(ports).differences if "sepa" in d.difference.id
    ]
    assert open_ == []


def test_the_past_is_reconciled_as_it_was() -> None:
    settled = funded()
    settled.charge()
    before = settled.world.ports.clock.now()
    settled.settle_day()
    settled.next_day()
    settled.world.ports.payouts.fund(Money(500, EUR))  # today's, and not booked
    assert not _reconciled(settled).balanced
    past = reconcile_books(settled.world.ports, before)
    assert past.balanced
    assert past.counts["entries"] == 4  # float, top-up, sale, capture


def test_a_difference_keeps_its_age_until_it_is_gone() -> None:
    settled = funded()
    ports = settled.world.ports
    ports.payouts.fund(Money(500, EUR))
    first = reconcile_nightly(ports)
    assert (first["differences"], first["oldest_hours"]) == (2, 0)
    seen_at = ports.clock.now()
    settled.next_day()
    later = reconcile_nightly(ports)
    assert later["oldest_hours"] == int((ports.clock.now() - seen_at).total_seconds()) // 3600
    assert {aged.first_seen for aged in reconcile_books(ports).differences} == {seen_at}
    add_float(ports, Money(500, EUR), "tu_2")
    assert reconcile_nightly(ports)["differences"] == 0
    assert list(rows(ports, keys.open_differences())) == []
    gone = [name for name in ports.store.dump() if name.startswith("difference-cleared#")]
    assert len(gone) == 2


def test_a_report_is_for_auditors_and_for_programs() -> None:
    settled = played()
    ports = settled.world.ports
    ports.payouts.fund(Money(500, EUR))
    name = reconcile_nightly(ports)["report"]
    content, paper = ports.files.read(name), ports.files.read(name.replace(".json", ".md"))
    assert content is not None
    assert paper is not None
    plain: dict[str, Any] = json.loads(content)
    assert plain == plain_report(reconcile_books(ports))
    assert plain["balanced"] is False
    (own,) = (c for c in plain["closings"] if (c["place"], c["currency"]) == ("stripe", "EUR"))
    assert own["booked"] + own["in_transit"] - own["stated"] == own["difference"] == -500
    (euros,) = plain["identities"]
    assert sum(euros["billed"].values()) == euros["owed"] == 11660
    text = paper.decode()
    assert text == report_text(reconcile_books(ports))
    assert "| not_booked | stripe/paid_in/" in text
    assert "| **billed** | 116.60 EUR | **owed** | 116.60 EUR |" in text


def test_a_window_proves_that_what_it_billed_is_owed_and_names_what_it_holds() -> None:
    settled = funded()
    right, wrong = settled.charge(PaymentMethod.PREPAID), settled.charge()
    assert right.bill is not None
    assert wrong.bill is not None
    changed = replace(wrong, bill=replace(wrong.bill, gross=Money(1750, EUR)))
    settled.world.ports.store.write(Put(keys.session(wrong.id), to_plain(changed), None))
    run = settled.settle_day()
    proof = read_plain(settled.world.ports, run.proof)
    report = read_plain(settled.world.ports, proof["reconciliation"])
    (euros,) = report["identities"]
    assert euros["billed"] == {"card": 1749, "prepaid": 1749}
    assert (euros["owed"], euros["cpo"], euros["vat"]) == (3498, 3218, {"DE": 22})
    assert euros["documented"] == {"card": 1750, "prepaid": 1749}
    assert report["scope"] == run.id
    assert {found["kind"] for found in report["differences"]} == {
        "bill_differs",
        "billed_is_not_due",
    }
    assert measure(settled.world.ports, run.id)["differences_found"] == 2


def test_nothing_is_adjusted_by_looking() -> None:
    settled = played()
    before = settled.world.ports.store.dump()
    _reconciled(settled)
    assert settled.world.ports.store.dump() == before


def test_every_kind_of_difference_has_somebody_who_must_act() -> None:
    assert set(RESPONSIBLE) == set(DifferenceKind)


def test_the_books_show_no_account_of_a_payee_at_a_bank() -> None:
    case = Case()
    case.settle()
    places = {closing.place for closing in reconcile_books(case.settled.world.ports).closings}
    assert "sepa" in places
    assert f"stripe:{CPO}" not in places
