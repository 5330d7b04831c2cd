"""What does each payee get out of a window? The payable postings of its clean entries, summed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.ids import EntryId, PartyId
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import PartyKind

PAYABLE = {
    Purpose.CPO_PAYABLE: PartyKind.CPO,
    Purpose.PARTNER_PAYABLE: PartyKind.PARTNER,
}
PAYOUT_OWNER = "payout#"
DEBT_OWNER = "debt#"
SESSION_OWNER = "session#"
CHARGEBACK_OWNER = "chargeback#"


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One sum that an entry owes a payee (negative: the payee owes it)."""

    party_id: PartyId
    kind: PartyKind
    session: str  # "" when the entry is about none
    entry_id: EntryId
    event: str
    minor: int
    currency: Currency
    agreement: str = ""  # "" when neither the entry nor its session names one

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)


def lines_of(entry: Entry, agreement: str = "") -> tuple[Line, ...]:
    """What an entry owes to payees, under the agreement that it names, else under its session's.

    A payout's or a claim's own entries settle what is owed and owe nothing anew.
    """
    if not owes(entry.owner):
        return ()
    under, about = entry.refs.get("agreement", agreement), session_about(entry)
    sums: defaultdict[tuple[str, PartyKind, Currency], int] = defaultdict(int)
    for posting in entry.postings:
        kind = PAYABLE.get(posting.account.purpose)
        if kind is not None:  # a payable is a liability: owed is credit, and credit is negative
            key = (posting.account.party, kind, posting.money.currency)
            sums[key] -= posting.money.minor
    return tuple(
        Line(PartyId(party), kind, about, entry.id, entry.event.value, minor, code, under)
        for (party, kind, code), minor in sorted(sums.items())
        if minor
    )


def owes(owner: str) -> bool:
    """Whether what an owner books can owe payees anything anew."""
    return not owner.startswith((PAYOUT_OWNER, DEBT_OWNER))


def session_of(entry: Entry) -> str:
    """The session that owns an entry, "" when none does."""
    return session_owning(entry.owner)


def session_about(entry: Entry) -> str:
    """The session that owns an entry or that it names, as a chargeback's does; "" when none."""
    return session_of(entry) or entry.refs.get("session", "")


def session_owning(owner: str) -> str:
    return owner.removeprefix(SESSION_OWNER) if owner.startswith(SESSION_OWNER) else ""


def net(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """The sum of each currency, in order of the code; zero sums are left out."""
    sums: defaultdict[Currency, int] = defaultdict(int)
    for money in amounts:
        sums[money.currency] += money.minor
    return tuple(Money(minor, code) for code, minor in sorted(sums.items()) if minor)
