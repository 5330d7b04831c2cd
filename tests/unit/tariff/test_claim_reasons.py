"""Is the reason named for which a CPO asks for another price than its published one?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.tariff.claim.parts import Match
from chalicelib.domain.tariff.claim.reason import Explains
from chalicelib.domain.tariff.claim.report import IN_CDR, Report, report
from chalicelib.domain.tariff.claim.trial import NamedTariff, ReasonCode
from chalicelib.domain.tariff.compare import Verdict
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import ChargingPeriod, Cost, Costs, Part, Usage
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from tests.golden.tariff_notation import tariff_object

ZONE = "Europe/Berlin"
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)  # ten o'clock in Berlin
CENT = Decimal("0.01")


def _tariff(text: str) -> Tariff:
    return read_tariff(tariff_object(text))[0]


def _period(minute: int, **volumes: str) -> ChargingPeriod:
    told = {name: Decimal(volume) for name, volume in volumes.items()}
    return ChargingPeriod(NINE + timedelta(minutes=minute), tariff_id="T1", **told)


def _usage(minutes: int, *periods: ChargingPeriod) -> Usage:
    return Usage(NINE, NINE + timedelta(minutes=minutes), periods)


def _cost(excl: str, incl: str | None = None) -> Cost:
    return Cost(Decimal(excl), None if incl is None else Decimal(incl))


def _report(text: str, usage: Usage, claimed: Costs, *inside: Tariff) -> Report:
    return report([prepare(_tariff(text), ZONE)], usage, claimed, inside, (), CENT)


def _why(text: str, usage: Usage, total: Cost, **parts: Cost) -> tuple[ReasonCode, str, Explains]:
    claimed = {Part.TOTAL: total, **{Part[name.upper()]: cost for name, cost in parts.items()}}
    first = _report(text, usage, claimed).reasons[0]
    return first.code, first.how, first.explains


ENERGY_AND_TIME = "ENERGY 0.40 vat 20 step 1\nTIME 3 vat 20 step 60"
HOUR = _usage(60, _period(0, energy_kwh="20.4", time_h="1"))  # 8.16 + 3 = 11.16; 13.392 with VAT


class TestVat:
    def test_left_out(self) -> None:
        found = _why(ENERGY_AND_TIME, HOUR, _cost("11.16", "11.16"))
        assert found == (ReasonCode.VAT, "left_out", Explains.TOTAL)

    def test_put_on_twice(self) -> None:
        # 13.392 taken for the net, and a fifth of it again: 16.0704
        found = _why(
            ENERGY_AND_TIME, HOUR, _cost("13.39", "16.07"), energy=_cost("9.792"), time=_cost("3.6")
        )
        assert found == (ReasonCode.VAT, "twice", Explains.ALL)

    def test_prices_taken_to_include_it(self) -> None:
        found = _why(ENERGY_AND_TIME, HOUR, _cost("9.30", "11.16"))
        assert found == (ReasonCode.VAT, "prices_taken_as_gross", Explains.TOTAL)

    def test_another_rate(self) -> None:
        claimed = {Part.TOTAL: _cost("11.16", "13.84")}  # 24 %
        (first, *_) = _report(ENERGY_AND_TIME, HOUR, claimed).reasons
        assert (first.code, first.how) == (ReasonCode.VAT, "other_rate")
        assert "at 24 %" in first.text


class TestStepSize:
    def test_of_energy_read_as_kwh(self) -> None:
        # 20.4 kWh by a step of 1 Wh are 20.4; by 1 kWh 21: 8.40, and the time 3
        found = _why(
            ENERGY_AND_TIME, HOUR, _cost("11.40", "13.68"), energy=_cost("8.40"), time=_cost("3")
        )
        assert found == (ReasonCode.STEP_SIZE, "energy_in_kwh", Explains.ALL)

    def test_of_time_read_as_minutes(self) -> None:
        # 50 minutes by a step of 30 (s): 50; by 30 minutes 60
        usage = _usage(50, _period(0, time_h="0.8333"))
        found = _why("TIME 6 vat 0 step 30", usage, _cost("6.00", "6.00"))
        assert found == (ReasonCode.STEP_SIZE, "time_in_minutes", Explains.TOTAL)

    def test_applied_in_each_period(self) -> None:
        # 2.1 + 3.3 = 5.4 kWh, by 0.5: 5.5; in each period 2.5 + 3.5 = 6
        usage = _usage(60, _period(0, energy_kwh="2.1"), _period(30, energy_kwh="3.3"))
        found = _why("ENERGY 1 vat 0 step 500", usage, _cost("6", "6"), energy=_cost("6"))
        assert found == (ReasonCode.STEP_SIZE, "per_period", Explains.ALL)

    def test_applied_to_charging_and_to_parking(self) -> None:
        # 21 min charging are not rounded before parking: 1.05; 16 min parking by 10: 20 at 6/h: 2
        # the CPO rounds both: 30 min charging are 1.50
        text = "TIME 3 vat 0 step 600\nPARKING_TIME 6 vat 0 step 600"
        usage = _usage(37, _period(0, time_h="0.35"), _period(21, parking_time_h="0.2667"))
        found = _why(text, usage, _cost("3.50"), time=_cost("1.50"), parking=_cost("2"))
        assert found == (ReasonCode.STEP_SIZE, "per_component", Explains.ALL)

    def test_left_out(self) -> None:
        usage = _usage(60, _period(0, energy_kwh="2.1"))
        found = _why("ENERGY 1 vat 0 step 500", usage, _cost("2.10"))
        assert found == (ReasonCode.STEP_SIZE, "ignored", Explains.TOTAL)


DAY_AND_EVENING = (
    "ENERGY 0.30 vat 0 when start_time 06:00 end_time 10:30\nENERGY 0.50 vat 0"  # Berlin
)


class TestPeriodsAndClock:
    def test_a_period_that_the_cpo_divided_by_itself(self) -> None:
        # 10 kWh from 10:00 to 11:00: told as one, 3.00; half of it at 0.50: 4.00
        usage = _usage(60, _period(0, energy_kwh="10"))
        assert _report(DAY_AND_EVENING, usage, {Part.TOTAL: _cost("4")}).reasons[0].how == (
            "divided_evenly"
        )

    def test_a_session_priced_by_its_start(self) -> None:
        # 5 kWh at 0.30 and 5 at 0.50: 4.00; all of it at 0.30: 3.00
        usage = _usage(60, _period(0, energy_kwh="5"), _period(30, energy_kwh="5"))
        found = _why(DAY_AND_EVENING, usage, _cost("3.00"))
        assert found[:2] == (ReasonCode.PERIOD_NOT_SPLIT, "whole_session")

    def test_times_read_as_utc(self) -> None:
        # 11:00 to 12:00 in Berlin is 10:00 to 11:00 UTC: half of it before 10:30
        usage = _usage(120, _period(60, energy_kwh="4"), _period(90, energy_kwh="6"))
        found = _why(DAY_AND_EVENING, usage, _cost("4.20"))  # 1.20 + 3.00 instead of 5.00
        assert found == (ReasonCode.CLOCK, "read_as_utc", Explains.TOTAL)

    def test_a_clock_that_is_two_hours_fast(self) -> None:
        text = "ENERGY 0.30 vat 0 when end_time 11:30\nENERGY 0.50 vat 0"
        usage = _usage(60, _period(0, energy_kwh="4"), _period(30, energy_kwh="6"))
        # 10:00 and 10:30 both at 0.30: 3.00; read as 12:00 and 12:30: 5.00. One hour fast: 4.20
        assert _why(text, usage, _cost("4.20"))[:2] == (ReasonCode.CLOCK, "shifted_+1h")
        assert _why(text, usage, _cost("5.00"))[:2] == (ReasonCode.CLOCK, "shifted_+2h")


class TestOtherReasons:
    def test_another_version_in_the_cdr(self) -> None:
        dearer = replace(_tariff("ENERGY 0.55 vat 20 step 1\nTIME 3 vat 20 step 60"), id="T1")
        claimed = {Part.TOTAL: _cost("14.22", "17.06"), Part.ENERGY: _cost("11.22")}
        found = _report(ENERGY_AND_TIME, HOUR, claimed, dearer)
        first = found.reasons[0]
        assert (first.code, first.explains) == (ReasonCode.OTHER_VERSION, Explains.ALL)
        assert first.tariff_hash == tariff_hash(dearer)
        assert IN_CDR in first.text
        inside = found.in_cdr
        assert inside is not None
        assert inside.comparison is not None
        assert inside.comparison.verdict is Verdict.AGREES
        assert not found.in_cdr_is_published

    def test_tariffs_that_change_within_the_session(self) -> None:
        # Half an hour each: 5 kWh at 0.30 by the published one, 5 at 0.70 by another in the CDR
        first, second = _tariff("ENERGY 0.30 vat 0"), replace(_tariff("ENERGY 0.70 vat 0"), id="T2")
        late = replace(_period(30, energy_kwh="5"), tariff_id="T2")
        usage = _usage(60, _period(0, energy_kwh="5"), late)
        claimed = {Part.TOTAL: _cost("5.00"), Part.ENERGY: _cost("5.00")}
        found = _report("ENERGY 0.30 vat 0", usage, claimed, first, second)
        assert found.in_cdr is not None
        assert [version.id for version in found.in_cdr.tariffs] == ["T1", "T2"]
        assert found.in_cdr.price is not None
        assert found.in_cdr.price.excl_vat == 5
        assert (found.reasons[0].code, found.reasons[0].how) == (
            ReasonCode.OTHER_VERSION,
            "each period's",
        )

    def test_a_version_that_was_published_later(self) -> None:
        later = _tariff("ENERGY 0.45 vat 20 step 1\nTIME 3 vat 20 step 60")
        named = NamedTariff("published 2026-12-01T00:00:00Z", "ab" * 32, prepare(later, ZONE))
        pinned = prepare(_tariff(ENERGY_AND_TIME), ZONE)
        claimed = {Part.TOTAL: _cost("12.18")}
        first = report([pinned], HOUR, claimed, (), (named,), CENT).reasons[0]
        assert (first.code, first.how) == (ReasonCode.OTHER_VERSION, named.where)

    def test_a_maximum_that_was_forgotten(self) -> None:
        found = _why(f"max_price 10 12\n{ENERGY_AND_TIME}", HOUR, _cost("11.16", "13.39"))
        assert found[0] is ReasonCode.LIMIT

    def test_a_price_per_session_in_every_period(self) -> None:
        usage = _usage(60, _period(0, energy_kwh="5"), _period(30, energy_kwh="5"))
        found = _why("FLAT 1 vat 0\nENERGY 0.50 vat 0", usage, _cost("7"), fixed=_cost("2"))
        assert found[:2] == (ReasonCode.DIMENSION, "flat_per_period")

    def test_parking_billed_as_charging_too(self) -> None:
        text = "TIME 3 vat 0\nPARKING_TIME 6 vat 0"
        usage = _usage(60, _period(0, time_h="0.5"), _period(30, parking_time_h="0.5"))
        found = _why(text, usage, _cost("6.00"), time=_cost("3.00"), parking=_cost("3.00"))
        assert found == (ReasonCode.DIMENSION, "parking_as_charging", Explains.ALL)

    def test_a_price_rounded_before_multiplying(self) -> None:
        # 0.49 + 19 % = 0.5831, shown as 0.58: 100 kWh cost 58.00 instead of 58.31
        usage = _usage(60, _period(0, energy_kwh="100"))
        found = _why("ENERGY 0.49 vat 19 step 1", usage, _cost("48.74", "58.00"))
        assert found[:2] == (ReasonCode.ROUNDING, "unit_price")

    def test_prices_that_nobody_published(self) -> None:
        claimed = {"energy": _cost("10.20"), "time": _cost("3.75")}  # a quarter more of each
        found = _why(ENERGY_AND_TIME, HOUR, _cost("13.95"), **claimed)
        assert found[0] is ReasonCode.OTHER_PRICES

    def test_a_sum_that_nothing_explains(self) -> None:
        assert _why(ENERGY_AND_TIME, HOUR, _cost("77.77"))[0] is ReasonCode.UNKNOWN


class TestParts:
    @pytest.mark.parametrize(
        ("energy", "match", "rule"),
        [
            ("8.16", Match.EQUAL, None),
            ("8.16004", Match.WITHIN_TOLERANCE, "ocpi_number_4_decimals"),
            ("8.164", Match.WITHIN_TOLERANCE, "rounded_to_minor_unit"),
            ("8.17", Match.WITHIN_TOLERANCE, "one_minor_unit_is_agreement"),
            ("8.18", Match.DIFFERS, None),
        ],
    )
    def test_a_part_is_judged_by_the_narrowest_rule(
        self, energy: str, match: Match, rule: str | None
    ) -> None:
        claimed = {Part.TOTAL: _cost("11.16"), Part.ENERGY: _cost(energy)}
        checks = {one.part: one for one in _report(ENERGY_AND_TIME, HOUR, claimed).published.parts}
        found = checks[Part.ENERGY]
        assert found.match is match
        assert (found.tolerance and found.tolerance.rule) == rule
        assert checks[Part.TIME].match is Match.NOT_STATED
        assert checks[Part.TIME].computed.excl_vat == 3

    def test_what_a_reading_leaves_open_is_a_tolerance_of_ours(self) -> None:
        usage = _usage(60, _period(0, energy_kwh="10"))
        claimed = {Part.TOTAL: _cost("4")}
        (total, *_) = _report(DAY_AND_EVENING, usage, claimed).published.parts
        assert total.tolerance is not None
        assert total.tolerance.rule == "readings_leave_open"

    def test_totals_that_agree_need_no_reason(self) -> None:
        found = _report(ENERGY_AND_TIME, HOUR, {Part.TOTAL: _cost("11.16", "13.39")})
        assert found.reasons == ()

    def test_a_tariff_in_the_cdr_that_cannot_be_priced_is_told(self) -> None:
        strange = replace(_tariff("ENERGY 1"), unsupported=("restriction tide",))
        found = _report(ENERGY_AND_TIME, HOUR, {Part.TOTAL: _cost("11.16")}, strange)
        assert found.in_cdr is not None
        assert "tide" in found.in_cdr.refused
