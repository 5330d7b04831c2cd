"""To which settlement window does a session belong, and when does that window close?

A window is one local day of one CPO time zone. Its id is `<date>.<zone>` with `-` for `/`, since a
state machine execution's name may not contain a slash.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import product
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.domain.errors import Rejected
from chalicelib.domain.ids import WindowId

FREEZE_AFTER = timedelta(minutes=15)  # what was booked at midnight has landed by then
INSTRUCT_WITHIN = timedelta(hours=6)  # after the cut-off: the last moment to send money
_WORDS_MAX = 4  # of a zone's name: America, Port, au, Prince
PROMISE = timedelta(hours=48)  # from a session's end to the rail's acceptance
ALARM_AFTER = timedelta(hours=36)  # from a session's end: 12 hours are left for people


class ZoneUnknown(Rejected):
    code = "time_zone_unknown"

    def __init__(self, zone: str) -> None:
        super().__init__(f"{zone!r} is not an IANA time zone")
        self.zone = zone


class WindowUnknown(Rejected):
    code = "window_unknown"

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a window: <date>.<zone>, e.g. 2026-11-20.Europe-Berlin")
        self.text = text


def window_id(ended_at: datetime, zone: str) -> WindowId:
    """The window of a session that ended at an instant at a CPO of this IANA zone."""
    return window_on(ended_at.astimezone(_zone(zone)).date(), zone)


def window_on(day: date, zone: str) -> WindowId:
    """The window of a local day."""
    return WindowId(f"{day.isoformat()}.{zone.replace('/', '-')}")


def window_to_book(ended_at: datetime, zone: str, now: datetime) -> WindowId:
    """Into which window's shards an entry of a session is written at an instant.

    The session's own window while its money can still be sent; after that the window that is open
    now, since nobody looks into old shards for ever. A sealed list, not the shard, decides to
    which window an entry belongs (Freeze adopts what landed late).
    """
    own = window_id(ended_at, zone)
    return own if now < instruct_by(own) else window_id(now, zone)


def zone_of(window: WindowId) -> str:
    """The IANA zone of a window, or WindowUnknown."""
    return _parts(window)[1]


def day_of(window: WindowId) -> date:
    return _parts(window)[0]


def opens(window: WindowId) -> datetime:
    """The first instant of the window's local day, in UTC."""
    day, zone = _parts(window)
    return _midnight(day, zone)


def cut_off(window: WindowId) -> datetime:
    """The first instant after the window's local day, in UTC (a day has 23 to 25 hours)."""
    day, zone = _parts(window)
    return _midnight(day + timedelta(days=1), zone)


def freeze_at(window: WindowId) -> datetime:
    return cut_off(window) + FREEZE_AFTER


def instruct_by(window: WindowId) -> datetime:
    return cut_off(window) + INSTRUCT_WITHIN


def alarm_at(window: WindowId) -> datetime:
    """When people must hear that a window is open: 36 hours after its earliest session's end.

    That one may have ended the moment the window's day began, so this is about half a day after
    the cut-off, and six hours after the last moment to send money.
    """
    return opens(window) + ALARM_AFTER


def before(window: WindowId, days: int = 1) -> WindowId:
    """The window of the same zone some days earlier."""
    day, zone = _parts(window)
    return window_on(day - timedelta(days=days), zone)


def after(window: WindowId) -> WindowId:
    return before(window, -1)


def _midnight(day: date, zone: str) -> datetime:
    # Where midnight does not exist (a clock that jumps 00:00 → 01:00), fold=0 reads it with the
    # offset of before, which is the very instant of the jump.
    return datetime.combine(day, time(), _zone(zone)).astimezone(UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:  # OSError: a folder's name
        raise ZoneUnknown(name) from unknown


@cache
def _parts(window: WindowId) -> tuple[date, str]:
    day, _, slug = window.partition(".")
    try:
        return date.fromisoformat(day), _unslug(slug)
    except (ValueError, ZoneUnknown) as unknown:
        raise WindowUnknown(window) from unknown


def _unslug(slug: str) -> str:
    """`America-Port-au-Prince` → `America/Port-au-Prince`: the reading that is a zone."""
    words = slug.split("-", _WORDS_MAX - 1)
    for joints in product("/-", repeat=len(words) - 1):
        name = words[0] + "".join(j + word for j, word in zip(joints, words[1:], strict=True))
        try:
            _zone(name)
        except ZoneUnknown:
            continue
        return name
    raise ZoneUnknown(slug)
