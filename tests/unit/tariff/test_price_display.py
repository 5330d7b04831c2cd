"""Is a driver shown the prices that Regulation (EU) 2023/1804 asks for, in its order?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.domain.tariff.display import Of, Per, PriceDisplay, ShownPrice, display
from chalicelib.domain.tariff.planned import PowerStep, plan
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.tariff import FirstMatch
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from tests.golden.tariff_notation import tariff_object

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)  # ten o'clock in Berlin
SLOW, FAST = 22_000, 50_000


def _display(text: str, power_w: int = SLOW, hours: int = 1, vat: str = "0.19") -> PriceDisplay:
    prepared = prepare(read_tariff(tariff_object(text))[0], "Europe/Berlin")
    planned = plan(prepared, NINE, Decimal(20), hours * 3600)
    return display(prepared, planned, power_w, Decimal(vat))


def _told(prices: tuple[ShownPrice, ...]) -> list[tuple[Per, Of, str]]:
    return [(price.per, price.of, str(price.amount)) for price in prices]


def test_prices_come_per_kwh_then_per_minute_then_per_session_with_vat() -> None:
    text = "FLAT 1 vat 20\nPARKING_TIME 6 vat 20\nTIME 3 vat 20\nENERGY 0.49 vat 19"
    (only,) = _display(text).stages
    assert _told(only.prices) == [
        (Per.KWH, Of.ENERGY, "0.5831"),
        (Per.MINUTE, Of.CHARGING, "0.06"),
        (Per.MINUTE, Of.OCCUPANCY, "0.12"),
        (Per.SESSION, Of.SESSION, "1.2"),
    ]


def test_what_changes_within_the_plan_is_told_with_its_hour() -> None:
    text = "ENERGY 0.20 vat 0 when end_time 12:00\nENERGY 0.40 vat 0\nFLAT 1 vat 0"
    first, later = _display(text, hours=4).stages
    assert _told(first.prices) == [
        (Per.KWH, Of.ENERGY, "0.2"),
        (Per.SESSION, Of.SESSION, "1"),  # billed once, so it is shown once
    ]
    assert _told(later.prices) == [(Per.KWH, Of.ENERGY, "0.4")]
    assert (later.at, later.after_s) == (NINE + timedelta(hours=2), 7200)
    assert later.after_kwh == 10


def test_occupancy_that_begins_later_is_a_change() -> None:
    text = "ENERGY 0.5 vat 0\nPARKING_TIME 6 vat 0 when min_duration 1800"
    prepared = prepare(read_tariff(tariff_object(text))[0], "Europe/Berlin")
    planned = plan(prepared, NINE, Decimal(25), 3600, (PowerStep(Decimal(150), 3600),))
    first, later = display(prepared, planned, FAST).stages
    assert [price.of for price in first.prices] == [Of.ENERGY]
    assert [price.of for price in later.prices] == [Of.ENERGY, Of.OCCUPANCY]
    assert later.after_s == 1800


def test_a_fast_point_of_energy_and_occupancy_is_as_the_regulation_wants() -> None:
    found = _display("ENERGY 0.5 vat 0\nPARKING_TIME 6 vat 0", FAST)
    assert (found.fast, found.departures) == (True, ())


def test_a_fast_point_that_bills_otherwise_is_shown_and_named() -> None:
    found = _display("TIME 6 vat 0\nFLAT 1 vat 0", FAST)
    assert [part.code for part in found.departures] == [
        "no_price_per_kwh",
        "charging_per_minute",
        "price_per_session",
    ]
    assert _display("TIME 6 vat 0\nFLAT 1 vat 0", FAST - 1).departures == ()


def test_limits_steps_and_reservations_are_told_last_in_words() -> None:
    text = (
        "min_price 1 1.19\nmax_price 40\nENERGY 0.5 vat 19 step 500\nTIME 3 vat 19 step 900\n"
        "TIME 2 vat 19 when reservation RESERVATION"
    )
    told = {part.text for part in _display(text).others}
    assert told == {
        "A session costs at least 1.19 EUR, VAT included.",
        "A session costs at most 40 EUR, VAT not included.",
        "Energy is billed in steps of 0.5 kWh, rounded up.",
        "Charging time is billed in steps of 15 min, rounded up.",
        "A reservation is billed for itself.",
    }


def test_a_price_without_vat_is_shown_with_the_drivers_rate() -> None:
    (only,) = _display("ENERGY 0.5").stages
    assert _told(only.prices) == [(Per.KWH, Of.ENERGY, "0.595")]
    assert only.prices[0].vat_included


def test_what_the_first_element_of_an_older_tariff_leaves_out_is_not_shown() -> None:
    tariff, _ = read_tariff(tariff_object("ENERGY 0.5 vat 0 when max_kwh 50\nTIME 6 vat 0"))
    prepared = prepare(replace(tariff, first_match=FirstMatch.PER_ELEMENT), "Europe/Berlin")
    found = display(prepared, plan(prepared, NINE, Decimal(20), 3600), SLOW)
    assert [price.of for price in found.stages[0].prices] == [Of.ENERGY]
