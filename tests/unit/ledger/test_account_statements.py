"""What stood on an account, at any instant, and how did it come there?"""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balances, balances_at, total_of, trial_balance
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.ledger.statement import statements_of
from chalicelib.domain.money import Currency, Money

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
ACCOUNTS = [Account(Purpose.CPO_PAYABLE, f"cpo_{n}") for n in range(3)]
CODES = [Currency("EUR"), Currency("SEK")]


def _entry(number: int, hour: int, minor: int, pair: int, code: Currency) -> Entry:
    debit, credit = ACCOUNTS[pair], ACCOUNTS[(pair + 1) % len(ACCOUNTS)]
    postings = ((debit, Money(minor, code)), (credit, Money(-minor, code)))
    return entry(f"session#{number}", "sale", Event.SALE, START + timedelta(hours=hour), postings)


parts = st.tuples(
    st.integers(0, 20), st.integers(-5000, 5000), st.integers(0, 2), st.sampled_from(CODES)
)
journals = st.lists(parts, max_size=12).map(
    lambda rows: [_entry(number, *row) for number, row in enumerate(rows)]
)
hours = st.integers(-1, 21).map(lambda hour: START + timedelta(hours=hour))


@given(journals, hours)
def test_the_balances_of_an_instant_are_those_of_the_entries_until_then(
    journal: list[Entry], instant: datetime
) -> None:
    known = [entry for entry in journal if entry.at <= instant]
    assert balances_at(journal, instant) == balances(known)
    later = _entry(99, 22, 700, 0, CODES[0])
    assert balances_at([*journal, later], instant) == balances_at(journal, instant)


@given(journals)
def test_a_trial_balance_has_equal_debits_and_credits_in_each_currency(
    journal: list[Entry],
) -> None:
    rows = trial_balance(journal)
    book = balances(journal)
    for code in CODES:
        own = [row for row in rows if row.currency == code]
        assert sum(row.debit for row in own) == sum(row.credit for row in own)
        for row in own:
            assert row.balance == book[row.account][code]
    assert all(minor == 0 for minor in total_of(book, Purpose.CPO_PAYABLE).values())


@given(journals, hours, hours)
def test_a_statement_leads_from_its_opening_to_its_closing(
    journal: list[Entry], one: datetime, other: datetime
) -> None:
    since, until = sorted((one, other))
    closing = balances_at(journal, until)
    opening = balances_at(journal, since - timedelta(microseconds=1))
    for account in ACCOUNTS:
        for found in statements_of(journal, account, since, until):
            code = found.opening.currency
            assert found.opening.minor == opening.get(account, {}).get(code, 0)
            assert found.closing.minor == closing[account][code]
            running = found.opening
            for line in found.lines:
                running += line.amount
                assert line.balance == running
                assert since <= line.at <= until
            assert running == found.closing


def test_a_statement_lists_what_an_auditor_follows() -> None:
    (found,) = statements_of([_entry(1, 0, 700, 0, CODES[0])], ACCOUNTS[1])
    (line,) = found.lines
    assert (line.owner, line.event, line.amount) == ("session#1", Event.SALE, Money(-700, CODES[0]))
    assert statements_of([], ACCOUNTS[1]) == ()
