"""How fast is pricing, against a loop that only multiplies, in one run?

`python -m bench.pricing --differences N` prices N random sessions and compares each with the
independent reference of the tests instead.
"""

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from time import perf_counter
from typing import TypeVar

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
    Weekday,
)
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from tests.properties.tariff_reference import reference_price

T = TypeVar("T")

RATIO_MIN = 0.4
RATE_MIN = 100_000
_START = datetime(2026, 11, 20, 9, tzinfo=UTC)
_VAT = Decimal(19)
_UNIT = Decimal("0.49")
_BATCH = 2_000
_ROUNDS = 15
_TINY = Fraction(1, 10**20)


def measure(rounds: int = _ROUNDS) -> list[tuple[str, float, float, float, bool]]:
    """(what, sessions a second, of the plain loop, ratio, within the budget), best of `rounds`.

    The loops take turns, so that a slow moment of the machine meets both.
    """
    simple, hourly = _simple(), _hourly()
    one, many = _charged(1), _charged(12)
    runs: dict[str, Callable[[], object]] = {
        "plain Decimal loop, one period": lambda: plain_price(_UNIT, _VAT, one),
        "energy tariff, one period": lambda: price(simple, one),
        "hourly elements, 12 periods": lambda: price(hourly, many),
    }
    best = dict.fromkeys(runs, 0.0)
    for _ in range(rounds):
        for name, run in runs.items():
            best[name] = max(best[name], _rate(run))
    plain, *_ = best.values()
    rows = []
    for name, rate in best.items():
        ratio = rate / plain
        kept = name != "energy tariff, one period" or (rate >= RATE_MIN and ratio >= RATIO_MIN)
        rows.append((name, rate, plain, ratio, kept))
    return rows


def _rate(run: Callable[[], object]) -> float:
    begun = perf_counter()
    for _ in range(_BATCH):
        run()
    return _BATCH / (perf_counter() - begun)


def _tariff(elements: Sequence[TariffElement]) -> Tariff:
    return Tariff("DE", "TST", "T1", currency("EUR"), tuple(elements), _START)


def _simple() -> PreparedTariff:
    component = PriceComponent(Dimension.ENERGY, _UNIT, 1, _VAT)
    return prepare(_tariff([TariffElement((component,))]), "Europe/Berlin")


def _hourly() -> PreparedTariff:
    elements = [
        TariffElement(
            (PriceComponent(Dimension.ENERGY, Decimal(30 + hour) / 100, 1, _VAT),),
            Restrictions(start_time=time(hour), end_time=time((hour + 1) % 24)),
        )
        for hour in range(24)
    ]
    return prepare(_tariff(elements), "Europe/Berlin")


def _charged(periods: int) -> Usage:
    found = tuple(
        ChargingPeriod(
            _START + timedelta(hours=hour),
            energy_kwh=Decimal("20.4512"),
            time_h=Decimal(1),
            tariff_id="T1",
        )
        for hour in range(periods)
    )
    return Usage(_START, _START + timedelta(hours=periods), found)


def differences(count: int, seed: int = 1) -> int:
    """How many of `count` random sessions are priced otherwise than by the reference."""
    chance, found = random.Random(seed), 0
    for _ in range(count):
        tariff, usage = _random_tariff(chance), _random_usage(chance)
        ours = price(prepare(tariff, "Europe/Berlin"), usage)
        excl, incl = reference_price(tariff, "Europe/Berlin", usage)
        same = abs(Fraction(ours.excl_vat) - excl) < _TINY
        if incl is None or ours.incl_vat is None:
            same = same and (incl is None) == (ours.incl_vat is None)
        else:
            same = same and abs(Fraction(ours.incl_vat) - incl) < _TINY
        found += not same
    return found


def _random_tariff(chance: random.Random) -> Tariff:
    return _tariff(
        [
            TariffElement(
                tuple(_random_component(chance) for _ in range(chance.randint(1, 3))),
                _random_restrictions(chance),
            )
            for _ in range(chance.randint(1, 5))
        ]
    )


def _random_component(chance: random.Random) -> PriceComponent:
    vat = chance.choice([None, Decimal(0), _VAT, Decimal("5.2")])
    step = chance.choice([0, 1, 60, 300, 900, 1000])
    kind = chance.choice(list(Dimension))
    return PriceComponent(kind, Decimal(chance.randint(0, 20_000)) / 1000, step, vat)


def _random_restrictions(chance: random.Random) -> Restrictions:
    def maybe(value: T) -> T | None:
        return value if chance.random() < 0.3 else None

    return Restrictions(
        start_time=maybe(time(chance.randrange(24))),
        end_time=maybe(time(chance.randrange(24))),
        min_kwh=maybe(Decimal(chance.randrange(30))),
        max_kwh=maybe(Decimal(chance.randrange(60))),
        min_power=maybe(Decimal(chance.randrange(100))),
        max_power=maybe(Decimal(chance.randrange(100))),
        min_duration_s=maybe(chance.randrange(7200)),
        max_duration_s=maybe(chance.randrange(20_000)),
        day_of_week=maybe(tuple(chance.sample(list(Weekday), 3))) or (),
    )


def _random_usage(chance: random.Random) -> Usage:
    start = at = _START + timedelta(minutes=chance.randrange(500_000))
    periods = []
    for _ in range(chance.randint(1, 5)):
        length = chance.randint(1, 10_000)
        hours = round(Decimal(length) / 3600, 4)
        charging = chance.random() < 0.7
        periods.append(
            ChargingPeriod(
                at,
                energy_kwh=Decimal(chance.randrange(400_000)) / 10_000 if charging else None,
                time_h=hours if charging else None,
                parking_time_h=None if charging else hours,
                min_power_kw=Decimal(chance.randrange(150)),
                tariff_id="T1",
            )
        )
        at += timedelta(seconds=length)
    return Usage(start, at, tuple(periods))


def main() -> int:
    """Print the rows, or the differences; 1 when a budget is not kept."""
    parser = argparse.ArgumentParser(prog="python -m bench.pricing", description=__doc__)
    parser.add_argument("--differences", type=int, metavar="N", default=0)
    count = parser.parse_args().differences
    if count:
        found = differences(count)
        print(f"{found} differences from the reference in {count} random sessions")
        return int(found > 0)
    rows = measure()
    for name, rate, _, ratio, kept in rows:
        print(f"{name:34} {rate:>12,.0f}/s  {ratio:5.2f} x plain  {'' if kept else 'OVER BUDGET'}")
    return int(not all(row[-1] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
