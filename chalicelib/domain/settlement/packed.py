"""How do thousands of journal entries lie in one sealed file, to be read as fast as summed?

Three lines of canonical JSON (docs/adr/0011). The first is the books, as columns of numbers: where
the postings of each entry end, and of each posting its account's number and its amount. The second
names the entries. The third is what only people and hashes need: instants and references.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import instant_text
from chalicelib.domain.ids import EntryId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import Balances
from chalicelib.domain.ledger.entry import Entry, Event, Posting
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.settlement.netting import PAYABLE, owes

Slot = tuple[Account, Currency]


class SealedFileBroken(AssertionError):
    """A file that was sealed is not what we seal: nothing is paid from it."""


@dataclass(frozen=True, slots=True)
class Books:
    """The numbers of a file; each entry sums to zero in each currency."""

    slots: tuple[Slot, ...]
    ends: list[int]  # of each entry, the number of postings up to and with its last
    slot: list[int]
    minor: list[int]
    events: dict[str, int]  # how many entries of each event
    settling: list[int]  # the numbers of entries that settle a debt, and owe nothing anew
    content: bytes

    def sums(self) -> list[int]:
        """Minor units on each slot; debit positive."""
        found = [0] * len(self.slots)
        for number, minor in zip(self.slot, self.minor, strict=True):
            found[number] += minor
        return found

    def owed(self, sums: Sequence[int], without: Collection[str]) -> dict[Currency, int]:
        """What the entries owe to payees, but those named `without`; `sums` are this file's."""
        left_out = [0] * len(self.slots)
        numbers = set(self.settling)
        if without:
            names = json.loads(self.content.split(b"\n")[1])["ids"]
            numbers.update(number for number, name in enumerate(names) if name in without)
        for number in numbers:
            for at in range(self.ends[number - 1] if number else 0, self.ends[number]):
                left_out[self.slot[at]] += self.minor[at]
        result: dict[Currency, int] = {}
        for (account, code), total, less in zip(self.slots, sums, left_out, strict=True):
            if account.purpose in PAYABLE:  # a liability: owed is credit, and credit is negative
                result[code] = result.get(code, 0) - (total - less)
        return result


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """As files hold them: what a session booked lies side by side."""
    return sorted(entries, key=lambda entry: (entry.owner, entry.id))


def pack(entries: Sequence[Entry]) -> bytes:
    """The file of some entries, which are in order."""
    postings = [posting for entry in entries for posting in entry.postings]
    slots = sorted({_slot(posting) for posting in postings})
    number_of = {slot: number for number, slot in enumerate(slots)}
    books = {
        "slots": [[a.purpose.value, a.party, a.jurisdiction, code] for a, code in slots],
        "ends": list(accumulate(len(entry.postings) for entry in entries)),
        "slot": [number_of[_slot(posting)] for posting in postings],
        "minor": [posting.money.minor for posting in postings],
        "events": dict(sorted(Counter(entry.event.value for entry in entries).items())),
        "settling": _settling([entry.owner for entry in entries]),
    }
    names = {
        "ids": [entry.id for entry in entries],
        "owners": [entry.owner for entry in entries],
        "events": [entry.event.value for entry in entries],
    }
    rest = {
        "at": [instant_text(entry.at) for entry in entries],
        "refs": [dict(entry.refs) for entry in entries],
    }
    return b"".join(canonical_bytes(row) + b"\n" for row in (books, names, rest))


def books_of(content: bytes) -> Books:
    """The books of a file, once they are seen to be in order."""
    plain = json.loads(content[: content.index(b"\n")])
    slots = tuple(
        (Account(Purpose(purpose), party, jurisdiction), Currency(code))
        for purpose, party, jurisdiction, code in plain["slots"]
    )
    ends, slot, minor = plain["ends"], plain["slot"], plain["minor"]
    if not (len(slot) == len(minor) == (ends[-1] if ends else 0)):
        raise SealedFileBroken("a column of the postings is longer than another")
    books = Books(slots, ends, slot, minor, plain["events"], plain["settling"], content)
    _check_zero(books)
    return books


def ids_of(content: bytes) -> list[str]:
    """What each entry of a file is called."""
    return _column(content, "ids")


def owners_of(content: bytes) -> list[str]:
    """Who booked each entry of a file."""
    return _column(content, "owners")


def _column(content: bytes, name: str) -> list[str]:
    column: list[str] = json.loads(content.split(b"\n", 2)[1])[name]
    return column


def entries_of(
    content: bytes, owners: Collection[str] | None = None, kind: str = "#"
) -> Iterator[Entry]:
    """Each entry of a file, whole; or those of some owners, and of every owner of a `kind`
    (`chargeback#`; `#` is none's).
    """
    books = books_of(content)
    names, rest = (json.loads(row) for row in content.split(b"\n")[1:3])
    _check_names(books, names)
    accounts = [books.slots[number] for number in books.slot]
    start = 0
    for number, end in enumerate(books.ends):
        owner = names["owners"][number]
        if owners is not None and owner not in owners and not owner.startswith(kind):
            start = end
            continue
        postings = zip(accounts[start:end], books.minor[start:end], strict=True)
        yield Entry(
            id=EntryId(names["ids"][number]),
            event=Event(names["events"][number]),
            owner=owner,
            at=datetime.fromisoformat(rest["at"][number]),
            postings=tuple(Posting(account, Money(m, code)) for (account, code), m in postings),
            refs=rest["refs"][number],
        )
        start = end


def add_sums(book: Balances, books: Books, sums: Sequence[int]) -> None:
    """Count a file's sums into the balances of several."""
    for (account, code), minor in zip(books.slots, sums, strict=True):
        amounts = book.setdefault(account, {})
        amounts[code] = amounts.get(code, 0) + minor


def _slot(posting: Posting) -> Slot:
    return posting.account, posting.money.currency


def _settling(owners: Sequence[str]) -> list[int]:
    return [number for number, owner in enumerate(owners) if not owes(owner)]


def _check_names(books: Books, names: Any) -> None:  # noqa: ANN401 - JSON
    ids, owners = names["ids"], names["owners"]
    if not (len(ids) == len(owners) == len(names["events"]) == len(books.ends)):
        raise SealedFileBroken("a column of the entries is longer than another")
    if any(later <= earlier for earlier, later in pairwise(zip(owners, ids, strict=True))):
        raise SealedFileBroken("an entry is named twice, or out of order")
    if books.settling != _settling(owners) or books.events != Counter(names["events"]):
        raise SealedFileBroken("what is said of the entries is not what they are")


def _check_zero(books: Books) -> None:
    """Running totals are zero behind each entry exactly when each entry is: in each currency."""
    codes = [code for _, code in books.slots]
    for code in sorted(set(codes)):
        minor = books.minor
        if len(set(codes)) > 1:
            own = [one == code for one in codes]
            pairs = zip(books.slot, minor, strict=True)
            minor = [amount if own[number] else 0 for number, amount in pairs]
        totals = [0, *accumulate(minor)]
        behind = itemgetter(*books.ends)(totals)
        if any(behind) if len(books.ends) > 1 else behind:
            raise SealedFileBroken(f"an entry does not sum to zero in {code}")
