"""Which tariffs and sessions can there be? Strategies for hypothesis.

`PAIRS` and `SEEDED` are as rich as the million of random_pairs.py: what fails of the first shrinks,
and the second are made ten times as fast. The others are tame, for quotes: one tariff, no
reservation, no negative price.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from chalicelib.domain.money import currency
from chalicelib.domain.tariff.tariff import (
    Dimension,
    PriceComponent,
    PriceLimit,
    Restrictions,
    Tariff,
    TariffElement,
    Weekday,
)
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from tests.properties.random_tariffs import random_pair

PAIRS = st.randoms(use_true_random=False).map(random_pair)
SEEDED = st.integers(0, 2**32).map(lambda seed: random_pair(Random(seed)))
ZONES = st.sampled_from(["Europe/Berlin", "Europe/London", "America/New_York", "Asia/Kolkata"])
STARTS = st.integers(0, 365 * 86_400).map(
    lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


def decimals(highest: int, places: int = 4) -> st.SearchStrategy[Decimal]:
    """With the 4 decimals that OCPI's numbers have."""
    return st.integers(0, highest * 10**places).map(lambda n: Decimal(n).scaleb(-places))


def _maybe(strategy: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Decimal | None]:
    return st.none() | strategy


COMPONENTS = st.builds(
    PriceComponent,
    type=st.sampled_from(Dimension),
    price=decimals(20, 3),
    step_size=st.sampled_from([0, 1, 60, 100, 300, 600, 900, 1000, 1800]),
    vat=st.sampled_from([None, Decimal(0), Decimal(19), Decimal("5.2"), Decimal(21)]),
)
TIMES = st.none() | st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
DAYS = st.lists(st.sampled_from(Weekday), max_size=3, unique=True).map(tuple)
DATES = st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))
DURATIONS = st.none() | st.integers(0, 6 * 3600)
RESTRICTIONS = st.builds(
    Restrictions,
    start_time=TIMES,
    end_time=TIMES,
    start_date=DATES,
    end_date=DATES,
    min_kwh=_maybe(decimals(30, 1)),
    max_kwh=_maybe(decimals(60, 1)),
    min_power=_maybe(decimals(100, 1)),
    max_power=_maybe(decimals(100, 1)),
    min_current=_maybe(decimals(64, 0)),
    max_current=_maybe(decimals(64, 0)),
    min_duration_s=DURATIONS,
    max_duration_s=DURATIONS,
    day_of_week=DAYS,
)
SIMPLE = st.builds(Restrictions, start_time=TIMES, end_time=TIMES, day_of_week=DAYS)
ELEMENTS = st.builds(
    TariffElement,
    price_components=st.lists(COMPONENTS, min_size=1, max_size=3).map(tuple),
    restrictions=st.just(Restrictions()) | SIMPLE | RESTRICTIONS,
)
LIMITS = st.none() | st.builds(PriceLimit, decimals(30, 2), decimals(30, 2))


def tariffs(limits: st.SearchStrategy[PriceLimit | None] = LIMITS) -> st.SearchStrategy[Tariff]:
    return st.builds(
        Tariff,
        country_code=st.just("DE"),
        party_id=st.just("TST"),
        id=st.just("T1"),
        currency=st.just(currency("EUR")),
        elements=st.lists(ELEMENTS, min_size=1, max_size=5).map(tuple),
        last_updated=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
        min_price=limits,
        max_price=limits,
    )


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Up to six periods, each charging or parking, without a reservation."""
    start = at = draw(STARTS)
    periods = []
    for _ in range(draw(st.integers(1, 6))):
        charging = draw(st.booleans())
        length = draw(st.integers(1, 4 * 3600))
        hours = (Decimal(length) / 3600).quantize(Decimal("0.0001"))
        periods.append(
            ChargingPeriod(
                start=at,
                energy_kwh=draw(decimals(40)) if charging else None,
                time_h=hours if charging else None,
                parking_time_h=None if charging else hours,
                min_power_kw=draw(_maybe(decimals(100, 1))),
                min_current_a=draw(_maybe(decimals(64, 0))),
                tariff_id="T1",
            )
        )
        at += timedelta(seconds=length)
    return Usage(start, at, tuple(periods))
