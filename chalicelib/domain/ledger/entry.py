"""What is one event's effect on the books? One balanced, immutable, hashed journal entry."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.canonical import content_hash
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import EntryId, external_id
from chalicelib.domain.ledger.account import Account
from chalicelib.domain.money import Currency, Money

_OWNS = len("ent_") + 16  # of an id: the digits that its owner gives it


class Event(StrEnum):
    SALE = "sale"
    CASH = "cash"  # a capture's outcome
    PROVISIONAL = "provisional"  # captured before the CDR came, into held:awaiting_cdr
    PROVISIONAL_REVERSED = "provisional_reversed"
    REFUND = "refund"
    TOP_UP = "top_up"
    FLOAT = "float"
    RAIL_CHARGE = "rail_charge"  # what a bank or provider takes for itself, of no payment
    DRAW = "draw"  # the channel paid out to itself what it earned
    VAT_PAID = "vat_paid"
    CONVERSION = "conversion"
    EXCHANGE = "exchange"  # cash of one currency became cash of another, on a rail
    TRANSFER = "transfer"  # the channel's cash to the payee's connected account
    PAYOUT = "payout"  # the rail accepted
    PAYOUT_RETURNED = "payout_returned"
    INVOICE_PAID = "invoice_paid"
    CHARGEBACK = "chargeback"  # a driver's bank took money, or gave it back
    CHARGEBACK_LOST = "chargeback_lost"  # who bears it
    TOP_UP_REFUND = "top_up_refund"  # unused prepaid balance, back to its source
    CLAIM = "claim"  # a payee's old debt becomes a receivable, by an invoice
    CLAIM_PAID = "claim_paid"
    CORRECTION = "correction"  # a decision about a sale: part of it undone, or borne
    REVERSAL = "reversal"  # the exact contrary of the entry that refs["reverses"] names


class EntryDoesNotBalance(AssertionError):
    """A bug: an entry that makes or loses money was about to be written."""


class EntryDiffers(Conflict):
    code = "journal_entry_differs"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"entry {entry_id} is already recorded with other content")
        self.entry_id = entry_id


@dataclass(frozen=True, slots=True)
class Posting:
    """Debit positive, credit negative."""

    account: Account
    money: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """`owner` is the item whose transaction wrote it (`session#ses_…`), booked once per name.

    `refs` name what an auditor follows: provider objects, rates and their source, reversed entry.
    """

    id: EntryId
    event: Event
    owner: str
    at: datetime
    postings: tuple[Posting, ...]
    refs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code, minor in sums(self.postings).items():
            if minor:
                raise EntryDoesNotBalance(f"{self.event.value} of {self.owner}: {minor} {code}")

    @property
    def hash(self) -> str:
        return content_hash(to_plain(self))


def entry_id(owner: str, name: str) -> EntryId:
    """The id of the entry that an owner books under a name (`sale`, `cash` …): the same once.

    An owner's ids begin alike, so that its entries lie side by side wherever ids are in order.
    """
    return EntryId(owner_part(external_id("ent", owner)) + external_id("ent", owner, name)[_OWNS:])


def owner_part(entry_id: str) -> str:
    """What the ids of an owner's entries have in common: 64 bits of its hash."""
    return entry_id[:_OWNS]


def sums(postings: Iterable[Posting]) -> dict[Currency, int]:
    """Minor units by currency."""
    result: defaultdict[Currency, int] = defaultdict(int)
    for posting in postings:
        result[posting.money.currency] += posting.money.minor
    return dict(result)


def entry(
    owner: str,
    name: str,
    event: Event,
    at: datetime,
    postings: Iterable[tuple[Account, Money]],
    **refs: str,
) -> Entry:
    """An entry from (account, money) pairs; zero postings are left out."""
    kept = tuple(Posting(account, money) for account, money in postings if money.minor)
    return Entry(entry_id(owner, name), event, owner, at, kept, refs)
