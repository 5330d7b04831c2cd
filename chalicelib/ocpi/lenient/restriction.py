"""When does a tariff element apply? (mod_tariffs: TariffRestrictions, all versions)

A restriction that is not understood cannot be left out without inventing a price: it is named in
`unsupported`, by its path in the tariff, and the tariff is then kept but not priced.
"""

from decimal import Decimal

from chalicelib.domain.tariff.tariff import Reservation, Restrictions, Weekday
from chalicelib.ocpi.lenient.basic import clock_of, date_of, upper_of
from chalicelib.ocpi.lenient.place import Place

_DAYS_MAX = 100
_NAMED_MAX = 200
_SHORT_NAMES = {day.value[:3]: day for day in Weekday}
_ORDER = list(Weekday)
_UNRESTRICTED = Restrictions()
_NUMBERS = ("min_kwh", "max_kwh", "min_current", "max_current", "min_power", "max_power")
_KNOWN = frozenset(
    {
        *("start_time", "end_time", "start_date", "end_date", *_NUMBERS),
        *("min_duration", "max_duration", "day_of_week", "reservation"),
    }
)


def restrictions_of(place: Place, inside: str, unsupported: list[str]) -> Restrictions:
    """`inside` is where the restrictions stand in their tariff."""
    members = place.members
    if not members:
        return _UNRESTRICTED
    unsupported.extend(
        f"{inside}.{name}"[:_NAMED_MAX]
        for name in sorted(members.keys() - _KNOWN)
        if members[name] not in (None, [], {}, "")
    )
    return Restrictions(
        start_time=place.read("start_time", clock_of),
        end_time=place.read("end_time", clock_of),
        start_date=place.read("start_date", date_of),
        end_date=place.read("end_date", date_of),
        min_kwh=place.maybe_number("min_kwh"),
        max_kwh=place.maybe_number("max_kwh"),
        min_current=place.maybe_number("min_current"),
        max_current=place.maybe_number("max_current"),
        min_power=place.maybe_number("min_power"),
        max_power=place.maybe_number("max_power"),
        min_duration_s=_seconds(place, "min_duration"),
        max_duration_s=_seconds(place, "max_duration"),
        day_of_week=_days(place, inside, unsupported),
        reservation=_reservation(place, inside, unsupported),
    )


def whole(place: Place, name: str, number: Decimal) -> int:
    if number < 0 or number != int(number):
        raise place.invalid(name, f"{number} is not a whole number of at least 0")
    return int(number)


def _seconds(place: Place, name: str) -> int | None:
    number = place.maybe_number(name)
    return None if number is None else whole(place, name, number)


def _days(place: Place, inside: str, unsupported: list[str]) -> tuple[Weekday, ...]:
    days: set[Weekday] = set()
    for where, name in place.each("day_of_week", _DAYS_MAX, upper_of):
        if name in Weekday.__members__:
            days.add(Weekday(name))
        elif name in _SHORT_NAMES:
            place.note("weekday_abbreviated", where, f"{name} was sent for a weekday")
            days.add(_SHORT_NAMES[name])
        else:
            unsupported.append(f"{inside}.{where} {name}"[:_NAMED_MAX])
    return tuple(sorted(days, key=_ORDER.index))


def _reservation(place: Place, inside: str, unsupported: list[str]) -> Reservation | None:
    name = place.maybe_upper("reservation")
    if not name:
        return None
    if name in Reservation.__members__:
        return Reservation(name)
    unsupported.append(f"{inside}.reservation {name}"[:_NAMED_MAX])
    return None
