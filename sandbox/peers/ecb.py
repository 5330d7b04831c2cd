"""What are the euro's reference rates on a sandbox day? The ECB's own XML, with invented rates.

Rates are made from the day alone, so that every run has the same. As at the ECB there are none on
closing days, and a day's rates appear at about 16:00 in Frankfurt.
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.peers.clock import FILE, now_by
from sandbox.peers.serving import arguments, serve

_AROUND = {
    "USD": Decimal("1.1350"),
    "GBP": Decimal("0.8640"),
    "CHF": Decimal("0.9380"),
    "SEK": Decimal("11.0450"),
    "NOK": Decimal("11.6200"),
    "DKK": Decimal("7.4620"),
    "PLN": Decimal("4.2550"),
    "CZK": Decimal("24.3100"),
    "HUF": Decimal("391.20"),
    "RON": Decimal("5.0750"),
}
_FRANKFURT = ZoneInfo("Europe/Berlin")
_PUBLISHED_AT = time(16, 0)
_WEEKDAYS = 5
_FIXED_CLOSING_DAYS = {(1, 1), (5, 1), (12, 25), (12, 26)}
_DAYS = {"daily": 10, "hist-90d": 90, "hist": 5 * 366}


@cache
def rates(day: date) -> dict[str, Decimal]:
    """Units of each currency for one euro: within one percent of the usual."""
    found = {}
    for currency, around in _AROUND.items():
        digest = sha256(f"{day.isoformat()} {currency}".encode()).digest()
        wobble = Decimal(int.from_bytes(digest[:2]) - 32768) / 32768 / 100
        found[currency] = (around * (1 + wobble)).quantize(around)
    return found


def published_days(now: datetime, count: int) -> list[date]:
    """The days with rates among the last `count` days, newest first."""
    local = now.astimezone(_FRANKFURT)
    newest = local.date() - timedelta(days=local.time() < _PUBLISHED_AT)
    days = (newest - timedelta(days=back) for back in range(count))
    return [day for day in days if not closed(day)]


def envelope(days: list[date]) -> str:
    """The document in the ECB's form."""
    cubes = "\n".join(_cube(day) for day in days)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
        ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
        "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
        "\t<gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n"
        "\t</gesmes:Sender>\n"
        f"\t<Cube>\n{cubes}\n\t</Cube>\n</gesmes:Envelope>\n"
    )


def _cube(day: date) -> str:
    lines = "".join(
        f"\n\t\t\t<Cube currency='{currency}' rate='{rate}'/>"
        for currency, rate in rates(day).items()
    )
    return f"\t\t<Cube time='{day.isoformat()}'>{lines}\n\t\t</Cube>"


def closed(day: date) -> bool:
    """TARGET's closing days: weekends, four fixed days, Good Friday and Easter Monday."""
    easter = _easter(day.year)
    return (
        day.weekday() >= _WEEKDAYS
        or (day.month, day.day) in _FIXED_CLOSING_DAYS
        or day in {easter - timedelta(days=2), easter + timedelta(days=1)}
    )


def _easter(year: int) -> date:
    """Western Easter by the anonymous Gregorian algorithm (Meeus, Jones, Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    skipped = (century + 8) // 25
    moved = (century - skipped + 1) // 3
    epact = (19 * golden + century - century // 4 - moved + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def application(clock_file: str = "") -> Starlette:
    """Serves the three files; without a clock the day is the wall's."""

    async def answer(request: Request) -> Response:
        now = datetime.fromtimestamp(now_by(clock_file), UTC)
        which = request.path_params.get("which", "hist-90d")
        if which not in _DAYS:
            return Response("no such file", 404)
        days = published_days(now, _DAYS[which])
        return Response(envelope(days[:1] if which == "daily" else days), media_type="text/xml")

    paths = ("/", "/stats/eurofxref/eurofxref-{which}.xml")
    return Starlette(routes=[Route(path, answer) for path in paths])


def main() -> None:
    parser = arguments(__doc__)
    default = os.environ.get(FILE, "")
    parser.add_argument("--clock", default=default, help=f"the sandbox clock's file (${FILE})")
    chosen = parser.parse_args()
    serve(application(chosen.clock), chosen.port)


if __name__ == "__main__":
    main()
