"""What did one message say of a charger's session, and what is the session after all of them?

Source: OCPI 2.2.1 mod_sessions 9.2.2. A PUT replaces everything; a PATCH changes what it names and
appends charging periods.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.money import Currency
from chalicelib.domain.session.charged import (
    ChargerStatus,
    ChargingPeriod,
    Cost,
    ReportedSession,
)

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # a change as old as what it changes: 2.1.1 dates few
FINAL = frozenset({ChargerStatus.COMPLETED, ChargerStatus.INVALID})


class Method(StrEnum):
    PUT = "PUT"
    PATCH = "PATCH"
    GET = "GET"  # as pulled: no message of the same `last_updated` knows better


@dataclass(frozen=True, slots=True)
class Change:
    """The members that a PATCH named; None: not named. `periods` are to be appended."""

    last_updated: datetime
    start: datetime | None = None
    end: datetime | None = None
    status: ChargerStatus | None = None
    currency: Currency | None = None
    kwh: Decimal | None = None
    token_uid: str | None = None
    authorization_reference: str | None = None
    location_id: str | None = None
    evse_uid: str | None = None
    connector_id: str | None = None
    periods: tuple[ChargingPeriod, ...] = ()
    total_cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One message of a peer about one session, as it is kept.

    `status` is the session's after the message. `raw` is the JSON text as it came, or, when that
    is long, `raw_name` says in which file it is sealed.
    """

    method: Method
    received_at: datetime
    status: ChargerStatus
    whole: ReportedSession | None = None  # of a PUT or GET
    change: Change | None = None  # of a PATCH
    raw: str = ""
    raw_name: str = ""
    mended: tuple[str, ...] = ()
    room: str | None = None  # see `room`; None: what comes after it has to be looked at

    @property
    def last_updated(self) -> datetime:
        told = self.whole or self.change
        assert told is not None, "a report says something"
        return told.last_updated


_NAMED = tuple(f.name for f in fields(Change) if f.name != "periods")


def changed(session: ReportedSession, change: Change) -> ReportedSession:
    """The session after a PATCH."""
    named = {name: getattr(change, name) for name in _NAMED}
    given = {name: value for name, value in named.items() if value is not None}
    return replace(session, periods=appended(session.periods, change.periods), **given)


def appended(
    known: tuple[ChargingPeriod, ...], more: tuple[ChargingPeriod, ...]
) -> tuple[ChargingPeriod, ...]:
    """Periods in order of their start; told again from the same instant, the later word counts.

    The specification says "add" (ocpi issue 325). Two periods cannot start together, so the second
    is the CPO's update of its running period, or a repeat.
    """
    by_start = {period.start: period for period in (*known, *more)}
    return tuple(by_start[start] for start in sorted(by_start))


def order(report: Report) -> tuple[datetime, bool, bool, datetime, bool]:
    """By `last_updated`; of equal ones as they came, and a PUT before the PATCHes upon it.

    What was pulled holds whatever was told with the same `last_updated`, even if that comes later.
    Who tells the end comes last: a finished session does not start again.
    """
    told = report.whole or report.change
    ends = told is not None and told.status in FINAL
    pulled, patch = report.method is Method.GET, report.method is Method.PATCH
    return report.last_updated, ends, pulled, report.received_at, patch


def folded(reports: Iterable[Report]) -> ReportedSession | None:
    """The session after all reports; None as long as none told the whole of it."""
    session: ReportedSession | None = None
    for report in sorted(reports, key=order):
        if report.whole is not None:
            session = report.whole
        elif session is not None and report.change is not None:
            session = changed(session, report.change)
    return session
