"""What does a reconciliation say, to an auditor and to a program? One value, two forms.

The plain form (`plain_report`) has every amount in whole minor units. A report adjusts nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.codec import instant_text, to_plain
from chalicelib.domain.reconciliation.difference import Aged, Responsible
from chalicelib.domain.reconciliation.identity import Identity
from chalicelib.domain.reconciliation.match import Closing
from chalicelib.domain.reconciliation.moves import Move


@dataclass(frozen=True, slots=True)
class Report:
    """`scope`: a window's id, or "books". `counts`: how much was looked at, by kind of record."""

    scope: str
    at: datetime
    counts: Mapping[str, int]
    identities: tuple[Identity, ...]
    closings: tuple[Closing, ...] = ()
    in_transit: tuple[Move, ...] = ()
    differences: tuple[Aged, ...] = ()

    @property
    def balanced(self) -> bool:
        return not self.differences


def plain_report(report: Report) -> dict[str, Any]:
    """As JSON: `balanced` first, then what it rests on."""
    return {
        "scope": report.scope,
        "at": instant_text(report.at),
        "balanced": report.balanced,
        "counts": dict(report.counts),
        "identities": [
            {**to_plain(each), "owed": each.owed, "holds": each.holds} for each in report.identities
        ],
        "closings": [{**to_plain(each), "difference": each.difference} for each in report.closings],
        "in_transit": [_waiting(move) for move in report.in_transit],
        "differences": [_open(aged, report.at) for aged in report.differences],
        "responsible": {
            who.value: sum(aged.responsible is who for aged in report.differences)
            for who in Responsible
        },
    }


def age_hours(aged: Aged, at: datetime) -> int:
    """Whole hours since the difference was first seen."""
    return int((at - aged.first_seen).total_seconds()) // 3600


def _open(aged: Aged, at: datetime) -> dict[str, Any]:
    return {
        "id": aged.difference.id,
        "kind": aged.difference.kind.value,
        "subject": aged.difference.subject,
        "detail": aged.difference.detail,
        "first_seen": instant_text(aged.first_seen),
        "age_hours": age_hours(aged, at),
        "responsible": aged.responsible.value,
    }


def _waiting(move: Move) -> dict[str, Any]:
    return {
        "place": move.place,
        "what": move.what.value,
        "owner": move.owner,
        "entry": move.subject,
        "net": dict(move.net),
        "booked_at": None if move.at is None else instant_text(move.at),
    }
