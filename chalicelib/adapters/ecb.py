"""How are the ECB's euro reference rates fetched and read? Any of its eurofxref files.

XML here (daily, 90 days, or all since 1999); the tables and their zip in ecb_csv.py.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree as ET

import urllib3

from chalicelib.adapters.ecb_csv import is_table, read_table
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.money import CurrencyUnknown, currency
from chalicelib.ports.rates import RatesUnavailable

_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_BYTES_MAX = 20_000_000  # the 90-day file has 140 KB, all days since 1999 have 7 MB
_LONG_GONE = frozenset({"CYP", "EEK", "LTL", "LVL", "MTL", "ROL", "SIT", "SKK", "TRL"})
_TIMEOUT_S = 10
_TRIES = 3
_OK = 200


class EcbRates:
    """`url` is staff's setting, not a partner's word, so it needs no check of its address."""

    def __init__(self, url: str) -> None:
        self._url = url

    def latest(self) -> list[DailyRates]:
        return read_rates(self._fetch(), self._url)

    def _fetch(self) -> bytes:
        with urllib3.PoolManager() as pool:
            try:
                answer = pool.request(
                    "GET",
                    self._url,
                    timeout=_TIMEOUT_S,
                    retries=urllib3.Retry(total=_TRIES, redirect=0),
                    preload_content=False,
                )
                content = answer.read(_BYTES_MAX + 1)
            except urllib3.exceptions.HTTPError as error:
                raise RatesUnavailable(f"{self._url} did not answer: {error}") from error
        if answer.status != _OK:
            raise RatesUnavailable(f"{self._url} answered {answer.status}")
        if len(content) > _BYTES_MAX:
            raise RatesUnavailable(f"{self._url} sent more than {_BYTES_MAX} bytes")
        return content


def read_rates(content: bytes, source: str) -> list[DailyRates]:
    """The days of a eurofxref document, oldest first. RatesUnavailable when it is none.

    A currency that is long gone is left out: nothing of ours was ever in it.
    """
    if is_table(content):
        return read_table(content, source)
    try:
        if "<!doctype" in content.decode().casefold():
            raise RatesUnavailable(f"{source} sent a document type: no entities are read")
        root = ET.fromstring(content)  # noqa: S314 - see above
        days = [_day(cube, source) for cube in root.iter(_CUBE) if "time" in cube.attrib]
    except (ET.ParseError, UnicodeDecodeError, ValueError, KeyError, InvalidOperation) as error:
        raise RatesUnavailable(f"{source} sent no reference rates: {error}") from error
    except CurrencyUnknown as error:
        raise RatesUnavailable(f"{source} lists {error.text!r}") from error
    if not days:
        raise RatesUnavailable(f"{source} lists no day")
    return sorted(days, key=lambda rates: rates.day)


def _day(cube: ET.Element, source: str) -> DailyRates:
    rates: dict[str, Decimal] = {
        currency(code): Decimal(row.attrib["rate"])
        for row in cube
        if (code := row.attrib["currency"]) not in _LONG_GONE
    }
    if not rates or not all(rate.is_finite() and rate > 0 for rate in rates.values()):
        raise ValueError("a day without positive rates")
    return DailyRates(date.fromisoformat(cube.attrib["time"]), rates, source)
