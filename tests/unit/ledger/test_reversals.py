"""Is an entry corrected by its contrary only, once, and by name?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ledger.account import CLASS_OF, Account, Purpose
from chalicelib.domain.ledger.book import balances
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.ledger.own import OwnMoney, own_entry
from chalicelib.domain.ledger.reversal import (
    AlreadyReversed,
    ReversalNotReversible,
    reversal_entry,
    reversal_name,
)
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.reconciliation.difference import DifferenceKind
from chalicelib.domain.reconciliation.journal import journal_faults

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = AT + timedelta(days=1)


def _entry() -> Entry:
    return own_entry(
        "receipt#float#1", OwnMoney.FLOAT, Money(900, Currency("EUR")), AT, reference="tu_1"
    )


def test_a_reversal_is_the_exact_contrary_and_names_what_it_undoes() -> None:
    original = _entry()
    undone = reversal_entry(original, LATER, person="ada")
    assert undone.event is Event.REVERSAL
    assert undone.owner == original.owner
    assert undone.refs == {"reverses": original.id, "person": "ada"}
    assert {sum(sums.values()) for sums in balances([original, undone]).values()} == {0}
    assert journal_faults([original, undone]) == ()


def test_reversed_twice_it_is_the_same_entry_and_refused_where_it_is_booked() -> None:
    original = _entry()
    first, second = reversal_entry(original, LATER), reversal_entry(original, LATER)
    assert (first.id, first.hash) == (second.id, second.hash)
    with pytest.raises(AlreadyReversed):
        reversal_entry(original, LATER, booked={"float", reversal_name(original)})


def test_a_reversal_is_not_reversed() -> None:
    undone = reversal_entry(_entry(), LATER)
    with pytest.raises(ReversalNotReversible):
        reversal_entry(undone, LATER)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda r: [r], "there is no such entry"),
        (lambda r: [_entry(), r, replace(r, id="ent_2")], "it was reversed before"),
        (lambda r: [_entry(), r, replace(r, id="ent_3", refs={"reverses": r.id})], "a reversal"),
        (lambda r: [_entry(), replace(r, postings=_entry().postings)], "not its contrary"),
    ],
    ids=["of nothing", "twice", "of a reversal", "not the contrary"],
)
def test_a_wrong_reversal_in_the_journal_is_a_typed_difference(change: object, why: str) -> None:
    assert callable(change)
    (found,) = journal_faults(change(reversal_entry(_entry(), LATER)))
    assert found.kind is DifferenceKind.REVERSED_WRONGLY
    assert why in found.detail


def test_every_purpose_stands_in_a_class_of_accounts() -> None:
    assert set(CLASS_OF) == set(Purpose)


@pytest.mark.parametrize(
    "account",
    [
        Account(Purpose.PLATFORM),
        Account(Purpose.CPO_PAYABLE, "cpo_1"),
        Account(Purpose.HELD, "cpo_1", "awaiting_cdr"),
        Account(Purpose.VAT, jurisdiction="DE"),
        Account(Purpose.LOSS, jurisdiction="chargeback_fraud"),
    ],
)
def test_an_account_is_read_from_what_it_prints(account: Account) -> None:
    assert Account.read(str(account)) == account


def test_an_account_without_a_known_purpose_is_refused() -> None:
    with pytest.raises(Invalid):
        Account.read("slush_fund:cpo_1")
