"""Does each period of a session find the tariff that prices it?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import CurrenciesDiffer, currency
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price, price_session
from chalicelib.domain.tariff.tariff import FirstMatch
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from tests.golden.tariff_notation import tariff_object

_NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


def _prepared(text: str, name: str, money: str = "EUR") -> PreparedTariff:
    tariff = read_tariff(tariff_object(text))[0]
    return prepare(replace(tariff, id=name, currency=currency(money)), "UTC")


def _session(*names: str) -> Usage:
    """10 kWh in an hour by each."""
    found = tuple(
        ChargingPeriod(_NINE + timedelta(hours=n), Decimal(10), Decimal(1), tariff_id=name)
        for n, name in enumerate(names)
    )
    return Usage(_NINE, _NINE + timedelta(hours=len(found)), found)


_DAY = _prepared("ENERGY 0.50 vat 0 step 1", "day")
_NIGHT = _prepared("ENERGY 0.20 vat 0 step 1", "night")


def test_each_period_is_priced_by_the_tariff_that_it_names() -> None:
    found = price_session({"day": _DAY, "night": _NIGHT}, _session("day", "NIGHT"))
    assert found.excl_vat == Decimal("7.00")
    assert [line.basis.tariff_id for line in found.lines] == ["day", "night"]
    assert found.warnings == ()


def test_a_period_that_names_no_tariff_takes_the_default_and_says_what_is_at_stake() -> None:
    found = price_session({"day": _DAY, "night": _NIGHT}, _session("day", ""), default=_NIGHT)
    (warning,) = found.warnings
    assert (warning.code, warning.off) == ("tariff_missing", Decimal(2))
    assert found.uncertainty == 0  # it could only be less


def test_one_tariff_prices_a_session_as_it_would_alone() -> None:
    usage = _session("day", "day")
    assert price_session({"day": _DAY}, usage) == price(_DAY, usage)


def test_tariffs_of_two_currencies_have_no_total() -> None:
    foreign = _prepared("ENERGY 1", "night", "NOK")
    with pytest.raises(CurrenciesDiffer):
        price_session({"day": _DAY, "night": foreign}, _session("day", "night"))


def test_a_session_whose_tariffs_are_all_unknown_is_refused_by_its_path() -> None:
    with pytest.raises(Invalid) as refusal:
        price_session({"day": _DAY, "night": _NIGHT}, _session("other"))
    assert refusal.value.field == "charging_periods.0.tariff_id"


def test_the_other_reading_of_an_older_tariff_leaves_the_other_tariffs_as_they_are() -> None:
    # by element: 10 x 0.50 and no time, 10 x 0.20 and no time; by dimension an hour at 6 more
    text = "ENERGY 0.50 vat 0 when max_kwh 50\nTIME 6 vat 0"
    older = replace(_prepared(text, "day").tariff, first_match=FirstMatch.PER_ELEMENT)
    for names, total in ((("day", "night"), 7), (("night", "day"), 7), (("day",), 5)):
        tariffs = {"day": prepare(older, "UTC"), "night": _NIGHT}
        found = price_session({name: tariffs[name] for name in names}, _session(*names))
        assert found.excl_vat == total
        assert [(one.code, one.off) for one in found.warnings] == [("first_element", Decimal(6))]


def test_where_both_readings_come_to_the_same_nothing_is_said() -> None:
    text = "ENERGY 0.50 vat 0 when max_kwh 50\nENERGY 6 vat 0"
    older = replace(_prepared(text, "day").tariff, first_match=FirstMatch.PER_ELEMENT)
    assert price_session({"day": prepare(older, "UTC")}, _session("day")).warnings == ()


def test_a_session_without_periods_did_not_expire() -> None:
    tariff = _prepared("ENERGY 1 when end_time 20:00\nFLAT 5 when reservation RESERVATION", "day")
    found = price(tariff, _session())
    assert (found.excl_vat, found.warnings) == (Decimal(0), ())
