"""Which volume decides the tier of a session? The newest month counted before it was asked for.

A month is counted once, after it is over, and its count never changes. So a session's rates follow
from two instants on record, whoever works them out and whenever, and no session writes a counter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.domain.errors import Invalid, NotYet
from chalicelib.domain.ids import PartyId

LATE_CDRS = timedelta(days=3)  # by then the CDRs of the last evening have been pulled
_MONTH_DIGITS = 6
_DECEMBER = 12


class VolumeNotYet(NotYet):
    code = "volume_not_yet"

    def __init__(self, month: str, ready_at: datetime) -> None:
        super().__init__(f"{month} is counted from {ready_at:%Y-%m-%dT%H:%M:%SZ} on")
        self.month, self.ready_at = month, ready_at


@dataclass(frozen=True, slots=True)
class MonthVolume:
    """The energy of a partner's sessions that were requested in a month (yyyymm) and billed."""

    partner_id: PartyId
    month: str
    energy_kwh: Decimal
    sessions: int
    counted_at: datetime


def volume_at(counted: Iterable[MonthVolume], at: datetime) -> MonthVolume | None:
    """The newest month that was counted before an instant; None: the base rates hold."""
    known = [volume for volume in counted if volume.counted_at <= at]
    return max(known, key=lambda volume: volume.month, default=None)


def ready_at(month: str) -> datetime:
    """From when a month can be counted. Raises Invalid when it is none."""
    if len(month) != _MONTH_DIGITS or not month.isdecimal() or not 1 <= int(month[4:]) <= _DECEMBER:
        raise Invalid("month", f"{month!r} is not a month", "send yyyymm, e.g. 202611")
    year, number = int(month[:4]), int(month[4:])
    after = (year + 1, 1) if number == _DECEMBER else (year, number + 1)
    return datetime(*after, 1, tzinfo=UTC) + LATE_CDRS


def month_before(at: datetime) -> str:
    """The newest month that can be counted at an instant."""
    day = (at - LATE_CDRS).replace(day=1) - timedelta(days=1)
    return f"{day:%Y%m}"
