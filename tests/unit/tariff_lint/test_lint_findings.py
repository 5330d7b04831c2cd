"""Is each fault of a published tariff found, at its place, and nothing else?"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.tariff.lint.check import lint
from chalicelib.domain.tariff.lint.finding import Code, Finding, Severity
from chalicelib.ocpi.v2_1_1 import tariff as v2_1_1
from chalicelib.ocpi.v2_2_1 import tariff as v2_2_1
from chalicelib.ocpi.v2_3_0 import tariff as v2_3_0
from tests.golden.tariff_notation import tariff_object

_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
_READ = {
    "2.1.1": v2_1_1.read_tariff,
    "2.2.1": v2_2_1.read_tariff,
    "2.3.0": v2_3_0.read_tariff,
}
_GOOD = "ENERGY 0.49 vat 19"


def findings(text: str, version: str = "2.2.1", **members: Any) -> tuple[Finding, ...]:
    tariff, _ = _READ[version]({**tariff_object(text, version), **members})
    return lint(tariff, _AT)


def told(text: str, version: str = "2.2.1", **members: Any) -> list[tuple[str, str]]:
    return [(found.code.value, found.place) for found in findings(text, version, **members)]


@pytest.mark.parametrize(
    "text",
    [
        _GOOD,
        "FLAT 0",
        "ENERGY 0.49 vat 19 + PARKING_TIME 6 vat 19 step 60 + FLAT 1 vat 19",
        """ENERGY 0.59 vat 19 when start_time 08:00 end_time 20:00
        ENERGY 0.39 vat 19""",
        """ENERGY 0.39 vat 19 when start_time 20:00 end_time 08:00
        ENERGY 0.59 vat 19 when start_time 08:00 end_time 20:00""",
        """ENERGY 0.59 vat 19 when max_kwh 20 day_of_week SATURDAY,SUNDAY
        ENERGY 0.49 vat 19 when min_kwh 20
        ENERGY 0.39 vat 19 when day_of_week MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY max_kwh 20""",
        """TIME 2 vat 19 step 60 when reservation RESERVATION
        TIME 4 vat 19 step 60 when reservation RESERVATION_EXPIRES
        ENERGY 0.49 vat 19""",
    ],
)
def test_a_good_tariff_has_no_finding(text: str) -> None:
    assert told(text) == []


_ONE = "elements[0].price_components[0]"
_TWO = "elements[1].price_components[0]"


@pytest.mark.parametrize(
    ("code", "place", "text"),
    [
        # Elements that are never billed, and moments without a price.
        ("shadowed", "elements[1]", f"{_GOOD}\nENERGY 0.39 vat 19 when start_time 22:00"),
        (
            "shadowed",  # by two together, across midnight
            "elements[2]",
            """ENERGY 0.5 vat 19 when start_time 06:00 end_time 22:00
            ENERGY 0.4 vat 19 when start_time 22:00 end_time 06:00
            ENERGY 0.3 vat 19 when day_of_week SUNDAY""",
        ),
        (
            "shadowed",  # for one of its dimensions only
            "elements[1].price_components[1]",
            f"{_GOOD}\nTIME 2 vat 19 + ENERGY 0.3 vat 19",
        ),
        ("never_holds", "elements[0].restrictions", f"ENERGY 1 when min_kwh 9 max_kwh 9\n{_GOOD}"),
        (
            "never_holds",  # 21 November 2026 is a Saturday
            "elements[0].restrictions",
            "ENERGY 1 vat 19 when start_date 2026-11-23 end_date 2026-11-25 day_of_week SUNDAY\n"
            + _GOOD,
        ),
        ("no_fallback", "elements", "ENERGY 0.49 vat 19 when end_time 22:00"),
        ("no_fallback", "elements", "ENERGY 0.49 vat 19 when day_of_week MONDAY,SUNDAY"),
        ("no_fallback", "elements", "ENERGY 0.49 vat 19 when min_kwh 5"),
        ("energy_gap", "elements", "ENERGY 0.49 vat 19 when min_duration 600\nTIME 2 vat 19"),
        ("free_time", "elements", f"TIME 6 vat 19 when min_duration 14400\n{_GOOD}"),
        ("element_empty", "elements[0]", f"WIND 1\n{_GOOD}"),
        ("component_twice", "elements[0].price_components[1]", f"{_GOOD} + ENERGY 0.3 vat 19"),
        ("component_unused", _TWO, f"{_GOOD}\nENERGY 1 vat 19 when reservation RESERVATION"),
        (
            "reservation_without_expiry",
            "elements[1].restrictions.reservation",
            f"{_GOOD}\nTIME 4 vat 19 when reservation RESERVATION",
        ),
        (
            "expiry_alone",
            "elements[1].restrictions.reservation",
            f"{_GOOD}\nFLAT 4 vat 19 when reservation RESERVATION_EXPIRES",
        ),
        ("several_flats", _TWO, f"FLAT 1 vat 19 when max_kwh 5\nFLAT 2 vat 19 + {_GOOD}"),
        # Windows.
        (
            "window_zero",
            "elements[0].restrictions.end_time",
            "ENERGY 0.4 vat 19 when start_time 08:00 end_time 08:00",
        ),
        (
            "ends_at_2359",
            "elements[0].restrictions.end_time",
            f"ENERGY 0.4 vat 19 when start_time 20:00 end_time 23:59\n{_GOOD}",
        ),
        (
            "element_past",
            "elements[0].restrictions.end_date",
            f"ENERGY 0.4 vat 19 when end_date 2026-11-01\n{_GOOD}",
        ),
        (
            "power_or_current",
            "elements[0].restrictions.min_power",
            f"ENERGY 0.8 vat 19 when min_power 50\n{_GOOD}",
        ),
        # Steps.
        ("step_large", f"{_ONE}.step_size", "ENERGY 0.49 vat 19 step 1000"),
        ("step_large", f"{_ONE}.step_size", "TIME 6 vat 19 step 3600"),
        ("step_unit", f"{_ONE}.step_size", "TIME 6 vat 19 step 15"),
        ("step_zero", f"{_ONE}.step_size", "ENERGY 0.49 vat 19 step 0"),
        ("step_ignored", f"{_ONE}.step_size", "FLAT 2 vat 19 step 60"),
        (
            "steps_differ",
            "elements[0].price_components[1].step_size",
            "TIME 2 vat 19 step 60 + PARKING_TIME 6 vat 19 step 300",
        ),
        (
            "steps_differ",
            f"{_TWO}.step_size",
            "ENERGY 0.4 vat 19 when max_kwh 5\nENERGY 0.5 vat 19 step 100",
        ),
        # VAT.
        ("vat_missing", f"{_ONE}.vat", "ENERGY 0.49"),
        ("vat_partly", "elements[0].price_components[1].vat", f"{_GOOD} + PARKING_TIME 2"),
        ("vat_differs", "elements[0].price_components[1].vat", f"{_GOOD} + PARKING_TIME 2 vat 7"),
        ("vat_implausible", f"{_ONE}.vat", "ENERGY 0.49 vat 0.19"),
        ("vat_implausible", f"{_ONE}.vat", "ENERGY 0.49 vat 49"),
        # Prices.
        ("price_in_cents", f"{_ONE}.price", "ENERGY 49 vat 19"),
        ("price_high", f"{_ONE}.price", "ENERGY 5.01 vat 19"),
        ("price_high", f"{_ONE}.price", "TIME 61 vat 19"),
        ("price_low", f"{_ONE}.price", "ENERGY 0.0049 vat 19"),
        ("price_low", f"{_ONE}.price", "PARKING_TIME 0.10 vat 19 step 60"),
        ("price_zero", f"{_ONE}.price", "ENERGY 0 vat 19 + TIME 2 vat 19"),
        ("price_negative", f"{_ONE}.price", "ENERGY -0.1 vat 19"),
        ("price_precision", f"{_ONE}.price", "ENERGY 0.41176 vat 19"),
        ("all_free", "elements", "ENERGY 0 vat 19"),
        ("limits_crossed", "min_price", f"{_GOOD}\nmin_price 5 5.95\nmax_price 4 6"),
        ("limits_crossed", "max_price", f"{_GOOD}\nmax_price 11.90 10"),
        ("limit_zero", "max_price", f"{_GOOD}\nmax_price 0 0"),
    ],
)
def test_a_fault_is_found_where_it_stands(code: str, place: str, text: str) -> None:
    assert (code, place) in told(text)


@pytest.mark.parametrize(
    ("code", "place", "members"),
    [
        ("past", "end_date_time", {"end_date_time": "2026-11-22T12:00:00Z"}),
        ("not_yet_valid", "start_date_time", {"start_date_time": "2026-12-01T00:00:00Z"}),
        (
            "ends_before_start",
            "end_date_time",
            {"start_date_time": "2026-12-01T00:00:00Z", "end_date_time": "2026-11-01T00:00:00Z"},
        ),
        ("updated_later", "last_updated", {"last_updated": "2027-01-01T00:00:00Z"}),
        ("type_unknown", "type", {"type": "BEST"}),
        ("currency_unusual", "currency", {"currency": "SEK"}),
    ],
)
def test_a_fault_of_the_whole_tariff_is_found(
    code: str, place: str, members: dict[str, str]
) -> None:
    assert told(_GOOD, **members) == [(code, place)]


def test_what_has_no_reading_is_named_as_it_stands() -> None:
    assert told(f"{_GOOD} when moon 3")[0] == ("unsupported", "elements[0].restrictions.moon")


def test_in_2_1_1_an_element_that_holds_hides_the_other_dimensions() -> None:
    text = "ENERGY 0.30 when start_time 22:00 end_time 06:00\nENERGY 0.49 + TIME 2 step 60"
    (found,) = findings(text, "2.1.1")
    assert found.code is Code.PER_ELEMENT
    assert "TIME has no price from 22:00 to 06:00" in found.text
    assert told(text.replace("0.30", "0.30 vat 19").replace("0.49", "0.49 vat 19"), "2.2.1") == [
        ("vat_partly", "elements[1].price_components[1].vat")
    ]


def test_a_tax_that_is_included_and_not_said_is_no_net_price() -> None:
    (found,) = findings("ENERGY 0.49\ntax_included YES", "2.3.0")
    assert found.code is Code.VAT_MISSING
    assert "nobody can tell the net" in found.text


def test_where_no_tax_is_due_none_is_missed() -> None:
    assert told("ENERGY 0.49\ntax_included N/A", "2.3.0") == []


def test_a_gap_is_said_in_words() -> None:
    text = """ENERGY 0.59 vat 19 when start_time 06:00 end_time 22:00 day_of_week SATURDAY,SUNDAY
    ENERGY 0.49 vat 19 when day_of_week MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY max_kwh 50"""
    (found,) = findings(text)
    assert "on SATURDAY, SUNDAY from 22:00 to 06:00" in found.text
    assert "on MONDAY to FRIDAY from 50 kWh on" in found.text
    assert "add a last element without restrictions" in found.text


def test_a_gap_in_dates_duration_and_power_is_said_too() -> None:
    text = "ENERGY 0.59 vat 19 when start_date 2026-12-01 min_duration 90 max_duration 600"
    found = findings(f"{text} min_power 11 max_power 50")[0]
    for words in ("up to 2026-11-30", "below 90 s and from 10 min on", "below 11 kW and from 50"):
        assert words in found.text


def test_one_fault_in_every_hour_of_a_week_is_told_three_times() -> None:
    days = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
    lines = [
        f"ENERGY 0.{hour + 10} vat 19 step 1000"
        f" when start_time {hour:02}:00 end_time {(hour + 1) % 24:02}:00 day_of_week {day}"
        for day in days
        for hour in range(24)
    ]
    found = findings("\n".join(lines))
    assert [one.code for one in found] == [Code.STEP_LARGE] * 3
    assert found[-1].text.endswith("(and 165 more alike)")


def test_an_adversarys_tariff_is_given_up_in_time() -> None:
    lines = [
        f"ENERGY 1 vat 19 when min_kwh {n} max_kwh {n * 7 % 500 + n + 1}"
        f" min_duration {n * 3} max_duration {n * 11 % 700 + n * 3 + 1}"
        f" min_power {n % 97} min_current {n % 89}"
        for n in range(1, 1000)
    ]
    assert Code.TOO_MANY_CASES in {one.code for one in findings("\n".join(lines))}


def test_errors_come_first_and_each_says_what_to_do() -> None:
    text = "ENERGY 49 step 1000 when min_kwh 9 max_kwh 8\nTIME 0.1 vat 19 step 15"
    found = findings(text, end_date_time="2020-01-01T00:00:00Z")
    order = [one.severity for one in found]
    assert order == sorted(order, key=list(Severity).index)
    assert order[0] is Severity.ERROR
    assert all(len(one.text) > 20 for one in found)


def test_bounds_follow_the_currency() -> None:
    assert told("ENERGY 5.50 vat 25", country_code="SE", currency="SEK") == []
    assert told("ENERGY 550 vat 25", country_code="SE", currency="SEK") == [
        ("price_in_cents", f"{_ONE}.price")
    ]
    assert told(f"ENERGY {Decimal(900)} vat 8", country_code="JP", currency="JPY") == []
