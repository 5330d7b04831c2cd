"""How does a statement look to people? Its facts, its lines, its sums, on paper."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from chalicelib.domain.codec import from_plain
from chalicelib.domain.money import Money
from chalicelib.ports.papers import Column, PrintedPaper
from chalicelib.usecases.statement.as_csv import others, printed, shown

_ROWS_MAX = 2_000  # some forty pages; the rest is in the CSV, and in the sums
_COLUMNS = (
    Column("Ended (UTC)", 16),
    Column("Session", 30),
    Column("What", 18),
    Column("kWh", 9, right=True),
    Column("Amount", 12, right=True),
    Column("", 3),
)


def as_paper(statement: dict[str, Any], begins: Iterable[dict[str, Any]] = ()) -> PrintedPaper:
    """The statement, all its sums, and its first lines; `begins` are those of one in parts."""
    parts = statement.get("parts", ())
    known = list(printed(statement))
    lines = [_line(line) for line in islice(begins if parts else known, _ROWS_MAX)]
    more = [
        ("", who, why, "", shown(sum_), sum_["currency"]) for who, why, sum_ in others(statement)
    ]
    left = (sum(part["lines"] for part in parts) or len(known)) - len(lines)
    where = f"in the CSV's {len(parts)} parts" if parts else "in the CSV"
    notes = (f"{left} more lines are {where}, and in the sums above.",) if left > 0 else ()
    return PrintedPaper(
        title=f"Statement {statement['window']}",
        facts=(
            ("Payee", f"{statement['payee']['name']} ({statement['payee']['id']})"),
            ("As", statement["kind"]),
            ("Day", f"{statement['day']}, {statement['time_zone']}"),
            ("Statement", statement["id"]),
            ("Lines", str(left + len(lines)))
            if parts
            else ("Sessions", str(len({line["session"] for line in known} - {""}))),
        ),
        columns=_COLUMNS,
        rows=(*more, *lines),
        totals=_totals(statement),
        notes=notes,
    )


def _line(line: dict[str, Any]) -> tuple[str, ...]:
    ended = str(line.get("ended_at") or "")[:16].replace("T", " ")
    amount = line["amount"]
    energy = str(line.get("energy_kwh") or "")
    return ended, line["session"], line["event"], energy, shown(amount), amount["currency"]


def _totals(statement: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    due = [(f"Due in {sum_['currency']}", _words(sum_)) for sum_ in statement["due"]]
    rates = [
        (f"{_words(c['given'])} at {c['rate']} of {c['day']}{_less(c)}", _words(c["got"]))
        for c in statement["conversions"]
    ]
    rest = statement.get("remainder")
    left = [("Too small to pay out, carried forward", _words(rest))] if rest else []
    return (*due, *rates, *left, ("Total paid out", _words(statement["total"])))


def _less(conversion: dict[str, Any]) -> str:
    """The margin that the agreement names, where it names one."""
    margin = conversion.get("margin")
    return f", less {_words(margin)} margin" if margin else ""


def _words(amount: dict[str, Any]) -> str:
    return str(from_plain(Money, amount))
