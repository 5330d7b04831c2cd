"""What stands on each account after some entries?"""

from collections.abc import Iterable

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
