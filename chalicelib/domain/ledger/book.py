"""What stands on each account, after some entries or at some instant?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Currency, Money

Balances = dict[Account, dict[Currency, int]]


def balances(entries: Iterable[Entry]) -> Balances:
    """Minor units by account and currency; debit positive. An account at zero stays listed."""
    book: Balances = {}
    for entry in entries:
        for posting in entry.postings:
            money = posting.money
            account = book.get(posting.account)
            if account is None:
                book[posting.account] = {money.currency: money.minor}
            else:
                account[money.currency] = account.get(money.currency, 0) + money.minor
    return book


def until(entries: Iterable[Entry], instant: datetime | None) -> Iterator[Entry]:
    """The entries of an instant and before it; all of them for None."""
    return (entry for entry in entries if instant is None or entry.at <= instant)


def balances_at(entries: Iterable[Entry], instant: datetime) -> Balances:
    """As `balances`, as of an instant: entries are never changed, so that it never changes."""
    return balances(until(entries, instant))


def journal_sum(book: Balances) -> dict[Currency, int]:
    """The sum over all accounts by currency: zero each, or a bug."""
    result: dict[Currency, int] = {}
    for amounts in book.values():
        for code, minor in amounts.items():
            result[code] = result.get(code, 0) + minor
    return result


def balance(book: Balances, account: Account, code: Currency) -> Money:
    """One account's balance; debit positive."""
    return Money(book.get(account, {}).get(code, 0), code)


def by_purpose(book: Balances, purpose: Purpose) -> Balances:
    """The accounts of a purpose, e.g. every CPO_PAYABLE."""
    return {account: amounts for account, amounts in book.items() if account.purpose is purpose}


def total_of(book: Balances, *purposes: Purpose) -> dict[Currency, int]:
    """The sum over the accounts of some purposes by currency; debit positive, in order."""
    result: dict[Currency, int] = {}
    for account, amounts in book.items():
        if account.purpose in purposes:
            for code, minor in amounts.items():
                result[code] = result.get(code, 0) + minor
    return dict(sorted(result.items()))


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account in one currency. `credit` is positive; `balance` is debit less credit."""

    account: Account
    currency: Currency
    debit: int
    credit: int

    @property
    def balance(self) -> int:
        return self.debit - self.credit


def trial_balance(entries: Iterable[Entry]) -> tuple[TrialRow, ...]:
    """Turnover and balance of every account, in order: debits and credits are equal by currency."""
    sums: dict[tuple[Account, Currency], list[int]] = {}
    for entry in entries:
        for posting in entry.postings:
            minor, key = posting.money.minor, (posting.account, posting.money.currency)
            sums.setdefault(key, [0, 0])[minor < 0] += abs(minor)
    return tuple(
        TrialRow(account, code, debit, credit)
        for (account, code), (debit, credit) in sorted(sums.items())
    )
