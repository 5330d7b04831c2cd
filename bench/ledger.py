"""How many postings a second go through the books in memory? Each checked, then summed up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import process_time

from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balances, journal_sum
from chalicelib.domain.ledger.entry import Entry, EntryDoesNotBalance, Event, entry, sums
from chalicelib.domain.money import Currency, Money

RATE_MIN = 500_000
_ENTRIES, _ROUNDS = 40_000, 5
_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
_EUR = Currency("EUR")


@dataclass(frozen=True, slots=True)
class Found:
    """Postings a second, the best of some rounds."""

    posted: float  # each entry checked that it balances, then summed up by account
    made: float  # from amounts and parties to an entry with its id


def _sale(number: int) -> Entry:
    party, gross = number % 500, 1_749 + number % 97
    postings = (
        (Account(Purpose.DRIVER_RECEIVABLE, PartyId(f"par_{party}")), Money(gross, _EUR)),
        (Account(Purpose.CPO_PAYABLE, PartyId(f"cpo_{party}")), Money(-gross + 140, _EUR)),
        (Account(Purpose.PARTNER_PAYABLE, PartyId(f"par_{party}")), Money(-70, _EUR)),
        (Account(Purpose.PLATFORM), Money(-59, _EUR)),
        (Account(Purpose.VAT, jurisdiction="DE"), Money(-11, _EUR)),
    )
    return entry(f"session#{number}", "sale", Event.SALE, _AT, postings)


def measure() -> Found:
    """Each round makes and posts a day's sales of 500 CPOs and partners."""
    made: list[float] = []
    posted: list[float] = []
    for _ in range(_ROUNDS):
        began = process_time()
        sales = [_sale(number) for number in range(_ENTRIES)]
        between = process_time()
        book = balances(_checked(sales))
        ended = process_time()
        postings = sum(len(sale.postings) for sale in sales)
        assert not any(journal_sum(book).values()), "every currency sums to zero"
        made.append(postings / (between - began))
        posted.append(postings / (ended - between))
    return Found(max(posted), max(made))


def _checked(entries: list[Entry]) -> Iterator[Entry]:
    for checked in entries:
        if any(sums(checked.postings).values()):
            raise EntryDoesNotBalance(checked.id)
        yield checked
