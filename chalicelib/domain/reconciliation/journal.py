"""Is the journal right by itself? Each currency sums to zero, each reversal undoes one entry, and
the corrections of a sale undo no more than it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from chalicelib.domain.ids import EntryId
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.book import balances, journal_sum
from chalicelib.domain.ledger.correction import RECEIVABLES, corrects
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.ledger.reversal import reverses
from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind

_UNKNOWN = "there is no such entry"
_OWING = RECEIVABLES | {Purpose.DISPUTED}


def journal_faults(
    entries: Iterable[Entry], earlier: Mapping[EntryId, Entry] | None = None
) -> tuple[Difference, ...]:
    """What is wrong whatever anybody else says. `earlier`: entries before them, as far as known;
    then a reversal or correction of one that is not known is not judged.
    """
    journal, before = {entry.id: entry for entry in entries}, earlier or {}
    wrong = (*_reversals(journal, before), *_corrections({**before, **journal}))
    judged = (w for w in wrong if earlier is None or not w.detail.endswith(_UNKNOWN))
    return (*_sums(journal.values()), *judged)


def _sums(entries: Iterable[Entry]) -> Iterator[Difference]:
    for code, minor in sorted(journal_sum(balances(entries)).items()):
        if minor:
            money = str(Money(minor, code))
            yield Difference(DifferenceKind.CURRENCY_NOT_ZERO, money, code)


def _reversals(
    journal: Mapping[EntryId, Entry], earlier: Mapping[EntryId, Entry]
) -> Iterator[Difference]:
    undone = set[EntryId]()
    for entry in journal.values():
        original = reverses(entry)
        if original is None:
            continue
        wrong = _wrong(
            entry, journal.get(original) or earlier.get(original), twice=original in undone
        )
        undone.add(original)
        if wrong:
            yield Difference(DifferenceKind.REVERSED_WRONGLY, f"{original}: {wrong}", entry.id)


def _corrections(known: Mapping[EntryId, Entry]) -> Iterator[Difference]:
    """What decisions and banks undid of a sale names it; its reversal leaves nothing to undo."""
    kind, undone = DifferenceKind.CORRECTED_WRONGLY, {reverses(each) for each in known.values()}
    taken: defaultdict[EntryId, int] = defaultdict(int)
    for entry in known.values():
        named = corrects(entry)
        if named is None or entry.id in undone:
            continue
        sale = known.get(named)
        if sale is None or sale.event is not Event.SALE:
            yield Difference(kind, f"{named}: {_UNKNOWN}", entry.id)
        else:
            taken[named] += -_owed(entry)
    for sale_id, minor in taken.items():
        most = 0 if sale_id in undone else _owed(known[sale_id])
        if minor > most:
            yield Difference(kind, f"{minor} is undone of {most}", sale_id)


def _owed(entry: Entry) -> int:
    """By how much an entry makes a driver or partner owe more, what banks have taken included."""
    owing = (p for p in entry.postings if p.account.purpose in _OWING)
    return sum(posting.money.minor for posting in owing)


def _wrong(reversal: Entry, original: Entry | None, *, twice: bool) -> str:
    if original is None:
        return _UNKNOWN
    if twice:
        return "it was reversed before"
    if reverses(original) is not None:
        return "it is a reversal itself"
    contrary = {(p.account, -p.money.minor, p.money.currency) for p in original.postings}
    posted = {(p.account, p.money.minor, p.money.currency) for p in reversal.postings}
    if posted != contrary or len(reversal.postings) != len(original.postings):
        return "the reversal is not its contrary"
    return ""
