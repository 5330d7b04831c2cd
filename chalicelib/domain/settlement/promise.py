"""Was the promise kept? The shares of a window's sessions accepted and credited in 48 hours.

Over every billable session that ended that day, held and CDR-less ones included. The clock starts
at the session's end and stops when the rail has accepted (credited) all that the session owes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.settlement.window import PROMISE

_FOUR = Decimal("0.0001")
NAMED_MAX = 10_000
_KEPT_MAX = 100


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one session. `reason` says why it is not accepted (or not in time)."""

    session: str
    ended_at: datetime
    accepted_at: datetime | None = None
    credited_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """One session outside the promise, and why."""

    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What the turns so far have found. `named` are the first that missed; `files` name all."""

    turn: int = 0
    billable: int = 0
    accepted: int = 0
    credited: int = 0
    named: tuple[Missed, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shares:
    """Fractions to four places, rounded down: 0.9999 is not all. Nothing billable is 1.

    `exceptions` were not accepted in time: all `missed` ones, or the first, and `files` name all.
    """

    as_of: datetime
    billable: int
    accepted: int
    credited: int
    accepted_48h: Decimal
    credited_48h: Decimal
    exceptions: tuple[Missed, ...]
    missed: int = 0
    files: tuple[str, ...] = ()


def counted(tally: Tally, fates: Iterable[Fate]) -> tuple[Tally, list[Missed]]:
    """The tally with another turn's sessions, and those of them that missed the promise."""
    known = credited = 0
    missed = list[Missed]()  # few: nothing else of a session is kept
    for fate in fates:
        known += 1
        credited += _in_time(fate.ended_at, fate.credited_at)
        if not _in_time(fate.ended_at, fate.accepted_at):
            missed.append(Missed(fate.session, fate.reason or "late"))
    missed.sort(key=lambda each: each.session)
    named = sorted((*tally.named, *missed[:NAMED_MAX]), key=lambda each: each.session)
    found = replace(
        tally,
        turn=tally.turn + 1,
        billable=tally.billable + known,
        accepted=tally.accepted + known - len(missed),
        credited=tally.credited + credited,
        named=tuple(named[:NAMED_MAX]),
    )
    return found, missed


def shares_of(tally: Tally, as_of: datetime) -> Shares:
    return Shares(
        as_of,
        tally.billable,
        tally.accepted,
        tally.credited,
        _share(tally.accepted, tally.billable),
        _share(tally.credited, tally.billable),
        tally.named,
        tally.billable - tally.accepted,
        tally.files,
    )


def shares(fates: Iterable[Fate], as_of: datetime) -> Shares:
    return shares_of(counted(Tally(), fates)[0], as_of)


def for_record(found: Shares) -> dict[str, Any]:
    """The shares as the window's record keeps them: an item of the table has 400 KB."""
    plain: dict[str, Any] = to_plain(replace(found, exceptions=found.exceptions[:_KEPT_MAX]))
    return plain


def _in_time(ended_at: datetime, at: datetime | None) -> bool:
    return at is not None and at - ended_at <= PROMISE


def _share(part: int, whole: int) -> Decimal:
    if not whole:
        return Decimal(1)
    return (Decimal(part) / Decimal(whole)).quantize(_FOUR, rounding=ROUND_DOWN)
