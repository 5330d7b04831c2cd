"""Is a tariff read the same whether looked up or tested, and under each rule of tax?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.money import Money, currency
from chalicelib.domain.tariff.candidate import active, active_now
from chalicelib.domain.tariff.prepare import PreparedTariff, TariffNotSupported, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.rule import Moment
from chalicelib.domain.tariff.tariff import Tariff, TaxIncluded
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.walk import clock_edges
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from chalicelib.usecases.tariff.read import gross_of
from tests.golden.tariff_notation import tariff_object

_NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_TEN = Usage(_NINE, _NINE, (ChargingPeriod(_NINE, energy_kwh=Decimal(10), tariff_id="T1"),))


def _tariff(text: str) -> Tariff:
    return read_tariff(tariff_object(text))[0]


def _prepared(text: str, tax: TaxIncluded = TaxIncluded.NO) -> PreparedTariff:
    return prepare(replace(_tariff(text), tax_included=tax), "UTC")


def _codes(found: Price) -> list[str]:
    return [warning.code for warning in found.warnings]


def test_the_schedule_finds_what_testing_every_element_finds() -> None:
    tariff = _prepared(
        """
        ENERGY 1 when start_time 22:00 end_time 06:00 min_kwh 5
        ENERGY 2 when day_of_week SATURDAY,SUNDAY max_power 50
        ENERGY 3 when start_date 2026-11-21 end_date 2026-11-23 max_duration 7200
        ENERGY 4 when start_time 08:00 end_time 12:00 max_kwh 10
        ENERGY 5 when min_power 20
        """
    )
    for second in range(0, 86_400, 1_800):
        for day in range(19, 25):
            for kwh, gone, power in ((0, 0, 10), (5, 7_199, 20), (10, 7_200, 50), (99, 9_999, 70)):
                where = Moment(
                    second, date(2026, 11, day), Decimal(kwh), gone, Decimal(power), None
                )
                slot = tariff.schedule.at(where)
                assert active_now(slot.energy, where) is active(tariff.energy, where)


def test_a_price_with_tax_in_it_is_taken_apart_by_its_own_rate() -> None:
    found = price(_prepared("ENERGY 1.19 vat 19\nFLAT 1", TaxIncluded.YES), _TEN)
    assert found.incl_vat == Decimal("12.90")
    assert found.excl_vat == 11  # the FLAT's rate is not stated: its net is not above 1
    assert not found.excl_known
    assert set(_codes(found)) >= {"net_from_gross", "net_not_derivable"}


def test_where_no_tax_applies_the_price_is_what_is_paid() -> None:
    found = price(_prepared("ENERGY 1 vat 19", TaxIncluded.NA), _TEN)
    assert (found.excl_vat, found.incl_vat) == (Decimal(10), Decimal(10))
    assert [(one.code, one.off) for one in found.warnings if one.off] == [
        ("tax_contradiction", Decimal("1.9"))
    ]


def test_a_rebate_is_priced_but_nobody_is_paid_to_charge() -> None:
    found = price(_prepared("ENERGY -0.10 vat 0 step 1"), _TEN)
    assert (found.excl_vat, _codes(found)) == (Decimal(-1), ["negative_price"])
    euro = currency("EUR")
    assert gross_of(found, Decimal(0), euro) == Money(0, euro)


def test_a_limit_leaves_a_rebate_beside_a_price_where_it_is() -> None:
    found = price(_prepared("min_price 2\nENERGY 0.10 vat 20 step 1\nFLAT -0.5 vat 0"), _TEN)
    assert (found.excl_vat, found.incl_vat) == (Decimal(2), Decimal("2.4"))
    assert sum(part.excl_vat for part in found.taxes) == 2


def test_what_no_reader_understood_is_refused_by_its_path() -> None:
    odd = replace(_tariff("ENERGY 1"), unsupported=("elements.0.restrictions.moon",))
    with pytest.raises(TariffNotSupported) as refusal:
        prepare(odd, "UTC")
    assert refusal.value.field == "elements.0.restrictions.moon"


def test_hours_between_two_fed_back_meters_keep_the_state_below_the_edge() -> None:
    tariff = _prepared("ENERGY 1 vat 0 step 1 when max_kwh 5\nENERGY 3 vat 0 step 1")
    periods = (
        ChargingPeriod(_NINE, energy_kwh=Decimal(8), tariff_id="T1"),
        ChargingPeriod(_NINE + timedelta(hours=1), energy_kwh=Decimal(-4), tariff_id="T1"),
    )
    found = price(tariff, Usage(_NINE, _NINE + timedelta(hours=2), periods))
    # 8 x 1 at the start's price, 4 back at 3; 3 kWh up could be 2 dearer, 1 kWh down 2 cheaper
    assert found.excl_vat == -4
    assert {one.code: one.off for one in found.warnings} == {
        "period_not_split": Decimal(3 * 2 + 1 * 2),
        "energy_fed_back": Decimal(12),
    }


def test_durations_count_from_the_start_though_a_reservation_comes_later() -> None:
    """Found by a million pairs: plugged in at 8, charging told from 9, something reserved at 10."""
    periods = (
        ChargingPeriod(_NINE, energy_kwh=Decimal(10), tariff_id="T1"),
        ChargingPeriod(_NINE + _HOUR, reservation_time_h=Decimal(1), tariff_id="T1"),
    )
    tariff = _prepared("ENERGY 2 when min_duration 3600\nENERGY 1")
    assert price(tariff, Usage(_NINE - _HOUR, _NINE + 2 * _HOUR, periods)).excl_vat == 20
    assert price(tariff, Usage(_NINE, _NINE + 2 * _HOUR, periods)).excl_vat == 10


def test_what_was_taken_and_fed_back_costs_nothing_though_its_vat_is_not_stated() -> None:
    """Found by a million pairs: of nothing the sum with VAT is known, of its lines it is not."""
    periods = tuple(
        ChargingPeriod(_NINE + number * _HOUR, energy_kwh=Decimal(kwh), tariff_id="T1")
        for number, kwh in enumerate((10, -10))
    )
    found = price(_prepared("ENERGY 0.50"), Usage(_NINE, _NINE + 2 * _HOUR, periods))
    assert found.excl_vat == 0
    assert found.incl_vat == 0
    assert [(line.excl_vat, line.incl_vat) for line in found.lines] == [
        (Decimal(5), None),
        (Decimal(-5), None),
    ]
    assert [one.incl_vat for one in found.components] == [None]


def test_the_clocks_change_at_their_very_second_wherever_a_stretch_begins() -> None:
    """London, 29 March 2026: from 01:00 on it is 02:00 (UTC+1)."""
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    tariff = prepare(
        _tariff("ENERGY 0.50 vat 0 when start_time 01:30 end_time 05:00"), "Europe/London"
    )
    for before in range(1, 60):
        start = change - timedelta(seconds=before)
        assert change in clock_edges(start, change + timedelta(seconds=977), tariff)
