"""Which lines come next on a statement? So many a part, so that no call holds a long paper.

A payee that was held for weeks before its first paper may have millions of lines on it. They are
read file by file; what was written so far is a sealed file, which the payout names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from chalicelib.domain.ids import PayoutId
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.netting import Line, net
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.window.lines import rows_in

LINES_A_PART = 5_000  # two megabytes as JSON: an answer of the API has six


@dataclass(frozen=True, slots=True)
class Ahead:
    """A file with lines of a payout, of which the first `after` are on paper."""

    payout: PayoutId
    file: str
    after: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """The files of some of a statement's lines, how many these are and their sums."""

    json: str
    csv: str
    lines: int
    sums: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """How far a statement has come. `sums` are by payout, of its lines that are on paper."""

    ahead: tuple[Ahead, ...]
    parts: tuple[Part, ...] = ()
    sums: Mapping[str, tuple[Money, ...]] = field(default_factory=dict)

    def with_lines(self, found: Mapping[PayoutId, Sequence[Line]]) -> dict[str, tuple[Money, ...]]:
        """`sums` with those of more lines."""
        more: dict[str, tuple[Money, ...]] = {
            id_: net([*self.sums.get(id_, ()), *(line.money for line in lines)])
            for id_, lines in found.items()
        }
        return {**self.sums, **more}


def next_lines(
    ports: Ports, ahead: Sequence[Ahead]
) -> tuple[dict[PayoutId, list[Line]], tuple[Ahead, ...]]:
    """The next part's lines by payout, each in order of the session; and what is ahead of them."""
    found: dict[PayoutId, list[Line]] = {}
    waiting, room = list(ahead), LINES_A_PART
    while waiting and room:
        at = waiting.pop(0)
        lines, beyond = _read(ports, at, room)
        found.setdefault(at.payout, []).extend(lines)
        room -= len(lines)
        waiting[:0] = beyond
    return {id_: sorted(lines) for id_, lines in found.items() if lines}, tuple(waiting)


def _read(ports: Ports, at: Ahead, room: int) -> tuple[list[Line], list[Ahead]]:
    """So many lines of a file, and where to go on: in it, else in the files that it names."""
    lines, named, seen = list[Line](), list[Ahead](), 0
    for row in rows_in(ports, at.file):
        if isinstance(row, str):
            named.append(Ahead(at.payout, row))
            continue
        start, seen = max(at.after - seen, 0), seen + len(row.minor)
        if start < len(row.minor):
            lines += islice(row.lines(), start, start + room - len(lines))
        if len(lines) == room:
            return lines, [Ahead(at.payout, at.file, at.after + room)]
    return lines, named
