"""Is a place open at an instant? (OCPI mod_locations, Hours; local times of the location)"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class RegularHours:
    """`weekday` 1 is Monday; minutes of the local day. An end before the begin: of the next day."""

    weekday: int
    begin_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Exceptional:
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class OpeningTimes:
    """Closings outdo openings, and both outdo what is regular."""

    twentyfourseven: bool
    regular: tuple[RegularHours, ...] = ()
    openings: tuple[Exceptional, ...] = ()
    closings: tuple[Exceptional, ...] = ()


def is_open(times: OpeningTimes | None, at: datetime, time_zone: str) -> bool:
    """A place that states no times is taken to be open: most public chargers state none."""
    if times is None:
        return True
    if any(one.begin <= at < one.end for one in times.closings):
        return False
    if times.twentyfourseven or any(one.begin <= at < one.end for one in times.openings):
        return True
    local = at.astimezone(ZoneInfo(time_zone))
    weekday, minute = local.isoweekday(), local.hour * 60 + local.minute
    return any(_holds(one, weekday, minute) for one in times.regular)


def _holds(hours: RegularHours, weekday: int, minute: int) -> bool:
    if hours.begin_min < hours.end_min:
        return weekday == hours.weekday and hours.begin_min <= minute < hours.end_min
    if weekday == hours.weekday:
        return minute >= hours.begin_min
    return weekday == hours.weekday % 7 + 1 and minute < hours.end_min
