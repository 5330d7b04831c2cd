"""Is the tariff in force, readable in full, and of the kind and currency that one expects?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain.tariff.lint.finding import Code, Finding
from chalicelib.domain.tariff.tariff import Tariff

_CLOCKS_APART = timedelta(hours=1)
_TYPES = ("", "AD_HOC_PAYMENT", "PROFILE_CHEAP", "PROFILE_FAST", "PROFILE_GREEN", "REGULAR")
# Countries where a public charger is not paid in euro.
_OWN = {"CH": "CHF", "LI": "CHF", "CZ": "CZK", "DK": "DKK", "GB": "GBP", "HU": "HUF", "IS": "ISK",
        "NO": "NOK", "PL": "PLN", "RO": "RON", "SE": "SEK", "US": "USD", "CA": "CAD"}  # fmt: skip
_EURO = frozenset(
    "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK".split()  # noqa: SIM905 - a line
)


def validity_findings(tariff: Tariff, at: datetime) -> Iterator[Finding]:
    start, end = tariff.start_date_time, tariff.end_date_time
    if start is not None and end is not None and end <= start:
        text = f"the tariff ends {_said(end)}, not after its start {_said(start)}: correct one"
        yield Finding(Code.ENDS_BEFORE_START, "end_date_time", text)
    elif end is not None and end <= at:
        text = f"the tariff ended {_said(end)}: publish its successor, or no new session is sold"
        yield Finding(Code.PAST, "end_date_time", text)
    elif start is not None and start > at:
        text = f"the tariff begins {_said(start)}; until then another one has to be in force"
        yield Finding(Code.NOT_YET_VALID, "start_date_time", text)
    if tariff.last_updated > at + _CLOCKS_APART:
        text = f"{_said(tariff.last_updated)} is yet to come: updates before then will be refused"
        yield Finding(Code.UPDATED_LATER, "last_updated", text)
    if tariff.type not in _TYPES:
        text = f"{tariff.type} is no type of OCPI: use one of {', '.join(_TYPES[1:])} or none"
        yield Finding(Code.TYPE_UNKNOWN, "type", text)
    yield from _currency(tariff)
    for named in tariff.unsupported:
        place, _, value = named.partition(" ")
        said = f" {value}" if value else ""
        text = f"{place.rpartition('.')[2]}{said} is not known, so no session can be priced by this"
        text += " tariff: say it in OCPI's terms"
        yield Finding(Code.UNSUPPORTED, place, text)


def _currency(tariff: Tariff) -> Iterator[Finding]:
    country = tariff.country_code
    usual = "EUR" if country in _EURO else _OWN.get(country)
    if usual is not None and tariff.currency != usual:
        text = f"drivers in {country} expect {usual}, not {tariff.currency}; right for sites abroad"
        yield Finding(Code.CURRENCY_UNUSUAL, "currency", text)


def _said(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
