"""On which days do banks of the euro area settle? TARGET's calendar, one for all."""

from datetime import date, timedelta

_WEEKDAYS = 5
_FIXED_CLOSING_DAYS = {(1, 1), (5, 1), (12, 25), (12, 26)}


def is_banking_day(day: date) -> bool:
    """Weekends, four fixed days, Good Friday and Easter Monday are closed; national ones are not.

    SEPA Instant settles on every day of the year; nobody asks this about it.
    """
    easter = _easter(day.year)
    return (
        day.weekday() < _WEEKDAYS
        and (day.month, day.day) not in _FIXED_CLOSING_DAYS
        and day not in {easter - timedelta(days=2), easter + timedelta(days=1)}
    )


def banking_day(day: date) -> date:
    """The day itself, or the next one that is open."""
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


def last_banking_day(day: date) -> date:
    """The day itself, or the last one before it that was open."""
    while not is_banking_day(day):
        day -= timedelta(days=1)
    return day


def next_banking_day(day: date) -> date:
    return banking_day(day + timedelta(days=1))


def _easter(year: int) -> date:
    """Western Easter by Gauss's rule with its two exceptions, in its form for 1900 to 2099."""
    golden = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * golden + 5) % 7
    days = golden + sunday
    late = days == 35 or (days == 34 and golden == 28 and year % 19 > 10)  # noqa: PLR2004 - Gauss
    return date(year, 3, 22) + timedelta(days=days - 7 * late)
