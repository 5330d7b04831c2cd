"""How fast is pricing, against a loop that only multiplies, and does its memory stay flat?

Standing alone (`python -m bench.pricing`) it prints its figures and exits 1 over a budget.
"""

import multiprocessing
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from time import process_time

from bench.plain_decimal import plain_price
from chalicelib.domain.money import currency
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.tariff import (
    Dimension,
    PriceComponent,
    Restrictions,
    Tariff,
    TariffElement,
)
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

RATIO_MIN = 0.4
RATE_MIN = 100_000
HOURLY_MAX = 3.0
SESSIONS = 1_000_000
GROWTH_MAX_MB = 4.0
PERIODS = 12
_START = datetime(2026, 11, 20, 9, tzinfo=UTC)
_VAT = Decimal(19)
_BATCH = 120
_ROUNDS = 200  # many small batches: the best of them met no other process


@dataclass(frozen=True)
class Found:
    """Sessions a second; `hourly` is per period, as a multiple of the simple session."""

    plain: float
    simple: float
    hourly_sessions: float

    @property
    def ratio(self) -> float:
        return self.simple / self.plain

    @property
    def hourly(self) -> float:
        return self.simple / (self.hourly_sessions * PERIODS)


def measure(rounds: int = _ROUNDS) -> Found:
    """Best of `rounds`; the loops take turns, so that a slow moment of the machine meets all."""
    simple, hourly = _simple(), _hourly()
    one, many = _charged(1), _charged(PERIODS)
    basis = simple.energy[0].basis
    runs: tuple[tuple[Callable[[], object], int], ...] = (
        (lambda: plain_price(basis, one), _BATCH),
        (lambda: price(simple, one), _BATCH),
        (lambda: price(hourly, many), _BATCH // PERIODS),
    )
    best = [0.0] * len(runs)
    for _ in range(rounds):
        for number, (run, batch) in enumerate(runs):
            best[number] = max(best[number], _rate(run, batch))
    return Found(*best)


def _rate(run: Callable[[], object], batch: int) -> float:
    begun = process_time()
    for _ in range(batch):
        run()
    return batch / (process_time() - begun)


def _tariff(*elements: TariffElement) -> Tariff:
    return Tariff("DE", "TST", "T1", currency("EUR"), elements, _START)


def _energy(cents: int) -> tuple[PriceComponent, ...]:
    return (PriceComponent(Dimension.ENERGY, Decimal(cents) / 100, 1, _VAT),)


def _simple() -> PreparedTariff:
    return prepare(_tariff(TariffElement(_energy(49))), "Europe/Berlin")


def _hourly() -> PreparedTariff:
    """A week of the day-ahead market, as feeds send it: 168 dated hours, a fee, a fallback."""
    elements = [TariffElement((PriceComponent(Dimension.FLAT, Decimal("0.35"), 1, _VAT),))]
    for hour in range(7 * 24):
        day = (_START + timedelta(days=hour // 24)).date()
        limits = Restrictions(
            start_time=time(hour % 24),
            end_time=time((hour + 1) % 24),
            start_date=day,
            end_date=day + timedelta(days=1),
        )
        elements.append(TariffElement(_energy(30 + hour % 37), limits))
    elements.append(TariffElement(_energy(49)))
    return prepare(_tariff(*elements), "Europe/Berlin")


def _charged(periods: int, start: datetime = _START, kwh: str = "20.4512") -> Usage:
    found = tuple(
        ChargingPeriod(
            start + timedelta(hours=hour),
            energy_kwh=Decimal(kwh),
            time_h=Decimal(1),
            tariff_id="T1",
        )
        for hour in range(periods)
    )
    return Usage(start, start + timedelta(hours=periods), found)


def growth_mb(sessions: int = SESSIONS) -> float:
    """By how much the largest size of a fresh process grows after the first tenth of them."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_grown_mb, (sessions,))


def _grown_mb(sessions: int) -> float:
    """Every tenth session is billed by the hourly tariff, at all hours and days of its week."""
    simple, hourly = _simple(), _hourly()
    short = [_charged(1, kwh=f"{number % 90}.5") for number in range(1000)]
    long = [_charged(2, _START + timedelta(minutes=7 * number)) for number in range(1440)]
    after_a_tenth = 0
    for number in range(sessions):
        if number == sessions // 10:
            after_a_tenth = _largest()
        if number % 10:
            price(simple, short[number % len(short)])
        else:
            price(hourly, long[number // 10 % len(long)])
    return (_largest() - after_a_tenth) / 1024


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    """Print the figures; 1 when a budget is not kept."""
    found, grown = measure(), growth_mb()
    print(f"plain Decimal loop            {found.plain:>12,.0f}/s")
    print(f"price with its lines          {found.simple:>12,.0f}/s  {found.ratio:.2f} x plain")
    print(f"170 hourly elements, {PERIODS} periods {found.hourly_sessions:>10,.0f}/s", end="  ")
    print(f"{found.hourly:.2f} x the simple one per period")
    print(f"memory over {SESSIONS:,} sessions   {grown:.1f} MB more")
    kept = found.simple >= RATE_MIN and found.ratio >= RATIO_MIN and found.hourly <= HOURLY_MAX
    return int(not kept or grown > GROWTH_MAX_MB)


if __name__ == "__main__":
    sys.exit(main())
