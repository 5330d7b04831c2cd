"""What do we ask of whoever prints? A paper for people: facts, a table, totals."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in characters; longer text is cut, and ends in a dot."""

    name: str
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """`totals` stand below the table; `notes` are sentences after them."""

    title: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


class Papers(Protocol):
    def pdf(self, paper: PrintedPaper) -> bytes:
        """The paper as PDF. The same paper gives the same bytes, on every machine and day."""
