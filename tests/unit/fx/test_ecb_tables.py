"""Are the ECB's tables read as the bank writes them, by day and since 1999, zipped or not?"""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from chalicelib.adapters.ecb import read_rates
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.ports.rates import RatesUnavailable
from chalicelib.usecases.rates.import_rates import import_rates
from sandbox.memory.ports import MemoryPorts

# As published: a blank after each comma in the daily file, a comma at the end of every row.
DAILY = b"Date, USD, JPY, BGN, SEK, \n20 November 2025, 1.1520, 181.52, 1.9558, 11.0160, \n"
HISTORY = (
    b"Date,USD,JPY,BGN,CYP,EEK,HRK,SEK,\n"
    b"2026-01-02,1.1720,183.10,N/A,N/A,N/A,N/A,10.9000,\n"
    b"2025-12-31,1.1750,184.09,1.9558,N/A,N/A,N/A,10.8215,\n"
    b"2010-12-31,1.3362,108.65,1.9558,N/A,15.6466,7.3830,8.9655,\n"
)


def zipped(content: bytes, *more: str) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name in ("eurofxref-hist.csv", *more):
            archive.writestr(ZipInfo(name, (2026, 11, 20, 16, 0, 0)), content)
    return packed.getvalue()


def test_the_daily_table_is_read() -> None:
    (rates,) = read_rates(DAILY, "ecb")
    assert rates.day == date(2025, 11, 20)
    assert rates.per_euro == {
        "USD": Decimal("1.1520"),
        "JPY": Decimal("181.52"),
        "BGN": Decimal("1.9558"),
        "SEK": Decimal("11.0160"),
    }


@pytest.mark.parametrize("content", [HISTORY, zipped(HISTORY)], ids=["csv", "zip"])
def test_the_history_is_read_oldest_first_without_what_is_gone_or_absent(content: bytes) -> None:
    oldest, eve, newest = read_rates(content, "ecb")
    assert [rates.day.year for rates in (oldest, eve, newest)] == [2010, 2025, 2026]
    assert set(oldest.per_euro) == {"USD", "JPY", "BGN", "HRK", "SEK"}
    assert set(newest.per_euro) == {"USD", "JPY", "SEK"}


@pytest.mark.parametrize(
    "content",
    [
        b"Date",
        b"Date,USD\n2026-11-20",
        b"Date,USD\n2026-11-20,x\n",
        b"Date,USD\n2026-11-20,0\n",
        b"Date,USD\n2026-11-20,NaN\n",
        b"Date,USD\n20 Brumaire 2026,1\n",
        b"Date,USD\n2026-13-20,1\n",
        b"Date,DOLLAR\n2026-11-20,1\n",
        b"Date,USD\n2026-11-20,1\xff\n",
        zipped(DAILY)[:-30],
        zipped(DAILY, "second.csv"),
    ],
)
def test_what_is_no_table_of_rates_is_refused_whole(content: bytes) -> None:
    with pytest.raises(RatesUnavailable):
        read_rates(content, "ecb")


def test_a_zip_that_unfolds_without_end_is_not_read() -> None:
    with pytest.raises(RatesUnavailable, match="unfolds"):
        read_rates(zipped(b"Date," + b"0" * 21_000_000), "ecb")


def test_a_whole_history_costs_its_writes_once() -> None:
    ports = MemoryPorts()
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(150)]
    ports.rates.days = [DailyRates(day, {"SEK": Decimal(11)}, "f") for day in days]
    assert import_rates(ports) == 150
    tried, write = list[object](), ports.store.write

    def counting(*puts: Any) -> None:
        tried.extend(puts)
        write(*puts)

    ports.store.write = counting  # type: ignore[method-assign]  # a spy
    assert import_rates(ports) == 0
    assert tried == []
    ports.rates.days.append(DailyRates(date(2026, 6, 1), {"SEK": Decimal(12)}, "f"))
    assert import_rates(ports) == 1
