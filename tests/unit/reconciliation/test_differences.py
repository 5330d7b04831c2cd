"""Is each kind of difference seen, to the cent, and nothing where there is none?"""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.reconciliation.compare import (
    billing_differences,
    journal_differences,
    payment_differences,
)
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind
from chalicelib.domain.session.session import Bill, Redress, Session, SessionState
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import EUR


@cache
def _case() -> tuple[Session, Entry]:
    settled = SettledWorld()
    session = settled.charge()
    (sale,) = (entry for entry in settled.entries() if entry.event is Event.SALE)
    return session, sale


def _bill(**changes: Any) -> Session:
    session, _ = _case()
    assert session.bill is not None
    return replace(session, bill=replace(session.bill, **changes))


def _kinds(found: tuple[Difference, ...]) -> set[DifferenceKind]:
    return {difference.kind for difference in found}


def test_a_right_sale_has_no_difference() -> None:
    session, sale = _case()
    assert journal_differences(sale, session) == ()
    assert payment_differences(session) == ()


def test_an_entry_of_an_unknown_session_is_seen() -> None:
    _, sale = _case()
    assert _kinds(journal_differences(sale, None)) == {DifferenceKind.SESSION_UNKNOWN}


def test_an_entry_that_its_session_does_not_name_is_seen() -> None:
    session, sale = _case()
    unnamed = replace(session, booked=())
    assert _kinds(journal_differences(sale, unnamed)) == {DifferenceKind.ENTRY_NOT_NAMED}
    other = replace(sale, refs={"cdr": "another"})
    assert _kinds(journal_differences(other, session)) == {DifferenceKind.ENTRY_NOT_NAMED}


def test_a_sale_of_a_session_that_is_not_billed_is_seen() -> None:
    session, sale = _case()
    open_ = replace(session, state=SessionState.ENDED)
    assert _kinds(journal_differences(sale, open_)) == {DifferenceKind.NOT_BILLED}


@pytest.mark.parametrize(
    "changes",
    [
        {"gross": Money(1748, EUR)},
        {"cpo_due": Money(1610, EUR)},
        {"partner_due": Money(69, EUR)},
        {"platform": Money(60, EUR)},
        {"vat_due": {"DE": Money(12, EUR)}},
        {"vat_due": {}},
        {"vat_due": {"DE": Money(11, EUR), "NL": Money(1, EUR)}},
    ],
    ids=["gross", "cpo", "partner", "platform", "vat", "no vat", "another country's vat"],
)
def test_one_cent_between_bill_and_journal_is_seen(changes: dict[str, Any]) -> None:
    _, sale = _case()
    assert _kinds(journal_differences(sale, _bill(**changes))) == {DifferenceKind.BILL_DIFFERS}


def test_a_bill_computed_again_must_be_the_same() -> None:
    session, _ = _case()
    bill: Bill | None = session.bill
    assert bill is not None
    assert billing_differences(bill, bill) == ()
    assert _kinds(billing_differences(bill, None)) == {DifferenceKind.CDR_UNKNOWN}
    again = replace(bill, gross=Money(1, EUR))
    assert _kinds(billing_differences(bill, again)) == {DifferenceKind.PRICE_DIFFERS}


def test_another_amount_captured_is_seen_and_an_open_or_failed_capture_holds_nobody() -> None:
    session, _ = _case()
    payment = session.payment
    more = replace(session, payment=replace(payment, captured=Money(1750, EUR)))
    assert _kinds(payment_differences(more)) == {DifferenceKind.CAPTURE_DIFFERS}
    for state in (PaymentState.CAPTURE_REQUESTED, PaymentState.CAPTURE_FAILED):
        waiting = replace(session, payment=replace(payment, state=state, captured=None))
        assert payment_differences(waiting) == ()


def test_a_session_in_dispute_that_was_only_partly_secured_holds_nobody() -> None:
    """Found by the simulator: its CPO was held for what its driver owes."""
    session, _ = _case()
    less = Money(900, EUR)
    payment = replace(session.payment, hold=less, captured=less)
    disputed = replace(session, payment=payment, redress=Redress(disputes=("dis_1",)))
    assert payment_differences(disputed) == ()
