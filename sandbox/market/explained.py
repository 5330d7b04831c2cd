"""Is every trip of a market explained? What became of it, and whether its trouble may end so.

A trip is settled, held with a reason, never began (with the reason that the session names) or was
refused by the API with a code. Where nothing says otherwise in `_ENDS`, it must be settled.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.session.session import Session, SessionState
from sandbox.market.audit import Audit
from sandbox.market.script import Trip
from sandbox.market.taken import Taken

_GONE = frozenset({SessionState.REFUSED, SessionState.ABANDONED})
_CLEAN, _VISA, _AMEX = "clean", "pm_card_visa", "pm_card_amex"
_BANK_STEP = "pm_card_authenticationRequired"


class End(StrEnum):
    SETTLED = "settled"
    HELD = "held"
    NEVER_BEGAN = "never began"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`session_id` is empty where the API refused the start; `reason` where it is settled."""

    trip: Trip
    session_id: str
    end: End
    reason: str

    @property
    def explained(self) -> bool:
        """Whether what went wrong on this trip may end so."""
        return (self.end, self.reason) == _ENDS.get(trouble(self.trip), (End.SETTLED, ""))


_ENDS: dict[str, tuple[End, str]] = {
    "start_refused": (End.NEVER_BEGAN, "start_rejected"),
    "start_rejected": (End.NEVER_BEGAN, "start_rejected"),
    "start_timed_out": (End.NEVER_BEGAN, "charger_never_started"),
    "start_without_session": (End.NEVER_BEGAN, "charger_never_started"),
    "stuck_pending": (End.NEVER_BEGAN, "stuck_pending"),
    "stuck_active": (End.HELD, "session_stuck"),
    "cdr_withheld": (End.HELD, "awaiting_cdr"),
    "chargeDeclined": (End.NEVER_BEGAN, "payment_declined"),
    "chargeDeclinedInsufficientFunds": (End.NEVER_BEGAN, "payment_insufficient_funds"),
    "bank_step_left_open": (End.NEVER_BEGAN, "payment_not_completed"),
}


def trouble(trip: Trip) -> str:
    """What goes wrong on a trip, in one word; "clean" when nothing does."""
    if trip.fault != _CLEAN:
        return trip.fault
    if trip.outage:
        return f"answer_lost_to_{trip.outage}"
    if trip.planned_kwh:
        return "outgrows_fixed_hold" if trip.card == _AMEX else "outgrows_hold"
    if trip.card == _BANK_STEP:
        return "bank_step" if trip.completes_bank_step else "bank_step_left_open"
    if trip.card != _VISA:
        return trip.card.removeprefix("pm_card_")
    return "stopped" if trip.stops_after_min else _CLEAN


def outcomes(taken: Iterable[Taken], audit: Audit) -> list[Outcome]:
    """One a trip, in order of their numbers."""
    sessions: dict[str, Session] = {session.id: session for session in audit.records.sessions}
    held = {row["session"]: row["reason"] for row in audit.summary["held_reasons"]}
    return [
        Outcome(each.trip, each.session_id, *_end(each, sessions, held, audit.settled))
        for each in sorted(taken, key=lambda each: each.trip.number)
    ]


def _end(
    taken: Taken, sessions: Mapping[str, Session], held: Mapping[str, str], settled: frozenset[str]
) -> tuple[End, str]:
    if taken.refused:
        return End.REFUSED, taken.refused
    session = sessions.get(taken.session_id)
    if session is None:
        return End.UNKNOWN, "the table has no such session"
    if session.id in settled:
        return End.SETTLED, ""
    if session.id in held:
        return End.HELD, held[session.id]
    if session.state in _GONE:
        return End.NEVER_BEGAN, session.reason
    return End.UNKNOWN, f"{session.state.value} {session.reason}".strip()
