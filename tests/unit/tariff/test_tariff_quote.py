"""What is a driver told before a charge?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.quote import HoldReason, PowerStep, estimate, hold_of, plan
from chalicelib.domain.tariff.tariff import PriceLimit
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


@pytest.mark.parametrize("limit", ["end_time 06:00", "start_time 06:00"])
def test_a_price_that_begins_or_ends_at_an_untold_midnight_counts(limit: str) -> None:
    """Told of one time only, the other is midnight: a plan from eleven to two passes it."""
    dear, cheap = ("6", "2") if limit.startswith("end") else ("2", "6")
    tariff = _prepared(f"TIME {dear} vat 0 when {limit}\nTIME {cheap} vat 0")
    eleven = datetime(2026, 11, 16, 22, tzinfo=UTC)
    found = estimate(tariff, eleven, Decimal(10), 3 * 3600, margin=Decimal(0))
    assert found.expected.excl_vat == Decimal(14)  # an hour at 2, two at 6
    assert found.worst.excl_vat >= Decimal(18)


def test_the_worst_hour_is_the_dearer_of_charging_and_parking() -> None:
    tariff = _prepared("TIME 1 vat 0 step 900\nPARKING_TIME 6 vat 0 step 1800")
    found = estimate(tariff, _NINE, Decimal(10), 3600)
    assert found.expected.excl_vat == Decimal(1)
    # 3,601 s of parking are 5,400 by its step, and the other 719 of 72 minutes are charging.
    assert round(found.worst.excl_vat, 20) == round(Decimal(9) + Decimal(719) / 3600, 20)


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


HUNDRED_THEN_FIFTY = (PowerStep(Decimal(100), 600), PowerStep(Decimal(50), 3600))


def test_a_power_curve_is_followed_until_the_car_has_its_energy() -> None:
    usage = plan(_prepared("ENERGY 0.5"), _NINE, Decimal(25), None, HUNDRED_THEN_FIFTY)
    fast, slow = usage.periods
    # 16.667 kWh in ten minutes at 100 kW, the other 8.333 at 50 kW in ten more
    assert (fast.max_power_kw, fast.energy_kwh) == (Decimal(100), Decimal("16.667"))
    assert (slow.max_power_kw, slow.energy_kwh) == (Decimal(50), Decimal("8.333"))
    assert usage.end - usage.start == timedelta(minutes=20)


def test_a_car_that_stays_after_its_energy_is_parking() -> None:
    tariff = _prepared("ENERGY 0.5 vat 0\nPARKING_TIME 6 vat 0")
    usage = plan(tariff, _NINE, Decimal(25), 3600, HUNDRED_THEN_FIFTY)
    assert price(tariff, usage).excl_vat == Decimal("12.5") + 4  # forty minutes at 6 an hour


def test_power_decides_the_price_of_each_step() -> None:
    tariff = _prepared("ENERGY 0.7 vat 0 when min_power 60\nENERGY 0.4 vat 0")
    found = estimate(tariff, _NINE, Decimal(25), None, power=HUNDRED_THEN_FIFTY)
    assert found.expected.excl_vat == Decimal("16.667") * Decimal("0.7") + Decimal("3.3332")


@pytest.mark.parametrize(
    ("energy", "duration", "field"), [(70, None, "power_kw"), (25, 1199, "duration_s")]
)
def test_a_curve_that_does_not_fit_the_plan_is_refused(
    energy: int, duration: int | None, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        plan(_prepared("ENERGY 1"), _NINE, Decimal(energy), duration, HUNDRED_THEN_FIFTY)
    assert refusal.value.field == field


def test_the_hold_covers_every_hour_at_which_the_car_may_come() -> None:
    tariff = _prepared("ENERGY 0.20 vat 0 when end_time 12:00\nENERGY 0.40 vat 0")
    later = (_NINE, _NINE + timedelta(hours=1))  # begun at eleven, it reaches noon
    found = estimate(tariff, _NINE, Decimal(10), 3600, starts=later)
    assert (found.expected.excl_vat, found.worst.excl_vat) == (Decimal(2), Decimal("4.8"))
    bounds = found.worst.bounds
    assert (bounds.energy_kwh, bounds.duration_s) == (Decimal(12), 4320)
    assert bounds.latest == _NINE + timedelta(hours=1, seconds=4320)


def test_a_price_without_vat_is_held_with_the_drivers_vat_on_everything() -> None:
    tariff = _prepared("ENERGY 1 vat 7\nFLAT 1")
    found = estimate(tariff, _NINE, Decimal(10), 3600, Decimal(0), vat=Decimal("0.19"))
    assert found.worst.incl_vat == Decimal("13.09")
    assert estimate(tariff, _NINE, Decimal(10), 3600).worst.incl_vat is None


@pytest.mark.parametrize(
    ("asked", "card", "hold"),
    [
        ("50", True, (Decimal(50), HoldReason.PREAUTHORIZE_AMOUNT)),
        ("5", True, (Decimal("17.5"), HoldReason.WORST_CASE)),  # too little would not suffice
        ("50", False, (Decimal("17.5"), HoldReason.WORST_CASE)),  # OCPI means cards
        ("90", True, (Decimal(60), HoldReason.PREAUTHORIZE_AMOUNT)),  # no session costs more
    ],
)
def test_a_cpo_may_raise_the_hold_up_to_its_maximum_and_never_lower_it(
    asked: str, hold: tuple[Decimal, HoldReason], *, card: bool
) -> None:
    tariff = _prepared("max_price 50 60\nENERGY 1 vat 20").tariff
    asking = replace(tariff, preauthorize_amount=PriceLimit(Decimal(asked)))
    found = hold_of(Decimal("17.5"), asking, card=card)
    assert (found.amount, found.reason) == hold


@pytest.mark.parametrize(("energy", "duration"), [("-1", 60), ("1", 0)])
def test_a_plan_of_less_than_nothing_is_refused(energy: str, duration: int) -> None:
    with pytest.raises(Invalid):
        estimate(_prepared("ENERGY 1"), _NINE, Decimal(energy), duration)
