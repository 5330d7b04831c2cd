"""How are OCPI's basic types read: leniently, exactly, and saying what was mended?

Source: types.asciidoc of 2.2.1 and 2.3.0, types.md of 2.1.1. Real feeds send numbers as strings,
ids as numbers, timestamps with an offset and lower-case currencies: one sensible reading is taken
and told to `mend` as a stable code and words. Without a sensible reading: ValueError.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

Mend = Callable[[str, str], None]  # a stable code, and words

ID_CHARACTERS_MAX = 255  # OCPI says 36; longer ones occur, and refusing them helps nobody
TEXT_CHARACTERS_MAX = 4096
_EXPONENT_MAX = 12
_DIGITS_MAX = 64
_SHOWN_MAX = 40
_UTC_LENGTH = len("2026-11-20T09:00:00Z")
_YEARS = range(1970, 2200)
_FIRST_YEAR, _LAST_YEAR = "1970", "2200"
_PRINTABLE = re.compile(r"[ -~]*")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?", re.ASCII)
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?Z?", re.ASCII | re.IGNORECASE)
# OCPI asks for 4 decimals; 12 are kept, so that no product of a price, a volume and a rate that
# anybody measures outgrows the 80 digits in which prices are exact.
FINEST = Decimal("1e-12")
# What does not fit becomes NaN here, and NaN equals nothing: one comparison finds every odd number.
FITTING = Context(prec=_EXPONENT_MAX + 13, rounding=ROUND_HALF_EVEN, traps=[])


def unheard(code: str, words: str) -> None:
    """For readers of what is not recorded."""


def number_of(value: object, mend: Mend = unheard) -> Decimal:
    if isinstance(value, str):
        mend("number_as_text", f"{value[:_SHOWN_MAX]!r} was sent for a number")
        value = value.strip()
        if len(value) > _DIGITS_MAX or not _NUMBER.fullmatch(value):
            raise ValueError(f"{value[:_SHOWN_MAX]!r} is not a number")
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("is not a number")  # noqa: TRY004 - readers make a refusal of ValueErrors
    try:
        number = Decimal(value)
    except InvalidOperation as error:  # an exponent beyond what can be computed with
        raise ValueError(f"{str(value)[:_SHOWN_MAX]!r} is not a number") from error
    if not number.is_finite() or (number and number.adjusted() > _EXPONENT_MAX):
        raise ValueError(f"{str(value)[:_SHOWN_MAX]} is beyond anything that is measured")
    if not number:
        return Decimal(0)  # 0E-999999 would be written with a million digits
    rounded = number.quantize(FINEST, context=FITTING)
    if rounded != number:
        mend("number_rounded", f"{str(number)[:_SHOWN_MAX]} was rounded to 12 decimals")
        return rounded
    return number


def instant_of(value: object, mend: Mend = unheard) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("is not a timestamp such as 2026-11-20T09:00:00Z")  # noqa: TRY004
    return instant(value, mend)


def instant(text: str, mend: Mend = unheard) -> datetime:
    """An OCPI DateTime in UTC; without a zone it is UTC. Raises ValueError."""
    shown = text[:_SHOWN_MAX]
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{shown!r} is not a timestamp such as 2026-11-20T09:00:00Z") from error
    if "T" not in text.upper():
        mend("timestamp_without_t", f"{shown!r} has no T between date and time")
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    elif not text.strip().upper().endswith("Z"):
        mend("timestamp_with_offset", f"{shown} was sent with an offset, not in UTC")
    if at.year not in _YEARS:
        raise ValueError(f"{shown!r} is in no year of electric driving")
    return at.astimezone(UTC)


def plain_instant(text: str) -> datetime | None:
    """The instant of a text that has OCPI's plainest form, None of any other: most have it."""
    if len(text) != _UTC_LENGTH or text[10] != "T" or text[19] != "Z":
        return None
    if not _FIRST_YEAR <= text < _LAST_YEAR:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def id_of(value: object, mend: Mend = unheard) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        mend("id_as_number", "an id was sent as a number")
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("is not a text")  # noqa: TRY004
    text = value.strip()
    if not 0 < len(text) <= ID_CHARACTERS_MAX or not _PRINTABLE.fullmatch(text):
        raise ValueError(f"is not an id of 1 to {ID_CHARACTERS_MAX} printable ASCII characters")
    return text


def upper_of(value: object, mend: Mend = unheard) -> str:
    text = id_of(value, mend)
    if text != text.upper():
        mend("lower_case", f"{text[:_SHOWN_MAX]!r} was sent in lower case")
    return text.upper()


def text_of(value: object, mend: Mend = unheard) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        mend("text_as_number", "a text was sent as a number")
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("is not a text")  # noqa: TRY004
    if len(value) > TEXT_CHARACTERS_MAX:
        mend("text_cut", f"a text was cut to {TEXT_CHARACTERS_MAX} characters")
    return value[:TEXT_CHARACTERS_MAX]


def flag_of(value: object, mend: Mend = unheard) -> bool:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        mend("flag_as_text", "a truth value was sent as text")
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")  # noqa: TRY004
    return value


def clock_of(value: object, mend: Mend = unheard) -> time:
    """HH:MM. Feeds also send seconds, 24:00, and 19:59:59 where they mean 20:00."""
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("is not a time of day such as 17:30")
    minutes = int(found[1]) * 60 + int(found[2])
    if found[3] is not None or len(found[1]) == 1:
        mend("time_of_day_form", f"{value!r} was sent for HH:MM")
    if found[3] == "59":
        minutes += 1
    elif found[3] not in (None, "00"):
        raise ValueError(f"{str(value)[:_SHOWN_MAX]!r} is not a whole minute")
    hour, minute = divmod(minutes, 60)
    if (hour, minute) == (24, 0):
        hour = 0
    if int(found[2]) > 59 or hour > 23:  # noqa: PLR2004 - a clock's
        raise ValueError(f"{str(value)[:_SHOWN_MAX]!r} is not a time of day")
    return time(hour, minute)


def date_of(value: object, mend: Mend = unheard) -> date:
    """YYYY-MM-DD. Feeds also send the midnight that a date begins with."""
    if not isinstance(value, str):
        raise ValueError("is not a date such as 2026-11-20")  # noqa: TRY004
    text = value.strip()
    if found := _MIDNIGHT.fullmatch(text):
        mend("date_with_time", f"{text!r} was sent for a date")
        text = found[1]
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text[:_SHOWN_MAX]!r} is not a date such as 2026-11-20") from error
