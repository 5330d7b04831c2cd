"""Which lines is each payee paid for? Gathered from a window's files without holding them all.

Rows are copied as they are into a file a payee; when they grow, the largest payees' rows go into
files of their own, which the payee's file names.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chalicelib.domain.ids import WindowId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.settlement.debt import Part
from chalicelib.domain.settlement.line_file import Group, Payee, group_of, more_row
from chalicelib.domain.settlement.netting import Line
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.window.sealed import JSON_LINES, read_sealed, seal_bytes

_HELD_BYTES_MAX = 32_000_000  # of rows in memory; then half of them is put into files
_FORM = ("jsonl", JSON_LINES)
_HEAD = b'{"held":'  # a reconciled file begins with what it holds and releases, which is no group


@dataclass(slots=True)
class PayeeLines:
    """What the files of a window owe to one payee. `sessions`: those of each row, added."""

    sums: dict[tuple[str, Currency], int] = field(default_factory=dict)
    sessions: int = 0
    rows: list[bytes] = field(default_factory=list)
    bytes: int = 0

    @property
    def parts(self) -> list[Part]:
        sums = sorted(self.sums.items())
        return [Part(agreement, Money(minor, code)) for (agreement, code), minor in sums]

    def add(self, group: Group) -> None:
        key = group.agreement, group.currency
        self.sums[key] = self.sums.get(key, 0) + sum(group.minor)
        self.sessions += group.sessions
        self.rows.append(group.row)
        self.bytes += len(group.row)


def gather(ports: Ports, window: WindowId, files: Iterable[str]) -> dict[Payee, PayeeLines]:
    """The lines of the files by payee, each sum counted from the lines themselves."""
    found: defaultdict[Payee, PayeeLines] = defaultdict(PayeeLines)
    held = 0
    for name in files:
        for group in groups_in(ports, name):
            found[group.payee].add(group)
            held += len(group.row)
        if held > _HELD_BYTES_MAX:
            held = _put_away(ports, window, found, held)
    return dict(found)


def seal_lines(ports: Ports, window: WindowId, rows: Iterable[bytes]) -> str:
    """The file of some rows; its name."""
    return seal_bytes(ports, window, "lines", b"".join(row + b"\n" for row in rows), _FORM)


def rows_in(ports: Ports, name: str) -> Iterator[Group | str]:
    """The groups of a file of lines, and the names of the files that have more of them."""
    for row in read_sealed(ports, name).split(b"\n"):
        if row and not row.startswith(_HEAD):
            yield group_of(row)


def groups_in(ports: Ports, name: str) -> Iterator[Group]:
    """The groups of a file of lines, and of the files that it names."""
    for group in rows_in(ports, name):
        if isinstance(group, str):
            yield from groups_in(ports, group)
        else:
            yield group


def lines_in_file(ports: Ports, name: str) -> list[Line]:
    """Each line, in order of the session."""
    return sorted(line for group in groups_in(ports, name) for line in group.lines())


def _put_away(ports: Ports, window: WindowId, found: dict[Payee, PayeeLines], held: int) -> int:
    for payee in sorted(found.values(), key=lambda each: -each.bytes):
        if held <= _HELD_BYTES_MAX // 2:
            break
        held -= payee.bytes
        payee.rows = [more_row(seal_lines(ports, window, payee.rows))]
        payee.bytes = 0
    return held
