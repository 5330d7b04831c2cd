"""What does the ECB's table say? eurofxref.csv (one day), eurofxref-hist.csv, or their zip.

The first row names the currencies, each other row is a day. The daily file writes `20 November
2026`, the history `2026-11-20`; `N/A` and an empty field mean: not published that day.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.iso4217 import MINOR_UNITS
from chalicelib.ports.rates import RatesUnavailable

_ZIP = b"PK\x03\x04"
_BYTES_MAX = (
    20_000_000  # all days since 1999 have 3 MB; a zip that unfolds to more is none of theirs
)
_ABSENT = {"", "N/A"}
_CODE_LENGTH = 3


def is_table(content: bytes) -> bool:
    """Whether this is a table or its zip, rather than XML."""
    return content.startswith((_ZIP, b"Date"))


def read_table(content: bytes, source: str) -> list[DailyRates]:
    """The days of the table, oldest first. RatesUnavailable when it is none.

    Columns of currencies that are long gone (the history has the kroon) are left out.
    """
    try:
        text = (_unfolded(content, source) if content.startswith(_ZIP) else content).decode("ascii")
        head, *rows = [row for row in csv.reader(text.splitlines()) if row]
        days = [_day(head, row, source) for row in rows]
    except (BadZipFile, UnicodeDecodeError, ValueError, InvalidOperation, csv.Error) as error:
        raise RatesUnavailable(f"{source} sent no reference rates: {error}") from error
    if not days:
        raise RatesUnavailable(f"{source} lists no day")
    return sorted(days, key=lambda rates: rates.day)


def _unfolded(content: bytes, source: str) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        (entry,) = archive.infolist()
        if entry.file_size > _BYTES_MAX:
            raise RatesUnavailable(f"{source} unfolds to more than {_BYTES_MAX} bytes")
        return archive.read(entry)


def _day(head: list[str], row: list[str], source: str) -> DailyRates:
    if head[0].strip() != "Date" or len(row) != len(head):
        raise ValueError("a row is not as long as the first")
    rates = dict(_rates(head[1:], row[1:]))
    if not rates or not all(rate.is_finite() and rate > 0 for rate in rates.values()):
        raise ValueError("a day without positive rates")
    return DailyRates(_date(row[0].strip()), rates, source)


def _rates(codes: list[str], fields: list[str]) -> Iterator[tuple[str, Decimal]]:
    for code, field in zip(codes, fields, strict=True):
        name, text = code.strip(), field.strip()
        if name and len(name) != _CODE_LENGTH:
            raise ValueError(f"{name!r} is no currency")
        if name in MINOR_UNITS and text not in _ABSENT:
            yield name, Decimal(text)


def _date(text: str) -> date:
    if text[:1].isdigit() and text[4:5] == "-":
        return date.fromisoformat(text)
    return datetime.strptime(f"{text} +0000", "%d %B %Y %z").date()
