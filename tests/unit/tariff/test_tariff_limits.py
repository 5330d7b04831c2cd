"""Does pricing stay small when a tariff or a session is monstrous?"""

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


@pytest.mark.timeout(5)
def test_a_session_of_years_is_not_walked_day_by_day() -> None:
    tariff = _prepared("ENERGY 0.2 vat 0 when start_time 08:00 end_time 20:00\nENERGY 0.5 vat 0")
    found = price(tariff, _used(10_000, "10"))
    assert found.excl_vat == Decimal(2)
    assert found.uncertainty == Decimal(3)


@pytest.mark.timeout(5)
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
