"""How much can each reading matter at most? Worked by hand, in the comment of each sum."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from chalicelib.domain.tariff.prepare import TariffNotSupported, prepare
from chalicelib.domain.tariff.price import price, price_session
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.tariff import FirstMatch, PriceLimit, TaxIncluded
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from chalicelib.ocpi.v2_3_0.tariff import read_tariff as read_tariff_2_3_0
from tests.golden.tariff_notation import cdr_object, tariff_objects

_DAY = date(2026, 11, 20)
_NEARLY = Fraction(1, 10**40)
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
    assert _off(found, "limit_one_side") == Decimal("1.9")


def test_a_rate_that_nobody_states_may_be_any_of_the_eu() -> None:
    # net 10 for nothing used; at 27 % 12.70, at a stated 30 % 13.00
    low = PriceLimit(Decimal(10))
    assert _off(_paid("ENERGY 1", _NOTHING, min_price=low), "limit_one_side") == Decimal("2.7")
    found = _paid("ENERGY 1 + TIME 1 vat 30", _NOTHING, min_price=low)
    assert _off(found, "limit_one_side") == 3


def test_where_no_tax_applies_a_limit_has_one_side_and_nothing_is_open() -> None:
    for session in (_TEN_KWH, _NOTHING):
        found = _paid(
            "ENERGY 1 vat 19 + TIME 1",
            session,
            min_price=PriceLimit(Decimal(20)),
            tax_included=TaxIncluded.NA,
        )
        assert (found.excl_vat, found.incl_vat) == (Decimal(20), Decimal(20))
        (warning,) = [one for one in found.warnings if one.code == "limit_one_side"]
        assert warning.off == 0


def test_one_rate_leaves_nothing_open_though_its_quotient_does_not_end() -> None:
    # 16 / 1.19 = 13.4453781512605042016...
    for energy in ("ENERGY 2 vat 19", "ENERGY 2 vat 19 + TIME 9 vat 7"):
        found = _paid(energy, max_price=PriceLimit(None, Decimal(16)))
        assert abs(Fraction(found.excl_vat) * 119 - 1600) < _NEARLY
        (warning,) = [one for one in found.warnings if one.code == "limit_one_side"]
        assert warning.off == 0


def test_a_gross_limit_of_two_rates_may_be_off_by_either() -> None:
    # 5 + 20 = 25 net, 6 + 22 = 28 gross -> 14; net 25 x 14/28 = 12.50
    # all at 20 % 12.50 were 15.00 gross, 1.00 more; all at 10 % 13.75
    tariff, session = "FLAT 5 vat 20\nENERGY 0.50 vat 10", "09:00 ENERGY 40\n10:00 end"
    found = _paid(tariff, session, max_price=PriceLimit(None, Decimal(14)))
    assert found.excl_vat == Decimal("12.5")
    assert _off(found, "limit_one_side") == 1


def test_each_limit_has_a_warning_of_its_own_which_begins_with_its_name() -> None:
    for sides in ((Decimal(20), Decimal(5)), (Decimal(30), Decimal(25))):
        for limits in (
            [PriceLimit(side) for side in sides],
            [PriceLimit(None, side) for side in sides],
        ):
            found = _paid("ENERGY 1 vat 0", min_price=limits[0], max_price=limits[1])
            texts = [one.text for one in found.warnings if one.code == "limit_one_side"]
            assert [text.split()[0] for text in texts] == ["min_price", "max_price"]
            assert [one.excl_vat for one in found.limits] == [sides[0] - 10, sides[1] - sides[0]]


def test_a_limit_of_a_net_that_is_not_known_says_what_it_could_do() -> None:
    # 10 x 0.75 = 7.50 with tax -> 6.00; net 7.50 / 1.27 = 5.9055 to 7.50, its limit 5: 2.50 open
    included, rateless = TaxIncluded.YES, "ENERGY 0.75"
    most = PriceLimit(Decimal(5), Decimal(6))
    found = _paid(rateless, max_price=most, tax_included=included)
    assert (found.excl_vat, found.incl_vat) == (Decimal(6), Decimal(6))
    assert found.excl_known is False
    assert _off(found, "limit_not_verifiable") == Decimal("2.5")
    # a minimum of 8 net could add 8 - 5.9055 = 2.0945
    found = _paid(rateless, min_price=PriceLimit(Decimal(8)), tax_included=included)
    assert (found.excl_vat, found.limits) == (Decimal("7.5"), ())
    assert _off(found, "limit_not_verifiable") == Decimal("2.0945")


def test_two_limits_that_cannot_be_checked_are_two_warnings() -> None:
    limits: dict[str, Any] = {
        "min_price": PriceLimit(None, Decimal(15)),
        "max_price": PriceLimit(None, Decimal(11)),
    }
    found = _paid("ENERGY 1", **limits)
    texts = [one.text.split()[0] for one in found.warnings if one.code == "limit_not_verifiable"]
    assert texts == ["min_price", "max_price"]


def test_a_minimum_for_what_a_rebate_has_paid_is_no_quotient() -> None:
    # 10 x 1 - 10 = 0 -> 1
    one = PriceLimit(Decimal(1), Decimal(1))
    found = _paid("ENERGY 1 vat 0\nFLAT -10 vat 0", min_price=one)
    assert [(part.excl_vat, part.incl_vat) for part in found.taxes] == [(Decimal(1), Decimal(1))]


def test_a_small_rebate_stays_beside_a_price_that_a_minimum_raises() -> None:
    # 10 x 0.05 = 0.50, less 0.20 = 0.30 -> 0.40: the energy becomes 0.60, at 20 % of VAT
    found = _paid("ENERGY 0.05 vat 20\nFLAT -0.2 vat 0", min_price=PriceLimit(Decimal("0.4")))
    assert {part.vat: part.excl_vat for part in found.taxes} == {
        Decimal(20): Decimal("0.6"),
        Decimal(0): Decimal("-0.2"),
    }


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


def test_what_the_charger_did_not_tell_is_named() -> None:
    power, current = "ENERGY 1 when max_power 50", "ENERGY 2 when min_current 20"
    for tariff, words in (
        (power, "power is not"),
        (current, "current is not"),
        (f"{power}\n{current}", "power and current are not"),
    ):
        (warning,) = _paid(f"{tariff}\nENERGY 3").warnings
        assert warning.text.startswith(words)
        assert warning.text.endswith("2026-11-20T09:00:00Z")


def test_energy_that_went_back_in_two_periods_is_one_sum() -> None:
    # 2 kWh and 3 kWh at 0.50: 2.50 were credited
    found = _paid("ENERGY 0.50 vat 0", "09:00 ENERGY -2\n10:00 ENERGY -3\n11:00 end")
    assert found.excl_vat == Decimal("-2.50")
    assert _off(found, "energy_fed_back") == Decimal("2.50")


def test_a_step_across_a_change_of_tariff_may_be_off_by_what_it_would_add() -> None:
    # 25 min at 6/h, then 22 min at 12/h with a step of 30 min. Ours: 22 -> 30 min, 2.50 + 6.00.
    # On the session's total, 47 -> 60 min: 35 min at 12/h = 7.00, 1.00 more.
    tariff = "tariff A\nTIME 6 vat 0\ntariff B\nTIME 12 vat 0 step 1800"
    session = "09:00 TIME 0.4166666667 tariff A\n09:25 TIME 0.3666666667 tariff B\n09:47 end"
    found = _paid(tariff, session)
    assert found.excl_vat == Decimal("8.50")
    assert _off(found, "step_after_switch") == 1


def test_a_change_of_tariff_opens_the_steps_of_energy_and_of_time_each_for_itself() -> None:
    # energy 1.2 -> 2 by B; of 5.5 -> 6 in all 0.3 less, by A 4.3 -> 5: 0.7 x 0.50 = 0.35 more
    # time 12 -> 20 min by B; of 27 -> 30 in all 5 min less, by A 15 -> 20: 5 min x 0.10 = 0.50
    each = "ENERGY 0.50 vat 0 step 1000 + TIME 6 vat 0 step 600"
    tariff = f"tariff A\n{each}\ntariff B\n{each}"
    first, then = "09:00 ENERGY 4.3 TIME 0.25 tariff A", "09:15 ENERGY 1.2 TIME 0.2 tariff B"
    both = _paid(tariff, f"{first}\n{then}\n09:27 end")
    assert [one.off for one in both.warnings] == [Decimal("0.35"), Decimal("0.5")]
    assert {one.code for one in both.warnings} == {"step_after_switch"}
    only_time = _paid(tariff, f"{first.replace('ENERGY 4.3 ', '')}\n{then}\n09:27 end")
    assert [one.off for one in only_time.warnings] == [Decimal("0.5")]


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


def test_a_refusal_names_all_that_has_no_reading() -> None:
    tariff, _ = read_tariff(tariff_objects("ENERGY 1", "2.2.1")[0])
    names = ("elements.0.moon of no known kind", "elements.1.tide")
    with pytest.raises(TariffNotSupported) as refusal:
        prepare(replace(tariff, unsupported=names), "UTC")
    assert refusal.value.field == "elements.0.moon"
    assert str(refusal.value).endswith(": elements.0.moon of no known kind, elements.1.tide")


def test_a_tariff_is_kept_as_it_was_published_however_it_is_read() -> None:
    tariff, _ = read_tariff(tariff_objects("FLAT 1\nENERGY 1", "2.2.1")[0])
    older = replace(tariff, first_match=FirstMatch.PER_ELEMENT)
    assert prepare(older, "UTC").tariff == older


def test_a_net_that_does_not_end_has_more_digits_than_money_needs() -> None:
    """0.49 incl. 19 %, times ten: 4.1176470588235294117647058823529411764..."""
    written = tariff_objects("ENERGY 0.49 vat 19", "2.3.0")[0] | {"tax_included": "YES"}
    tariff, _ = read_tariff_2_3_0(written)
    cdr, _ = read_cdr(cdr_object(_DAY, _TEN_KWH, *tariff_objects("ENERGY 1", "2.2.1")))
    found = price(prepare(tariff, "UTC"), Usage(cdr.start, cdr.end, cdr.periods))
    assert abs(Fraction(found.excl_vat) * 119 - 490) < _NEARLY
    assert found.incl_vat == Decimal("4.90")


def test_what_is_at_stake_is_net_and_as_exact_as_the_price() -> None:
    # -1 incl. 19 %, times ten, is 8.4033613445... less
    found = _paid("ENERGY -1 vat 19", tax_included=TaxIncluded.YES)
    (warning,) = [one for one in found.warnings if one.code == "negative_price"]
    assert abs(Fraction(warning.off) * 119 - 1000) < _NEARLY


def test_time_that_nobody_told_is_at_stake_under_a_rebate_too() -> None:
    # An hour without a word, at 6/h less: 6.00 either way, and never less than nothing
    found = _paid("TIME -6 vat 0 + ENERGY 1 vat 0")
    assert _off(found, "time_missing") == 6
