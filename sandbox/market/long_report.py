"""What does a person see of the long market? A table by CPO, and whatever is not explained."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sandbox.market import report
from sandbox.market.audit import Audit
from sandbox.market.explained import End, Outcome, trouble
from sandbox.market.roles import CpoRole

_SHARES = ("billable", "accepted_48h", "credited_48h", "exceptions")
_NOT_SESSIONS = (End.REFUSED, End.NEVER_BEGAN)


def by_cpo(outcomes: Sequence[Outcome], cpos: Iterable[CpoRole]) -> list[dict[str, Any]]:
    """A row a CPO: its version, and what became of its trips and of their trouble."""
    return [
        _row(role, [o for o in outcomes if f"cpo_{o.trip.cpo}" == role.party.id]) for role in cpos
    ]


def _row(role: CpoRole, mine: list[Outcome]) -> dict[str, Any]:
    mended = Counter(trouble(o.trip) for o in mine if o.end is End.SETTLED)
    del mended["clean"]
    return {
        "cpo": role.party.name,
        "country": role.country_code,
        "version": role.version,
        "paid_by": "SEPA" if role.iban else "Stripe",
        "trips": len(mine),
        "sessions": sum(o.end not in _NOT_SESSIONS for o in mine),
        "settled": sum(o.end is End.SETTLED for o in mine),
        "held": _reasons(mine, End.HELD),
        "refused": _reasons(mine, *_NOT_SESSIONS),
        "mended": dict(sorted(mended.items())),
        "unexplained": sum(not o.explained for o in mine),
    }


def _reasons(outcomes: Iterable[Outcome], *ends: End) -> dict[str, int]:
    return dict(sorted(Counter(o.reason for o in outcomes if o.end in ends).items()))


def shares_by_window(audit: Audit) -> dict[str, dict[str, Any]]:
    """What became of the 48-hour promise in each window in which a billable session ended."""
    return {
        run.id: {name: run.shares[name] for name in _SHARES}
        for run in audit.records.windows
        if run.shares and run.shares["billable"]
    }


def show(
    console: Console, audit: Audit, outcomes: Sequence[Outcome], rows: Iterable[dict[str, Any]]
) -> None:
    """The CPOs, what is held and promised, the checks; and whatever is not explained."""
    table = report.table_of(
        "Ten CPOs",
        *("CPO", "OCPI", "paid by", "trips", "sessions", "settled", "held", "refused", "mended"),
    )
    for row in rows:
        counts = [str(row[name]) for name in ("trips", "sessions", "settled")]
        reasons = [_words(row[name]) for name in ("held", "refused", "mended")]
        name = f"{row['cpo']} ({row['country']})"
        table.add_row(name, row["version"], row["paid_by"], *counts, *reasons)
    console.print(table)
    report.show_ends(console, audit, {o.session_id: o.trip for o in outcomes})
    console.print("Accepted is the promise; banks credit what they took on a Friday on Monday.")
    unexplained = [o for o in outcomes if not o.explained]
    if unexplained:
        console.print(_unexplained(unexplained))


def _unexplained(found: Iterable[Outcome]) -> Table:
    table = report.table_of("Not explained", "#", "CPO", "session", "trouble", "end", "reason")
    for each in found:
        trip = each.trip
        row = (str(trip.number), trip.cpo, each.session_id, trouble(trip), each.end, each.reason)
        table.add_row(*row)
    return table


def write_trips(outcomes: Iterable[Outcome], cpos: Iterable[CpoRole], path: Path) -> None:
    """A line a trip: who, where, in which version, what went wrong and how it ended."""
    versions = {role.party.id.removeprefix("cpo_"): role.version for role in cpos}
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ("trip", "at", "partner", "cpo", "ocpi", "trouble", "session", "end", "reason")
        )
        for each in outcomes:
            trip = each.trip
            at = f"{trip.at:%Y-%m-%dT%H:%MZ}"
            who = (trip.number, at, trip.partner, trip.cpo, versions[trip.cpo])
            rows.writerow((*who, trouble(trip), each.session_id, each.end, each.reason))


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in counts.items())
