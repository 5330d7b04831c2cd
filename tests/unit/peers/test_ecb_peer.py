"""Does the sandbox's ECB publish as the ECB does, in a form that the channel reads?"""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from chalicelib.adapters.ecb import read_rates
from sandbox.peers.ecb import application, published_days, rates


def get(path: str, now: str) -> httpx.Response:
    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app=application(str(file)))
        async with httpx.AsyncClient(transport=transport, base_url="http://ecb") as client:
            return await client.get(path)

    with TemporaryDirectory() as directory:
        file = Path(directory, "clock")
        file.write_text(now)
        return asyncio.run(one())


def test_the_channel_reads_ninety_days_of_rates() -> None:
    document = get("/stats/eurofxref/eurofxref-hist-90d.xml", "2026-11-20T20:00:00Z")
    days = read_rates(document.content, "test")
    assert (days[0].day, days[-1].day) == (date(2026, 8, 24), date(2026, 11, 20))
    assert len(days) == 65
    assert days[-1].per_euro == rates(date(2026, 11, 20))
    assert get("/", "2026-11-20T20:00:00Z").content == document.content


def test_the_daily_file_has_one_day_and_another_file_is_missing() -> None:
    document = get("/stats/eurofxref/eurofxref-daily.xml", "2026-11-20T20:00:00Z")
    assert len(read_rates(document.content, "test")) == 1
    assert get("/stats/eurofxref/eurofxref-never.xml", "2026-11-20T20:00:00Z").status_code == 404


def test_a_day_is_published_in_the_afternoon_of_frankfurt() -> None:
    before, after = "2026-11-20T14:59:59+00:00", "2026-11-20T15:00:00+00:00"
    assert published_days(datetime.fromisoformat(before), 1) == [date(2026, 11, 19)]
    assert published_days(datetime.fromisoformat(after), 1) == [date(2026, 11, 20)]


def test_nothing_is_published_on_closing_days() -> None:
    days = set(published_days(datetime(2026, 12, 31, 20, tzinfo=UTC), 365))
    closed = [(1, 1), (4, 3), (4, 6), (5, 1), (12, 25), (11, 21), (11, 22)]
    assert not {date(2026, month, day) for month, day in closed} & days
    assert len(days) == 256


def test_rates_move_a_little_from_day_to_day() -> None:
    for older, newer in pairwise([date(2026, 11, day) for day in (17, 18, 19, 20)]):
        for currency, rate in rates(older).items():
            assert abs(rates(newer)[currency] / rate - 1) < Decimal("0.021")
