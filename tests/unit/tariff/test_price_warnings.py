"""How much can each reading matter at most? Worked by hand, in the comment of each sum."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.tariff.prepare import TariffNotSupported, prepare
from chalicelib.domain.tariff.price import price, price_session
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.tariff import PriceLimit
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from chalicelib.ocpi.v2_3_0.tariff import read_tariff as read_tariff_2_3_0
from tests.golden.tariff_notation import cdr_object, tariff_objects

_DAY = date(2026, 11, 20)
_TEN_KWH = "09:00 ENERGY 10\n10:00 end"
_NOTHING = "09:00 PARKING_TIME 1\n10:00 end"


def _paid(tariff: str, session: str = _TEN_KWH, **limits: Any) -> Price:
    written = cdr_object(_DAY, session, *tariff_objects(tariff, "2.2.1"))
    cdr, _ = read_cdr(written)
    prepared = {one.id: prepare(replace(one, **limits), "UTC") for one in cdr.tariffs}
    usage = Usage(cdr.start, cdr.end, cdr.periods)
    if len(prepared) == 1:
        (only,) = prepared.values()
        return price(only, usage)
    return price_session(prepared, usage, prepared[cdr.tariffs[0].id])


def _off(found: Price, code: str) -> Decimal:
    (warning,) = [one for one in found.warnings if one.code == code]
    return round(warning.off, 4)


def test_a_limit_says_its_name() -> None:
    energy = "ENERGY 1 vat 0"
    assert _paid(f"min_price 20 20\n{energy}").limit == "min_price"
    assert _paid(f"max_price 5 5\n{energy}").limit == "max_price"
    assert _paid(f"min_price 5 5\nmax_price 20 20\n{energy}").limit == ""


def test_a_gross_minimum_for_nothing_used_tells_its_net_by_the_only_rate_there_is() -> None:
    # 5.95 / 1.19 = 5.00
    found = _paid("ENERGY 1 vat 19", _NOTHING, min_price=PriceLimit(None, Decimal("5.95")))
    assert (found.excl_vat, found.incl_vat) == (Decimal(5), Decimal("5.95"))
    assert _off(found, "limit_one_side") == 0


def test_one_side_of_a_limit_for_nothing_used_may_be_off_by_the_span_of_the_rates() -> None:
    # net 10; gross at 7 % 10.70, at 19 % 11.90, unknown here: 10.00 is shown, 1.90 it may be off
    found = _paid("ENERGY 1 vat 7 + TIME 1 vat 19", _NOTHING, min_price=PriceLimit(Decimal(10)))
    assert found.excl_vat == 10
    assert found.incl_vat is None


def test_a_gross_limit_of_an_unknown_gross_is_not_applied_and_says_what_it_could_do() -> None:
    # 10 kWh at 1: net 10.00, gross 10.00 (0 %) to 12.70 (27 %). A minimum of 15 could add 5.00;
    # a maximum of 11 could take 1.70; one of 13 nothing.
    for name, gross, off in (("min_price", 15, "5.00"), ("max_price", 11, "1.70")):
        limits: dict[str, Any] = {name: PriceLimit(None, Decimal(gross))}
        found = _paid("ENERGY 1", **limits)
        assert _off(found, "limit_not_verifiable") == Decimal(off)
    assert _paid("ENERGY 1", max_price=PriceLimit(None, Decimal(13))).warnings == ()


def test_the_same_reading_of_two_periods_is_one_warning_with_the_sum() -> None:
    # Both periods cross a price: 10 kWh x 0.20 = 2.00 and 10 kWh x 0.10 = 1.00 may be off.
    tariff = (
        "ENERGY 0.20 vat 0 when end_time 17:00\n"
        "ENERGY 0.40 vat 0 when end_time 20:00\nENERGY 0.50 vat 0"
    )
    found = _paid(tariff, "16:30 ENERGY 10\n17:30 TIME 1\n19:30 ENERGY 10\n20:30 end")
    assert _off(found, "period_not_split") == 3
    (warning,) = found.warnings
    assert "16:30" in warning.text


def test_energy_that_went_back_in_two_periods_is_one_sum() -> None:
    # 2 kWh and 3 kWh at 0.50: 2.50 were credited
    found = _paid("ENERGY 0.50 vat 0", "09:00 ENERGY -2\n10:00 ENERGY -3\n11:00 end")
    assert found.excl_vat == Decimal("-2.50")
    assert _off(found, "energy_fed_back") == Decimal("2.50")


def test_a_step_across_a_change_of_tariff_may_be_off_by_what_it_would_add() -> None:
    # 25 min at 6/h, then 20 min at 12/h with a step of 30 min. Ours: 20 -> 30 min, 2.50 + 6.00.
    # On the session's total, 45 -> 60 min: 35 min at 12/h = 7.00, 1.00 more.
    tariff = "tariff A\nTIME 6 vat 0\ntariff B\nTIME 12 vat 0 step 1800"
    session = "09:00 TIME 0.4166666667 tariff A\n09:25 TIME 0.3333333333 tariff B\n09:45 end"
    found = _paid(tariff, session)
    assert found.excl_vat == Decimal("8.50")
    assert _off(found, "step_after_switch") == 1


@pytest.mark.parametrize(
    ("tariff", "session", "code"),
    [
        ("ENERGY 1 vat 0", "09:00 ENERGY 10 tariff -\n10:00 end", "tariff_missing"),
        ("ENERGY 1 vat 0", "09:00 ENERGY 10 tariff T9\n10:00 end", "tariff_other"),
    ],
)
def test_the_other_reading_of_a_period_without_our_tariff_is_never_dearer(
    tariff: str, session: str, code: str
) -> None:
    (warning,) = _paid(tariff, session).warnings
    assert (warning.code, warning.can_be_more) == (code, False)


def test_the_other_reading_of_a_second_flat_can_be_dearer() -> None:
    found = _paid(
        "FLAT 1 vat 0 when max_duration 60\nFLAT 5 vat 0", "09:00 TIME 1\n10:00 TIME 1\n11:00 end"
    )
    (warning,) = [one for one in found.warnings if one.code == "flat_once"]
    assert (warning.off, warning.can_be_more) == (Decimal(5), True)


def test_a_tariff_with_words_of_its_own_is_refused_by_their_place() -> None:
    written = tariff_objects("ENERGY 1 vat 0 when max_kwh 10", "2.2.1")[0]
    written["elements"][0]["restrictions"]["booking"] = "YES"
    tariff, _ = read_tariff(written)
    with pytest.raises(TariffNotSupported) as refusal:
        prepare(tariff, "UTC")
    assert refusal.value.field == "elements.0.restrictions.booking"
    assert refusal.value.names == tariff.unsupported
    assert "elements.0.restrictions.booking" in str(refusal.value)


def test_a_net_that_does_not_end_has_more_digits_than_money_needs() -> None:
    """0.49 incl. 19 %, times ten: 4.1176470588235294117647058823529411764..."""
    written = tariff_objects("ENERGY 0.49 vat 19", "2.3.0")[0] | {"tax_included": "YES"}
    tariff, _ = read_tariff_2_3_0(written)
    cdr, _ = read_cdr(cdr_object(_DAY, _TEN_KWH, *tariff_objects("ENERGY 1", "2.2.1")))
    found = price(prepare(tariff, "UTC"), Usage(cdr.start, cdr.end, cdr.periods))
    assert abs(found.excl_vat * 119 - 490) < Decimal("1e-24")
    assert found.incl_vat == Decimal("4.90")


def test_time_that_nobody_told_is_at_stake_under_a_rebate_too() -> None:
    # An hour without a word, at 6/h less: 6.00 either way, and never less than nothing
    found = _paid("TIME -6 vat 0 + ENERGY 1 vat 0")
    assert _off(found, "time_missing") == 6
