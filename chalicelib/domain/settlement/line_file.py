"""How do the lines of payees lie in a file, to be summed without making an object a line?

A row a group: one payee, agreement and currency. Before the tab its amounts, behind it the names of
sessions and entries, as columns of JSON: who sums reads the first half only. Rows can be copied
from file to file as they are (docs/adr/0011).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.ids import EntryId, PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.debt import Part
from chalicelib.domain.settlement.netting import Line
from chalicelib.domain.settlement.packed import SealedFileBroken

Payee = tuple[PartyId, PartyKind]
_TAB = b"\t"  # JSON writes a tab inside of a string as \t


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines of one payee; `row` is how they lie in the file. `sessions`: how many they are."""

    payee: Payee
    agreement: str
    currency: Currency
    minor: list[int]
    sessions: int
    row: bytes

    @property
    def part(self) -> Part:
        return Part(self.agreement, Money(sum(self.minor), self.currency))

    def names(self) -> dict[str, list[str]]:
        """The columns `session`, `entry` and `event`, in the order of the lines."""
        columns: dict[str, list[str]] = json.loads(self.row.partition(_TAB)[2])
        return columns

    def lines(self) -> Iterator[Line]:
        names = self.names()
        columns = names["session"], names["entry"], names["event"], self.minor
        if len({len(column) for column in columns}) != 1:
            raise SealedFileBroken("a column of the lines is longer than another")
        party, kind = self.payee
        for session, entry, event, minor in zip(*columns, strict=True):
            name, code = EntryId(entry), self.currency
            yield Line(party, kind, session, name, event, minor, code, self.agreement)


def rows_of(lines: Iterable[Line]) -> list[bytes]:
    """A row for each group of the lines; the lines of each are in order."""
    groups: defaultdict[tuple[PartyId, PartyKind, str, Currency], list[Line]] = defaultdict(list)
    for line in sorted(lines):
        groups[line.party_id, line.kind, line.agreement, line.currency].append(line)
    rows = []
    for (party, kind, agreement, code), found in sorted(groups.items()):
        amounts = {
            "party": party,
            "kind": kind.value,
            "agreement": agreement,
            "currency": code,
            "minor": [line.minor for line in found],
            "sessions": len({line.session for line in found} - {""}),
        }
        names = {
            "session": [line.session for line in found],
            "entry": [line.entry_id for line in found],
            "event": [line.event for line in found],
        }
        rows.append(canonical_bytes(amounts) + _TAB + canonical_bytes(names))
    return rows


def group_of(row: bytes) -> Group | str:
    """The group of a row, or the name of the file in which more rows of the same payee are."""
    plain: dict[str, Any] = json.loads(row.partition(_TAB)[0])
    if "more" in plain:
        return str(plain["more"])
    return Group(
        payee=(PartyId(plain["party"]), PartyKind(plain["kind"])),
        agreement=plain["agreement"],
        currency=Currency(plain["currency"]),
        minor=plain["minor"],
        sessions=plain["sessions"],
        row=row,
    )


def more_row(name: str) -> bytes:
    """The row that stands for all rows of another file."""
    return canonical_bytes({"more": name})
