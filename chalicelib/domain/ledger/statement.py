"""What happened on one account between two instants? Opening, lines with a running sum, closing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ids import EntryId
from chalicelib.domain.ledger.account import Account
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.money import Currency, Money


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry's sum on the account. `balance` stands after it; debit positive."""

    at: datetime
    entry_id: EntryId
    event: Event
    owner: str
    amount: Money
    balance: Money
    refs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """An account in one currency: opening + the lines' amounts = closing."""

    account: Account
    opening: Money
    lines: tuple[StatementLine, ...]
    closing: Money


def statements_of(
    entries: Iterable[Entry],
    account: Account,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[AccountStatement, ...]:
    """One a currency, in order of the code; `since` and `until` both belong to the period.

    Entries of one instant stand in order of their ids, so that a statement is always the same.
    """
    openings: dict[Currency, int] = {}
    sums: dict[Currency, int] = {}
    lines: dict[Currency, list[StatementLine]] = {}
    for entry in sorted(entries, key=lambda found: (found.at, found.id)):
        if until is not None and entry.at > until:
            break
        for code, minor in _on(entry, account).items():
            before = sums.get(code, 0)
            sums[code] = before + minor
            if since is not None and entry.at < since:
                openings[code] = sums[code]
                continue
            amount, after = Money(minor, code), Money(sums[code], code)
            line = StatementLine(
                entry.at, entry.id, entry.event, entry.owner, amount, after, entry.refs
            )
            lines.setdefault(code, []).append(line)
    return tuple(
        AccountStatement(
            account,
            Money(openings.get(code, 0), code),
            tuple(lines.get(code, ())),
            Money(closing, code),
        )
        for code, closing in sorted(sums.items())
    )


def _on(entry: Entry, account: Account) -> dict[Currency, int]:
    """What an entry posts to the account, by currency."""
    result: dict[Currency, int] = {}
    for posting in entry.postings:
        if posting.account == account:
            code = posting.money.currency
            result[code] = result.get(code, 0) + posting.money.minor
    return result
