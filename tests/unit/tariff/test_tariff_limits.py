"""Does pricing stay small when a tariff or a session is monstrous?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.quote import estimate
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from tests.golden.tariff_notation import tariff_object

_NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


def _prepared(text: str) -> PreparedTariff:
    return prepare(read_tariff(tariff_object(text))[0], "Europe/Berlin")


def _used(days: int, kwh: str) -> Usage:
    period = ChargingPeriod(_NINE, energy_kwh=Decimal(kwh), time_h=Decimal(24 * days))
    return Usage(_NINE, _NINE + timedelta(days=days), (period,))


@pytest.mark.timeout(60)  # of the clock, and a machine may be busy
def test_a_session_of_years_is_not_walked_day_by_day() -> None:
    tariff = _prepared("ENERGY 0.2 vat 0 when start_time 08:00 end_time 20:00\nENERGY 0.5 vat 0")
    found = price(tariff, _used(100_000, "10"))
    assert found.excl_vat == Decimal(2)
    assert found.uncertainty == Decimal(3)


@pytest.mark.timeout(60)  # of the clock, and a machine may be busy
def test_where_there_is_too_much_to_try_any_price_may_count() -> None:
    tariff = _prepared(
        "ENERGY 0.2 vat 20 when start_time 08:00 end_time 20:00\nENERGY 0.5 vat 20\n"
        "TIME 1 vat 20 when start_time 08:00 end_time 20:00\n"
        "PARKING_TIME 2 vat 20 + FLAT 5 vat 20 when start_time 20:00\n"
        "ENERGY 9 + TIME 90 + FLAT 9 when reservation RESERVATION\n"
        "ENERGY -1 vat 20"
    )
    hours = {"time_h": Decimal(3), "parking_time_h": Decimal(4)}
    period = ChargingPeriod(_NINE, energy_kwh=Decimal(-10), tariff_id="T1", **hours)
    found = price(tariff, Usage(_NINE, _NINE + timedelta(days=100_000), (period,)))
    # 10 x 1.20 for the energy, 3 x 1 for the time, 4 x 2 for standing, 5 for the FLAT
    assert found.excl_vat == -2 + 3
    assert {one.code: one.off for one in found.warnings} == {
        "period_not_split": Decimal(12 + 3 + 8 + 5),
        "energy_fed_back": Decimal(2),
    }
    paid = _prepared(
        "ENERGY 0.2 + FLAT 1 when start_time 08:00 end_time 20:00\nENERGY 0.5 + FLAT 5"
    )
    assert price(paid, _used(100_000, "10")).uncertainty == 3  # the FLAT is billed, once


@pytest.mark.timeout(60)  # of the clock, and a machine may be busy
def test_a_tariff_of_edges_on_every_axis_is_not_multiplied_out() -> None:
    lines = [
        f"ENERGY {n} vat 0 when max_kwh {n} max_duration {n * 60} max_power {n} max_current {n}"
        for n in range(1, 120)
    ]
    tariff = _prepared("\n".join(lines))
    assert price(tariff, _used(1, "200")).uncertainty > 0
    assert estimate(tariff, _NINE, Decimal(200), 86_400).worst.excl_vat == 119 * 240


def test_energy_fed_back_is_credited_and_told() -> None:
    found = price(_prepared("ENERGY 1 step 1000"), _used(1, "-5.5"))
    assert found.excl_vat == Decimal("-5.5")
    assert [one.off for one in found.warnings if one.code == "energy_fed_back"] == [Decimal("5.5")]


def test_a_negative_time_is_refused() -> None:
    period = ChargingPeriod(_NINE, time_h=Decimal(-1), tariff_id="T1")
    with pytest.raises(Invalid) as refusal:
        price(_prepared("TIME 1"), Usage(_NINE, _NINE, (period,)))
    assert refusal.value.field == "charging_periods"


def test_a_session_without_periods_owes_the_minimum_only() -> None:
    tariff = _prepared("min_price 1 1.19\nFLAT 5 vat 19\nENERGY 1 vat 19")
    found = price(tariff, Usage(_NINE, _NINE, ()))
    assert (found.excl_vat, found.incl_vat, found.limit) == (
        Decimal(1),
        Decimal("1.19"),
        "min_price",
    )
    assert (found.taxes[0].vat, found.taxes[0].incl_vat) == (Decimal(19), Decimal("1.19"))


def test_a_session_has_one_patience_for_all_its_periods() -> None:
    never = "ENERGY 9 vat 0 when max_kwh 0\n" * 700
    tariff = _prepared(
        never + "ENERGY 0.2 vat 0 when start_time 08:00 end_time 20:00\nENERGY 0.5 vat 0"
    )
    first = ChargingPeriod(_NINE, energy_kwh=Decimal(10), tariff_id="T1")
    later = replace(first, start=_NINE + timedelta(days=100))
    found = price(tariff, Usage(_NINE, _NINE + timedelta(days=200), (first, later)))
    # 10 x 0.30 for the first; whatever the tariff knows, 10 x 8.80, for the second
    assert found.uncertainty == 3 + 88
