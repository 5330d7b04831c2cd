"""What does each payee get out of a window? The payable postings of its clean entries, summed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.ids import EntryId, PartyId
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import PartyKind

_PAYABLE = {
    Purpose.CPO_PAYABLE: PartyKind.CPO,
    Purpose.PARTNER_PAYABLE: PartyKind.PARTNER,
}
PAYOUT_OWNER = "payout#"
SESSION_OWNER = "session#"


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One sum that an entry owes a payee (negative: the payee owes it)."""

    party_id: PartyId
    kind: PartyKind
    session: str  # "" when the entry is no session's
    entry_id: EntryId
    event: str
    minor: int
    currency: Currency

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)


def lines_of(entry: Entry) -> tuple[Line, ...]:
    """What an entry owes to payees. A payout's own entries pay debts and owe nothing anew."""
    if entry.owner.startswith(PAYOUT_OWNER):
        return ()
    sums: defaultdict[tuple[str, PartyKind, Currency], int] = defaultdict(int)
    for posting in entry.postings:
        kind = _PAYABLE.get(posting.account.purpose)
        if kind is not None:  # a payable is a liability: owed is credit, and credit is negative
            key = (posting.account.party, kind, posting.money.currency)
            sums[key] -= posting.money.minor
    return tuple(
        Line(PartyId(party), kind, session_of(entry), entry.id, entry.event.value, minor, code)
        for (party, kind, code), minor in sorted(sums.items())
        if minor
    )


def session_of(entry: Entry) -> str:
    """The session that owns an entry, "" when none does."""
    owned = entry.owner.startswith(SESSION_OWNER)
    return entry.owner.removeprefix(SESSION_OWNER) if owned else ""


def by_payee(lines: Iterable[Line]) -> dict[tuple[PartyId, PartyKind], list[Line]]:
    """The lines of each (party, kind), in order."""
    result: defaultdict[tuple[PartyId, PartyKind], list[Line]] = defaultdict(list)
    for line in sorted(lines):
        result[line.party_id, line.kind].append(line)
    return dict(result)


def net(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """The sum of each currency, in order of the code; zero sums are left out."""
    sums: defaultdict[Currency, int] = defaultdict(int)
    for money in amounts:
        sums[money.currency] += money.minor
    return tuple(Money(minor, code) for code, minor in sorted(sums.items()) if minor)
