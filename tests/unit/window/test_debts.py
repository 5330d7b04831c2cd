"""What becomes of a payee that owes us? Carried, set off within its bounds, invoiced, paid."""

from datetime import timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, journal_sum
from chalicelib.domain.ledger.entry import Event, entry
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.debt import Debt, DebtStage
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.window import cut_off, window_id
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.debt.invoice import invoice_due, open_debts
from chalicelib.usecases.debt.paid import pay_claim
from chalicelib.usecases.effect.quarantine import quarantined
from chalicelib.usecases.event.list import beginning, page
from chalicelib.usecases.records import load
from chalicelib.usecases.statement import read as statements
from chalicelib.usecases.window.sealed import read_plain
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR, PARTNERS, ZONE

CARD, FLEET = f"agr_{PaymentMethod.CARD.value}", f"agr_{PaymentMethod.INVOICE.value}"


def owe(settled: SettledWorld, name: str, minor: int, agreement: str = CARD) -> None:
    """The CPO bears a loss under an agreement: an entry that no session owns."""
    ports = settled.world.ports
    at = ports.clock.now()
    money = Money(minor, EUR)
    postings = ((Account(Purpose.CPO_PAYABLE, CPO), money), (Account(Purpose.PLATFORM), -money))
    made = entry(f"receipt#test#{name}", "loss", Event.REFUND, at, postings, agreement=agreement)
    ports.store.write(Put(keys.entry(window_id(at, ZONE), made.id), to_plain(made)))


def of_cpo(settled: SettledWorld) -> list[Payout]:
    found = [payout for payout in settled.payouts() if payout.party_id == CPO]
    return sorted(found, key=lambda payout: payout.window)


def debt_of(settled: SettledWorld, debt: Debt) -> Debt:
    return load(settled.world.ports.store, keys.debt(debt.id), Debt, "debt").value


def payable(settled: SettledWorld) -> int:
    return balance(settled.book(), Account(Purpose.CPO_PAYABLE, CPO), EUR).minor


def test_a_payee_that_owes_more_than_it_earns_is_paid_nothing_and_the_rest_is_carried() -> None:
    settled = SettledWorld()
    settled.charge()  # 16.09 for the CPO
    owe(settled, "a", 2000)
    settled.settle_day()
    (first,) = of_cpo(settled)
    assert (first.stage, first.money) == (PayoutStage.NOTHING_DUE, Money(0, EUR))
    assert [part.money.minor for part in first.left] == [391]
    (debt,) = open_debts(settled.world.ports)
    assert (debt.payout, debt.since) == (first.id, cut_off(DAY))
    settled.charge()
    settled.settle_day(settled.next_day())
    second = of_cpo(settled)[1]
    assert (second.stage, second.money) == (PayoutStage.ACCEPTED, Money(1609 - 391, EUR))
    assert [part.money.minor for part in second.kept] == [391]
    assert open_debts(settled.world.ports) == []
    assert debt_of(settled, debt).stage is DebtStage.SET_OFF
    assert payable(settled) == 0


def test_a_statement_shows_what_is_owed_and_what_was_set_off_and_sums_to_its_payout() -> None:
    settled = SettledWorld()
    settled.charge()
    owe(settled, "a", 2000)
    settled.settle_day()
    settled.charge()
    settled.settle_day(settled.next_day())
    ports = settled.world.ports
    first, second = of_cpo(settled)
    owing = statements.read(ports, CPO, first.id)
    assert owing["total"]["minor"] == 0
    assert [part["money"]["minor"] for part in owing["left_owing"]] == [391]
    paper = statements.read(ports, CPO, second.id)
    assert [part["money"]["minor"] for part in paper["set_off"]] == [391]
    assert "-3.91" in statements.read_csv(ports, CPO, second.id)


def test_a_debt_of_one_agreement_is_not_kept_from_what_another_earns() -> None:
    settled = SettledWorld()
    settled.charge()  # under the card agreement
    owe(settled, "a", 500, FLEET)
    settled.settle_day()
    (payout,) = of_cpo(settled)
    assert payout.money == Money(1609, EUR)
    assert [(part.agreement, part.money.minor) for part in payout.left] == [(FLEET, 500)]
    settled.charge()
    settled.settle_day(settled.next_day())
    assert [payout.money for payout in of_cpo(settled)] == [Money(1609, EUR)] * 2
    assert [debt.parts[0].money.minor for debt in open_debts(settled.world.ports)] == [500]


def _owed_for_a_month() -> tuple[SettledWorld, Debt]:
    settled = SettledWorld()
    owe(settled, "a", 500)
    settled.settle_day()
    (debt,) = open_debts(settled.world.ports)
    settled.world.ports.clock.at = debt.since + timedelta(days=30)
    return settled, debt


def test_a_debt_of_thirty_days_is_invoiced_and_becomes_a_receivable() -> None:
    settled, debt = _owed_for_a_month()
    ports = settled.world.ports
    ports.clock.at -= timedelta(seconds=1)
    assert invoice_due(ports) == 0
    ports.clock.at += timedelta(seconds=1)
    assert (invoice_due(ports), invoice_due(ports)) == (1, 0)
    invoiced = debt_of(settled, debt)
    assert invoiced.stage is DebtStage.INVOICED
    claim = read_plain(ports, invoiced.claim)
    assert claim["sums"] == [{"minor": 500, "currency": "EUR"}]
    assert any(name.endswith(".pdf") for name in ports.files.content if "/claim-" in name)
    book = settled.book()
    assert balance(book, Account(Purpose.CLAIM_RECEIVABLE, CPO), EUR) == Money(500, EUR)
    assert payable(settled) == 0
    assert set(journal_sum(book).values()) == {0}


def test_a_claim_that_cannot_be_made_is_noted_for_people_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled, debt = _owed_for_a_month()
    ports = settled.world.ports

    def broken(*_: object) -> bytes:
        raise ValueError("no font")

    with monkeypatch.context() as patched:
        patched.setattr(type(ports.papers), "pdf", broken)
        assert invoice_due(ports) == 0
    (note,) = quarantined(ports)
    assert (note.owner, note.reason) == (keys.debt(debt.id).pk, "ValueError: no font")
    assert invoice_due(ports) == 1


def test_what_was_invoiced_is_not_set_off_and_owes_nobody_anew() -> None:
    settled, _ = _owed_for_a_month()
    invoice_due(settled.world.ports)
    settled.charge()
    for _ in range(34):
        settled.settle_day(settled.next_day())
    assert [p.money for p in of_cpo(settled) if p.sessions] == [Money(1609, EUR)]
    assert payable(settled) == 0


def test_a_claim_is_paid_in_parts_once_a_reference_and_never_beyond_what_is_open() -> None:
    settled, debt = _owed_for_a_month()
    ports = settled.world.ports
    with pytest.raises(Invalid):
        pay_claim(ports, debt.id, Money(100, EUR), "early")
    invoice_due(ports)
    for _ in range(2):
        pay_claim(ports, debt.id, Money(200, EUR), "tr_1")
    with pytest.raises(Invalid):
        pay_claim(ports, debt.id, Money(301, EUR), "tr_2")
    pay_claim(ports, debt.id, Money(300, EUR), "tr_3")
    assert debt_of(settled, debt).stage is DebtStage.PAID
    assert balance(settled.book(), Account(Purpose.CLAIM_RECEIVABLE, CPO), EUR).minor == 0


def test_a_partner_is_told_of_a_claim_by_an_event() -> None:
    settled = SettledWorld()
    ports, partner = settled.world.ports, PARTNERS[PaymentMethod.CARD]
    at, money = ports.clock.now(), Money(70, EUR)
    postings = (
        (Account(Purpose.PARTNER_PAYABLE, partner), money),
        (Account(Purpose.PLATFORM), -money),
    )
    made = entry("receipt#test#p", "loss", Event.REFUND, at, postings)
    ports.store.write(Put(keys.entry(window_id(at, ZONE), made.id), to_plain(made)))
    settled.settle_day()
    ports.clock.at = cut_off(DAY) + timedelta(days=30)
    invoice_due(ports)
    found = page(ports, partner, beginning(ports.clock.at - timedelta(hours=1)), 100).events
    told = [event for event in found if event.type == "claim.invoiced"]
    assert [event.data["sums"] for event in told] == [[{"minor": 70, "currency": "EUR"}]]
