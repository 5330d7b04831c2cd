"""What is a driver told before a charge?"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.quote import estimate, plan
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from tests.golden.tariff_notation import tariff_object

_NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)  # ten o'clock in Berlin


def _prepared(text: str) -> PreparedTariff:
    return prepare(read_tariff(tariff_object(text))[0], "Europe/Berlin")


def test_a_simple_plan_costs_energy_times_price() -> None:
    found = estimate(_prepared("ENERGY 0.49 vat 19 step 1"), _NINE, Decimal(30), 3600)
    assert found.expected.incl_vat == Decimal("17.493")
    assert found.worst.excl_vat == Decimal("17.640")  # a fifth more


def test_the_evenings_price_counts_only_where_the_plan_reaches_it() -> None:
    tariff = _prepared("ENERGY 0.20 vat 0 when end_time 12:00\nENERGY 0.40 vat 0")
    short = estimate(tariff, _NINE, Decimal(10), 3600)
    assert (short.expected.excl_vat, short.worst.excl_vat) == (Decimal(2), Decimal("2.4"))
    long = estimate(tariff, _NINE, Decimal(10), 4 * 3600)
    assert (long.expected.excl_vat, long.worst.excl_vat) == (Decimal(3), Decimal("4.8"))


def test_the_worst_hour_is_the_dearer_of_charging_and_parking() -> None:
    tariff = _prepared("TIME 1 vat 0 step 900\nPARKING_TIME 6 vat 0 step 1800")
    found = estimate(tariff, _NINE, Decimal(10), 3600)
    assert found.expected.excl_vat == Decimal(1)
    assert found.worst.excl_vat == Decimal(9)  # 72 minutes are 90 by parking's step


def test_a_maximum_price_bounds_the_worst_case_too() -> None:
    found = estimate(_prepared("max_price 10 12\nENERGY 1 vat 20"), _NINE, Decimal(30), 3600)
    assert (found.worst.excl_vat, found.worst.incl_vat) == (Decimal(10), Decimal(12))


def test_unknown_current_is_assumed_at_its_worst() -> None:
    tariff = _prepared("ENERGY 0.20 vat 0 when max_current 32\nENERGY 0.60 vat 0")
    found = estimate(tariff, _NINE, Decimal(10), 3600, margin=Decimal(0))
    assert (found.expected.excl_vat, found.worst.excl_vat) == (Decimal(2), Decimal(6))


def test_a_plan_over_the_change_of_clocks_is_split_at_the_jump() -> None:
    tariff = _prepared("TIME 6 vat 0 when start_time 02:30 end_time 05:00")
    start = datetime(2026, 3, 29, 0, tzinfo=UTC)  # 01:00 in Berlin; 02:00 becomes 03:00
    usage = plan(tariff, start, Decimal(10), 2 * 3600)
    assert price(tariff, usage).excl_vat == Decimal(6)
    assert price(tariff, usage).warnings == ()


def test_energy_edges_are_met_exactly() -> None:
    tariff = _prepared("ENERGY 0.50 vat 0 when max_kwh 10\nENERGY 0.30 vat 0")
    usage = plan(tariff, _NINE, Decimal(30), 3601)
    assert [period.energy_kwh for period in usage.periods] == [Decimal(10), Decimal(20)]
    assert price(tariff, usage).excl_vat == Decimal(11)


@pytest.mark.parametrize(("energy", "duration"), [("-1", 60), ("1", 0)])
def test_a_plan_of_less_than_nothing_is_refused(energy: str, duration: int) -> None:
    with pytest.raises(Invalid):
        estimate(_prepared("ENERGY 1"), _NINE, Decimal(energy), duration)


def test_a_version_is_named_by_what_it_says() -> None:
    first, _ = read_tariff(tariff_object("ENERGY 0.25 vat 19"))
    same, _ = read_tariff(
        {**tariff_object("ENERGY 0.250 vat 19.0"), "last_updated": "2030-01-01T00:00:00Z"}
    )
    other, _ = read_tariff(tariff_object("ENERGY 0.26 vat 19"))
    timed, _ = read_tariff(tariff_object("ENERGY 0.25 vat 19 when start_time 09:00"))
    assert tariff_hash(first) == tariff_hash(same)
    assert len({tariff_hash(one) for one in (first, other, timed)}) == 3
