"""Is the journal right by itself? Each currency sums to zero, each reversal undoes one entry."""

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.domain.ids import EntryId
from chalicelib.domain.ledger.book import balances, journal_sum
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.ledger.reversal import reverses
from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind

_UNKNOWN = "there is no such entry"


def journal_faults(
    entries: Iterable[Entry], earlier: Mapping[EntryId, Entry] | None = None
) -> tuple[Difference, ...]:
    """What is wrong whatever anybody else says. `earlier`: entries before them, as far as known;
    then a reversal of one that is not known is not judged.
    """
    journal = {entry.id: entry for entry in entries}
    wrong = _reversals(journal, earlier or {})
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
