from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import Bearer, PaymentMethod
from chalicelib.domain.fx.rates import Conversion, DailyRates, convert, rate_between
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, balances, by_purpose, journal_sum
from chalicelib.domain.ledger.cash import (
    Burden,
    captured_entry,
    cash,
    paid_in_entry,
    refund_entry,
)
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.ledger.entry import Entry, EntryDoesNotBalance, Event, entry
from chalicelib.domain.ledger.own import OwnMoney, own_entry
from chalicelib.domain.ledger.payout import (
    connected,
    conversion_entry,
    payable,
    payout_entry,
    payout_returned_entry,
    transfer_entry,
    transfer_reversed_entry,
)
from chalicelib.domain.ledger.provisional import provisional_entry, provisional_reversed_entry
from chalicelib.domain.ledger.sale import receivable
from chalicelib.domain.money import CurrenciesDiffer, Currency, Money
from chalicelib.domain.party.party import PartyKind

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
EUR, SEK = Currency("EUR"), Currency("SEK")
PARTNER, CPO = PartyId("par_1"), PartyId("cpo_1")
OWNER = "session#ses_1"


def euros(minor: int) -> Money:
    return Money(minor, EUR)


def lines(*entries: Entry) -> dict[str, dict[Currency, int]]:
    """What is left on the accounts, in the ledger's own notation."""
    book = balances(entries)
    assert all(minor == 0 for minor in journal_sum(book).values())
    left = {
        str(account): {code: minor for code, minor in amounts.items() if minor}
        for account, amounts in book.items()
    }
    return {account: amounts for account, amounts in left.items() if amounts}


def test_a_capture_brings_cash_less_the_fee_that_the_platform_bears() -> None:
    made = captured_entry(OWNER, PARTNER, euros(1749), euros(51), AT, reference="pi_1")
    assert lines(made) == {
        "cash:stripe": {EUR: 1698},
        "psp_fee": {EUR: 51},
        "driver_receivable:par_1": {EUR: -1749},
    }
    assert made.refs == {"reference": "pi_1"}


@pytest.mark.parametrize(
    ("burden", "account"),
    [
        (Burden(Bearer.PARTNER, PARTNER), "partner_payable:par_1"),
        (Burden(Bearer.CPO, CPO), "cpo_payable:cpo_1"),
        (Burden(), "psp_fee"),
    ],
)
def test_a_fee_is_kept_from_whoever_agreed_to_bear_it(burden: Burden, account: str) -> None:
    made = captured_entry(OWNER, PARTNER, euros(1749), euros(51), AT, bears=burden)
    assert lines(made)[account] == {EUR: 51}


def in_euros(given: int, got: int) -> Conversion:
    rate = rate_between(Money(given, SEK), euros(got))
    return Conversion(Money(given, SEK), euros(got), rate, AT.date(), "provider: stripe")


PAID = Converted(in_euros(20_000, 1760), euros(1800))  # by published rates 18.00 EUR


def test_what_the_provider_converts_is_cash_in_its_balances_currency_and_so_is_its_fee() -> None:
    made = captured_entry(
        OWNER, PARTNER, Money(20_000, SEK), euros(51), AT, converted=PAID, reference="pi_1"
    )
    assert lines(made) == {
        "cash:stripe": {EUR: 1760 - 51},
        "psp_fee": {EUR: 51},
        "fx_loss": {EUR: 40},
        "fx_position": {SEK: 20_000, EUR: -1800},
        "driver_receivable:par_1": {SEK: -20_000},
    }
    assert (made.refs["rate"], made.refs["rate_source"]) == ("0.0880000000", "provider: stripe")


def test_its_fee_is_kept_from_whoever_bears_it_in_the_payments_currency() -> None:
    bears = Burden(Bearer.CPO, CPO)
    money = Money(20_000, SEK)
    made = captured_entry(OWNER, PARTNER, money, euros(51), AT, bears=bears, converted=PAID)
    found = lines(made)
    assert found["cpo_payable:cpo_1"] == {SEK: 580}  # 0.51 EUR at 0.088
    assert found["psp_fee"] == {EUR: 51, SEK: -580}  # asked by the provider, and paid by the CPO
    assert found["cash:stripe"] == {EUR: 1760 - 51}


def test_what_goes_back_closes_its_share_and_the_rates_difference_is_a_result() -> None:
    money = Money(20_000, SEK)
    taken = captured_entry(OWNER, PARTNER, money, euros(51), AT, converted=PAID)
    back = [
        refund_entry(
            OWNER, PARTNER, Money(given, SEK), AT, converted=PAID.share(in_euros(-given, -got))
        )
        for given, got in ((5000, 470), (15_000, 1290))
    ]
    results = [
        [(str(p.account), p.money.minor) for p in each.postings if p.account.purpose in _RESULTS]
        for each in back
    ]
    assert results == [[("fx_loss", 470 - 450)], [("fx_gain", 1290 - 1350)]]
    assert lines(taken, *back) == {
        "cash:stripe": {EUR: 1760 - 51 - 470 - 1290},
        "psp_fee": {EUR: 51},
        "fx_loss": {EUR: 40 + 20},
        "fx_gain": {EUR: -60},
    }


_RESULTS = {Purpose.FX_GAIN, Purpose.FX_LOSS}


def test_a_fee_that_lies_where_its_payment_does_not_is_refused() -> None:
    with pytest.raises(CurrenciesDiffer):
        captured_entry(OWNER, PARTNER, Money(20_000, SEK), euros(55), AT)


def test_a_provisional_capture_that_was_too_high_ends_with_the_driver_paying_the_bill() -> None:
    drivers = receivable(PaymentMethod.CARD, PARTNER)
    held = provisional_entry(OWNER, drivers, CPO, euros(2000), AT)
    taken = captured_entry(OWNER, PARTNER, euros(2000), euros(60), AT)
    assert lines(held, taken)["held:cpo_1:awaiting_cdr"] == {EUR: -2000}
    undone = provisional_reversed_entry(held, AT)
    sold = entry(
        OWNER,
        "sale",
        Event.SALE,
        AT,
        [(drivers, euros(1749)), (Account(Purpose.CPO_PAYABLE, CPO), euros(-1749))],
    )
    back = refund_entry(OWNER, PARTNER, euros(251), AT)
    assert undone.refs["reverses"] == held.id
    assert lines(held, taken, undone, sold, back) == {
        "cash:stripe": {EUR: 1689},
        "psp_fee": {EUR: 60},
        "cpo_payable:cpo_1": {EUR: -1749},
    }


def test_money_paid_in_is_the_partners_and_the_float_is_the_channels() -> None:
    entries = (
        paid_in_entry(
            "receipt#1", PaymentMethod.PREPAID, PARTNER, euros(50000), AT, fee=euros(100)
        ),
        paid_in_entry("receipt#2", PaymentMethod.INVOICE, PARTNER, euros(700), AT),
        own_entry("receipt#3", OwnMoney.FLOAT, euros(9000), AT),
    )
    assert lines(*entries) == {
        "cash:stripe": {EUR: 59600},
        "psp_fee": {EUR: 100},
        "prepaid:par_1": {EUR: -50000},
        "invoice_receivable:par_1": {EUR: -700},
        "float": {EUR: -9000},
    }


def test_a_payout_that_the_bank_returns_opens_the_debt_again() -> None:
    debt = payable(PartyKind.CPO, CPO)
    sent = transfer_entry("payout#1", CPO, euros(1609), AT)
    assert lines(sent) == {"connected:cpo_1": {EUR: 1609}, "cash:stripe": {EUR: -1609}}
    paid = payout_entry("payout#1", debt, euros(1609), AT)
    assert lines(sent, paid) == {"cpo_payable:cpo_1": {EUR: 1609}, "cash:stripe": {EUR: -1609}}
    returned = payout_returned_entry("payout#1", debt, euros(1609), AT)
    assert lines(sent, paid, returned) == lines(sent)
    back = transfer_reversed_entry("payout#1", CPO, euros(1609), AT)
    assert lines(sent, paid, returned, back) == {}


def test_a_debt_is_converted_at_the_recorded_rate_and_the_position_is_ours() -> None:
    rates = DailyRates(date(2026, 11, 20), {"SEK": Decimal(11)}, "ecb")
    debt = payable(PartyKind.PARTNER, PARTNER)
    conversion = convert(Money(11000, SEK), EUR, rates)
    changed = conversion_entry("payout#1", debt, conversion, AT)
    assert lines(changed)["partner_payable:par_1"] == {SEK: 11000, EUR: -1000}
    assert (changed.refs["rate_day"], changed.refs["rate_source"]) == ("2026-11-20", "ecb")
    assert lines(changed)["fx_position"] == {SEK: -11000, EUR: 1000}


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(EntryDoesNotBalance):
        entry(OWNER, "sale", Event.SALE, AT, [(cash(), euros(1))])
    with pytest.raises(EntryDoesNotBalance):
        entry(OWNER, "sale", Event.SALE, AT, [(cash(), euros(1)), (cash("x"), Money(-1, SEK))])


def test_an_entry_has_the_same_id_and_hash_whenever_it_is_made() -> None:
    one, other = (own_entry("receipt#1", OwnMoney.FLOAT, euros(5), AT) for _ in range(2))
    assert (one.id, one.hash) == (other.id, other.hash)
    assert own_entry("receipt#1", OwnMoney.FLOAT, euros(6), AT).hash != one.hash


def test_the_book_tells_one_account_and_one_purpose() -> None:
    book = balances([transfer_entry("payout#1", CPO, euros(5), AT)])
    assert balance(book, connected(CPO), EUR) == euros(5)
    assert balance(book, connected(PARTNER), EUR) == euros(0)
    assert list(by_purpose(book, Purpose.CASH)) == [cash()]
