"""Does an explanation say where every cent comes from?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.result import LimitEffect
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from tests.golden.tariff_notation import tariff_object

_NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


def _prepared(text: str) -> PreparedTariff:
    return prepare(read_tariff(tariff_object(text))[0], "UTC")


def _session(*periods: tuple[str, str]) -> Usage:
    """An hour each: kWh and hours of charging."""
    found = tuple(
        ChargingPeriod(
            _NINE + timedelta(hours=number),
            energy_kwh=Decimal(kwh),
            time_h=Decimal(hours),
            tariff_id="T1",
        )
        for number, (kwh, hours) in enumerate(periods)
    )
    return Usage(_NINE, _NINE + timedelta(hours=len(found)), found)


def test_each_component_has_a_line_in_each_period_and_says_why_it_was_active() -> None:
    tariff = _prepared("ENERGY 0.50 vat 19 when end_time 10:00\nENERGY 0.30 vat 19")
    found = price(tariff, _session(("10", "0"), ("5", "0")))
    assert [(line.period, line.basis.element, line.basis.why) for line in found.lines] == [
        (0, 0, "end_time 10:00"),
        (1, 1, ""),
    ]
    assert [line.start for line in found.lines] == [_NINE, _NINE + timedelta(hours=1)]
    assert [(line.excl_vat, line.incl_vat) for line in found.lines] == [
        (Decimal("5.00"), Decimal("5.95")),
        (Decimal("1.50"), Decimal("1.785")),
    ]


def test_what_the_step_adds_stands_where_its_component_was_used_last() -> None:
    tariff = _prepared("ENERGY 0.50 vat 0 step 1000")
    found = price(tariff, _session(("1.2", "0"), ("1.1", "0")))
    assert [(line.volume, line.step_extra) for line in found.lines] == [
        (Decimal("1.2"), Decimal(0)),
        (Decimal("1.1"), Decimal("0.7")),
    ]
    assert sum(line.excl_vat for line in found.lines) == found.excl_vat == Decimal("1.5")


def test_what_no_component_prices_has_no_line() -> None:
    found = price(_prepared("ENERGY 0.50 vat 0"), _session(("1", "0.5")))
    assert [line.basis.dimension for line in found.lines] == [Dimension.ENERGY]


def test_what_a_limit_changed_is_told_on_both_sides_of_the_vat() -> None:
    found = price(_prepared("max_price 4 4.40\nENERGY 0.50 vat 10"), _session(("10", "0")))
    effect = LimitEffect("max_price", "T1", Decimal("-1.00"), Decimal("-1.10"))
    assert found.limits == (effect,)
    assert sum(line.excl_vat for line in found.lines) == Decimal(5)


def test_lines_of_thirds_add_up_to_their_component() -> None:
    tariff = _prepared("TIME 1 vat 19 step 60")
    found = price(tariff, _session(("0", "0.3333"), ("0", "0.3333")))
    (component,) = found.components
    thirds = sum(Fraction(one.excl_vat) for one in found.lines)
    assert abs(thirds - Fraction(component.excl_vat)) < Fraction(1, 10**40)


def test_lines_come_in_order_of_time() -> None:
    found = price(_prepared("ENERGY 0.50\nTIME 6"), _session(("1", "1"), ("2", "1")))
    assert [(line.period, line.basis.dimension) for line in found.lines] == [
        (0, Dimension.ENERGY),
        (0, Dimension.TIME),
        (1, Dimension.ENERGY),
        (1, Dimension.TIME),
    ]
