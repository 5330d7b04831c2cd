"""How does a statement read as a table? CSV (RFC 4180) whose amounts sum to what is due."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from chalicelib.domain.codec import from_plain
from chalicelib.domain.money import Money

_COLUMNS = ("session", "event", "ended_at", "energy_kwh", "cdr", "amount", "currency", "entry")


def as_csv(statement: dict[str, Any]) -> str:
    """One row a line; then what was carried over, set off, and left owing.

    A long one has a row for each of its parts, which are tables of their own.
    """
    return table(printed(statement), (*_parts(statement), *others(statement)))


def table(
    lines: Iterable[dict[str, Any]], others: Iterable[tuple[str, str, dict[str, Any]]] = ()
) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for line in lines:
        amount = line["amount"]
        writer.writerow(
            {name: line.get(name, "") for name in _COLUMNS}
            | {"amount": shown(amount), "currency": amount["currency"]}
        )
    for source, event, amount in others:
        row = {"session": source, "event": event, "amount": shown(amount)}
        writer.writerow(row | {"currency": amount["currency"]})
    return out.getvalue()


def printed(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of the window, and those of earlier ones that stand on no other paper."""
    yield from statement["lines"]
    for held in statement["carried"]:
        yield from held.get("lines", ())


def _parts(statement: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for number, part in enumerate(statement.get("parts", ()), 1):
        for amount in part["sums"]:
            yield f"part {number}", f"{part['lines']} lines", amount


def others(statement: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What bears on the sum beside the sessions: whose, why, and how much, with its sign."""
    for held in statement["carried"]:
        if "lines" in held:  # shown whole: its lines, and what bears on them, in place of its sum
            yield from _borne(held)
            yield from _converted(held)
            continue
        for amount in held["amounts"]:
            yield held["statement"], f"carried: {held['reason']}", amount
    yield from _borne(statement)


def _borne(statement: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for part in statement["set_off"]:
        money = part["money"]
        yield part["agreement"], "set off: owed since earlier", {**money, "minor": -money["minor"]}
    for part in statement["left_owing"]:
        yield part["agreement"], "owed by you: carried forward", part["money"]


def _converted(held: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a payout was converted into before it was held: its lines sum to what it owes."""
    for each in held["conversions"]:
        why = f"converted at {each['rate']} of {each['day']}"
        yield held["statement"], why, {**each["given"], "minor": -each["given"]["minor"]}
        yield held["statement"], why, each["got"]
    if rest := held.get("remainder"):
        yield held["statement"], "remainder", {**rest, "minor": -rest["minor"]}


def shown(amount: dict[str, Any]) -> str:
    return str(from_plain(Money, amount)).partition(" ")[0]
