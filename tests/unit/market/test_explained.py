"""Is a trip that ends otherwise than its trouble allows found, and told by CPO?"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.domain.session.session import SessionState
from sandbox.market.explained import End, Outcome, outcomes
from sandbox.market.long_cast import LONG_CPOS
from sandbox.market.long_report import by_cpo
from sandbox.market.long_script import long_trips
from sandbox.market.script import Trip
from sandbox.market.taken import Taken

CLEAN = next(trip for trip in long_trips() if trip.fault == "clean" and trip.cpo == "rheinstrom")


def _wrong(fault: str) -> Trip:
    return replace(CLEAN, fault=fault)


def _audit(state: SessionState, reason: str = "", *, settled: bool = False, held: str = "") -> Any:
    """An audit that knows one session, `ses_1`."""
    return SimpleNamespace(
        records=SimpleNamespace(
            sessions=(SimpleNamespace(id="ses_1", state=state, reason=reason),)
        ),
        summary={"held_reasons": [{"session": "ses_1", "reason": held}] if held else []},
        settled=frozenset({"ses_1"} if settled else ()),
    )


@pytest.mark.parametrize(
    ("trip", "audit", "end", "explained"),
    [
        (CLEAN, _audit(SessionState.BILLED, settled=True), End.SETTLED, True),
        (CLEAN, _audit(SessionState.BILLED, held="kyc_pending"), End.HELD, False),
        (CLEAN, _audit(SessionState.BILLED), End.UNKNOWN, False),
        (CLEAN, _audit(SessionState.REFUSED, "start_rejected"), End.NEVER_BEGAN, False),
        (_wrong("lost"), _audit(SessionState.BILLED, settled=True), End.SETTLED, True),
        (
            _wrong("start_refused"),
            _audit(SessionState.REFUSED, "start_rejected"),
            End.NEVER_BEGAN,
            True,
        ),
        (_wrong("start_refused"), _audit(SessionState.BILLED, settled=True), End.SETTLED, False),
        (
            _wrong("cdr_withheld"),
            _audit(SessionState.ENDED, held="awaiting_cdr"),
            End.HELD,
            True,
        ),
        (_wrong("cdr_withheld"), _audit(SessionState.ENDED, held="late"), End.HELD, False),
    ],
)
def test_a_trip_is_explained_when_it_ends_as_its_trouble_allows(
    trip: Trip,
    audit: Any,
    end: End,
    explained: bool,  # noqa: FBT001 - a case of a table
) -> None:
    (found,) = outcomes([Taken(trip, session_id="ses_1")], audit)
    assert (found.end, found.explained) == (end, explained)


def test_a_refused_start_and_a_session_that_nobody_has_are_not_explained_by_a_clean_trip() -> None:
    taken = [Taken(CLEAN, refused="evse_unknown"), Taken(CLEAN, session_id="ses_lost")]
    found = outcomes(taken, _audit(SessionState.BILLED, settled=True))
    assert [(each.end, each.explained) for each in found] == [
        (End.REFUSED, False),
        (End.UNKNOWN, False),
    ]


def test_a_cpo_has_a_row_that_adds_up() -> None:
    found = [
        Outcome(CLEAN, "ses_1", End.SETTLED, ""),
        Outcome(_wrong("lost"), "ses_2", End.SETTLED, ""),
        Outcome(_wrong("cdr_withheld"), "ses_3", End.HELD, "awaiting_cdr"),
        Outcome(_wrong("start_refused"), "ses_4", End.NEVER_BEGAN, "start_rejected"),
        Outcome(CLEAN, "", End.REFUSED, "evse_unknown"),
    ]
    rows = {row["cpo"]: row for row in by_cpo(found, LONG_CPOS)}
    assert len(rows) == len(LONG_CPOS)
    row = rows["Rheinstrom"]
    assert (row["version"], row["paid_by"], row["trips"]) == ("2.2.1", "Stripe", 5)
    assert (row["sessions"], row["settled"], row["held"]) == (3, 2, {"awaiting_cdr": 1})
    assert row["refused"] == {"evse_unknown": 1, "start_rejected": 1}
    assert (row["mended"], row["unexplained"]) == ({"lost": 1}, 1)
