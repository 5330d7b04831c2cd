"""Does every cash account close when money leaves or comes otherwise than by our payouts?"""

from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import DomainError, Invalid
from chalicelib.domain.ids import CHANNEL
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance
from chalicelib.domain.ledger.own import OwnMoney
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.staff import OnePerson
from chalicelib.usecases import keys
from chalicelib.usecases.bank import place
from chalicelib.usecases.bank.accept_files import accept_files
from chalicelib.usecases.bank.explain import explain, unmatched
from chalicelib.usecases.bank.place import BookedOtherwise, book_line
from chalicelib.usecases.channel.add_float import add_float
from chalicelib.usecases.channel.own_money import book_own
from chalicelib.usecases.partner.receipt import ReceiptDiffers
from chalicelib.usecases.payout.approve import set_limit
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.memory.bank import OWN_IBAN
from sandbox.memory.world import EUR, PARTNERS
from sandbox.peers.bank.writing import Booking, statement
from tests.unit.bank.sepa_case import FLOAT, Case
from tests.unit.reconciliation.booked_market import funded

PREPAID = PARTNERS[PaymentMethod.PREPAID]


def _case(*moved: tuple[int, str], limit: int = 100_000) -> tuple[Case, list[str]]:
    """The bank shows these; the names of the lines, in order."""
    case = Case()
    ports = case.settled.world.ports
    set_limit(ports, Money(limit, EUR), "at the start", "ada")
    at = ports.clock.now()
    said = [Booking(f"B{n}", minor, at.date(), text=text) for n, (minor, text) in enumerate(moved)]
    ports.mailbox.bring("9.xml", statement("S9", at, OWN_IBAN, 90, FLOAT, said, at.date()))
    accept_files(ports)
    return case, [row["line"] for row in unmatched(ports)]


def _open(case: Case) -> list[str]:
    found = reconcile_books(case.settled.world.ports).differences
    return [aged.difference.id for aged in found if "sepa" in aged.difference.id]


def test_what_the_bank_took_and_what_we_paid_ourselves_closes_its_account() -> None:
    case, lines = _case((-250, "fees"), (-4000, "to the owner"), (-700, "tax"), (-900, "to stripe"))
    ports = case.settled.world.ports
    assert "cash_not_closed#sepa/EUR" in _open(case)
    before = case.settled.book()
    meanings = (("rail_charge", ""), ("draw", ""), ("vat_paid", "DE"), ("float", ""))
    for line, (meaning, subject) in zip(lines, meanings, strict=True):
        book_line(ports, line, meaning, "ada", subject)
    assert (_open(case), unmatched(ports)) == ([], [])
    book = case.settled.book()
    own = (Account(Purpose.PSP_FEE), Account(Purpose.DRAWN), Account(Purpose.VAT, "", "DE"))
    moved = [(balance(book, each, EUR) - balance(before, each, EUR)).minor for each in own]
    assert moved == [250, 4000, 700]
    case.check()


def test_a_top_up_that_came_by_the_bank_is_booked_where_it_lies() -> None:
    case, (line,) = _case((50_000, "Prepaid, November"))
    book_line(case.settled.world.ports, line, "top_up", "ada", PREPAID)
    assert _open(case) == []
    assert balance(case.settled.book(), Account(Purpose.PREPAID, PREPAID), EUR).minor <= -50_000
    case.check()


def test_words_alone_book_nothing_and_the_difference_stands() -> None:
    case, (line,) = _case((-250, "fees"))
    explain(case.settled.world.ports, line, "the bank's fee", "ada")
    assert "cash_not_closed#sepa/EUR" in _open(case)


def test_above_the_limit_two_people_say_what_a_line_was() -> None:
    case, (line,) = _case((50_000, "Prepaid, November"), limit=40_000)
    ports = case.settled.world.ports
    assert book_line(ports, line, "top_up", "ada", PREPAID)["proposed"]["by"] == "ada"
    with pytest.raises(OnePerson):
        book_line(ports, line, "top_up", "Ada", PREPAID)
    other = PARTNERS[PaymentMethod.INVOICE]
    book_line(ports, line, "invoice_paid", "bob", other)  # another proposal, not the second word
    assert case.cash().minor == FLOAT
    said = book_line(ports, line, "invoice_paid", "ada", other)
    assert (said["by"], said["meant"]["by"]) == ("ada", "bob")
    assert case.cash().minor == FLOAT + 50_000


def test_a_line_that_was_booked_before_a_kill_is_not_booked_as_something_else() -> None:
    case, (line,) = _case((-250, "fees"))
    ports = case.settled.world.ports
    book_own(ports, OwnMoney.RAIL_CHARGE, Money(-250, EUR), line, "sepa")
    with pytest.raises(BookedOtherwise):
        book_line(ports, line, "draw", "ada")
    with pytest.raises(Invalid):
        book_line(ports, line, "gift", "ada")


def test_of_two_who_book_a_line_at_once_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    case, (line,) = _case((50_000, "Prepaid, November"))
    ports = case.settled.world.ports
    own = place._stated

    def meanwhile(*given: Any) -> str:
        """Another says otherwise while the first one's run is about to book."""
        monkeypatch.setattr(place, "_stated", own)
        with pytest.raises(BookedOtherwise):
            book_line(ports, line, "float", "bob")
        return own(*given)

    monkeypatch.setattr(place, "_stated", meanwhile)
    book_line(ports, line, "top_up", "ada", PREPAID)
    assert case.cash().minor == FLOAT + 50_000


def test_a_mistyped_partner_is_refused_and_the_line_is_booked_as_it_should_be() -> None:
    case, (line,) = _case((50_000, "Prepaid, November"))
    ports = case.settled.world.ports
    with pytest.raises(DomainError):
        book_line(ports, line, "top_up", "ada", "par_typo")
    assert case.cash().minor == FLOAT
    book_line(ports, line, "top_up", "ada", PREPAID)
    assert case.cash().minor == FLOAT + 50_000


def test_money_leaves_the_provider_as_float_as_its_own_fee_and_as_revenue() -> None:
    settled = funded()
    ports = settled.world.ports
    ports.payouts.move("payout", "po_own", Money(-500, EUR))
    ports.payouts.move("stripe_fee", "fee_1", Money(-20, EUR))
    ports.payouts.move("topup", "tu_9", Money(-80, EUR))
    assert len(reconcile_books(ports).differences) == 4
    book_own(ports, OwnMoney.DRAW, Money(-500, EUR), "po_own")
    book_own(ports, OwnMoney.RAIL_CHARGE, Money(-20, EUR), "fee_1")
    receipt = add_float(ports, Money(-80, EUR), "tu_9")
    assert receipt == add_float(ports, Money(-80, EUR), "tu_9")
    assert reconcile_books(ports).balanced


def test_the_same_reference_is_neither_another_rail_nor_another_country() -> None:
    ports = funded().world.ports
    book_own(ports, OwnMoney.VAT_PAID, Money(-700, EUR), "po_1", country="DE")
    with pytest.raises(ReceiptDiffers):
        book_own(ports, OwnMoney.VAT_PAID, Money(-700, EUR), "po_1", country="FR")
    with pytest.raises(Invalid):
        book_own(ports, OwnMoney.DRAW, Money(-700, EUR), "po_2", country="DE")
    kept = ports.store.get(keys.receipt("vat_paid", "po_1"))
    assert kept is not None
    assert kept.body["party_id"] == CHANNEL
