"""When is a Location open? (mod_locations: Hours, RegularHours, ExceptionalPeriod, all versions)

Hours inform; nothing is billed by them. So one that has no sensible reading is noted and left out.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from chalicelib.domain.errors import Invalid
from chalicelib.domain.network.opening import Exceptional, OpeningTimes, RegularHours
from chalicelib.ocpi.lenient.basic import clock_of, number_of
from chalicelib.ocpi.lenient.place import Place

T = TypeVar("T")
_PERIODS_MAX = 500
_WEEK = range(1, 8)


def opening_times_of(place: Place) -> OpeningTimes | None:
    """None when the location says nothing that can be read."""
    if not place.has("opening_times"):
        return None
    try:
        hours = place.object("opening_times")
        regular = tuple(_readable(hours, "regular_hours", _regular))
        always = hours.flag("twentyfourseven")
        openings = tuple(_readable(hours, "exceptional_openings", _exceptional))
        closings = tuple(_readable(hours, "exceptional_closings", _exceptional))
    except Invalid as error:
        place.note("hours_unread", "opening_times", f"are not read: {error}")
        return None
    if not always and not regular and not openings:
        place.note("hours_empty", "opening_times", "name no hours: they are taken as unknown")
        return None
    return OpeningTimes(always, regular, openings, closings)


def _readable(place: Place, name: str, reader: Callable[[Place], T]) -> Iterator[T]:
    for period in place.objects(name, _PERIODS_MAX):
        try:
            yield reader(period)
        except Invalid as error:
            period.note("hours_unread", "", f"is not read: {error}")


def _regular(place: Place) -> RegularHours:
    weekday = place.read("weekday", number_of)
    begin, end = place.read("period_begin", clock_of), place.read("period_end", clock_of)
    if weekday is None or begin is None or end is None:
        raise place.invalid("", "a weekday, a begin and an end are needed")
    if weekday not in _WEEK:
        raise place.invalid("weekday", f"{weekday} is not from 1 (Monday) to 7")
    return RegularHours(int(weekday), begin.hour * 60 + begin.minute, end.hour * 60 + end.minute)


def _exceptional(place: Place) -> Exceptional:
    begin, end = place.instant("period_begin"), place.instant("period_end")
    if end <= begin:
        raise place.invalid("period_end", "is not after its begin")
    return Exceptional(begin, end)
