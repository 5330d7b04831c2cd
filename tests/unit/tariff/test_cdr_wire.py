"""What do real CDRs look like, and which reading do we take of them?"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import currency
from chalicelib.domain.tariff.usage import Cost, Usage
from chalicelib.ocpi.lenient.plain import plain_claim, plain_usage
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from tests.golden.tariff_notation import cdr_object, tariff_object


def _cdr(session: str = "09:00 ENERGY 20 TIME 2\n11:00 end", **changes: Any) -> dict[str, Any]:
    return {
        **cdr_object(date(2026, 1, 14), session, tariff_object("ENERGY 0.25")),
        "total_cost": {"excl_vat": Decimal(5)},
        "total_time": Decimal(2),
        **changes,
    }


def test_a_cdr_is_read_whole() -> None:
    cdr, mended = read_cdr(_cdr(session_id="S1", authorization_reference="ses_1"), "ab12")
    assert mended == ()
    assert (cdr.session_id, cdr.authorization_reference, cdr.raw_hash) == ("S1", "ses_1", "ab12")
    assert (cdr.token_uid, cdr.location_id, cdr.evse_uid) == ("012345678", "LOC1", "1")
    assert cdr.total_cost == Cost(Decimal(5))
    assert cdr.periods[0].start == datetime(2026, 1, 14, 9, tzinfo=UTC)
    assert [tariff.id for tariff in cdr.tariffs] == ["T1"]


def test_periods_out_of_order_are_ordered_and_noted() -> None:
    sent = _cdr("09:00 ENERGY 20 TIME 1\n10:00 ENERGY 1\n11:00 end")
    sent["charging_periods"].reverse()
    cdr, mended = read_cdr(sent)
    assert [period.energy_kwh for period in cdr.periods] == [Decimal(20), Decimal(1)]
    assert mended == ("periods_unordered charging_periods: were not in the order of time",)


def test_a_total_that_the_periods_do_not_bear_out_is_noted() -> None:
    _, mended = read_cdr(_cdr(total_energy=Decimal(25)))
    assert mended == ("total_differs total_energy: 25 was sent, the periods have 20",)


@pytest.mark.parametrize(
    ("sent", "code"), [("20.000000000000004", "number_rounded"), ("20.0000004", "energy_rounded")]
)
def test_the_dust_of_binary_fractions_is_wiped_off(sent: str, code: str) -> None:
    cdr, mended = read_cdr(_cdr(f"09:00 ENERGY {sent}\n11:00 end", total_energy=20))
    assert cdr.periods[0].energy_kwh == Decimal(20)
    (note,) = mended
    assert note.startswith(f"{code} charging_periods.0.dimensions.0.volume: ")


def test_dimensions_that_nobody_prices_are_noted() -> None:
    cdr, mended = read_cdr(_cdr("09:00 ENERGY 20 STATE_OF_CHARGE 80\n11:00 end"))
    assert cdr.periods[0].energy_kwh == Decimal(20)
    path = "charging_periods.0.dimensions.1.type"
    assert mended == (f"dimension_left_out {path}: STATE_OF_CHARGE is not priced",)


def test_a_tariff_without_a_reading_does_not_cost_the_cdr() -> None:
    cdr, mended = read_cdr(_cdr(tariffs=[{"id": "broken"}]))
    assert cdr.tariffs == ()
    assert mended == ("tariff_left_out tariffs.0.elements: a tariff has at least one element",)


def test_what_old_feeds_send_is_mended() -> None:
    sent = _cdr(total_cost="5.00", session_id="", end_date_time="2026-01-14T11:00:00", evse=None)
    sent["cdr_location"]["evse_uid"] = "#NA"
    cdr, mended = read_cdr(sent)
    assert cdr.total_cost == Cost(Decimal(5))
    assert (cdr.session_id, cdr.evse_uid) == ("", "")
    assert mended


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"total_cost": {"incl_vat": 5}}, "total_cost.excl_vat"),
        ({"total_time": -1}, "total_time"),
        ({"total_energy": Decimal("NaN")}, "total_energy"),
        ({"currency": "EURO"}, "currency"),
        ({"end_date_time": "2026-01-14T08:00:00Z"}, "end_date_time"),
        ({"charging_periods": []}, "charging_periods"),
        ({"start_date_time": "yesterday"}, "start_date_time"),
    ],
)
def test_a_cdr_without_a_reading_is_refused_by_its_field(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        read_cdr(_cdr(**changes))
    assert refusal.value.field == field


def test_negative_time_is_refused_by_its_path() -> None:
    with pytest.raises(Invalid) as refusal:
        read_cdr(_cdr("09:00 ENERGY 20\n10:00 TIME -1\n11:00 end"))
    assert refusal.value.field == "charging_periods.1.dimensions.0.volume"


def test_energy_that_was_fed_into_the_grid_is_negative() -> None:
    cdr, mended = read_cdr(_cdr("09:00 ENERGY 20\n10:00 ENERGY -5\n11:00 end"))
    assert [period.energy_kwh for period in cdr.periods] == [Decimal(20), Decimal(-5)]
    assert mended == ()


def test_a_dimension_told_twice_is_added_up_and_a_reading_is_the_furthest() -> None:
    told = [("ENERGY", 1), ("ENERGY", 2), ("MAX_POWER", 7), ("MAX_POWER", 5), ("MIN_POWER", 0)]
    dimensions = [{"type": kind, "volume": volume} for kind, volume in told]
    period = {"start_date_time": "2026-01-14T09:00:00Z", "dimensions": dimensions}
    cdr, mended = read_cdr(_cdr(charging_periods=[period], total_energy=3))
    (found,) = cdr.periods
    readings = (found.energy_kwh, found.max_power_kw, found.min_power_kw)
    assert readings == (Decimal(3), Decimal(7), Decimal(0))
    assert [note.partition(": ")[0] for note in mended] == [
        "dimension_twice charging_periods.0.dimensions.1.type"
    ]


def test_what_the_totals_repeat_is_worked_out_where_it_is_missing() -> None:
    missing = dict.fromkeys(("total_energy", "total_time", "last_updated", "currency"))
    cdr, mended = read_cdr({**_cdr(), **missing})
    assert (cdr.total_energy_kwh, cdr.total_time_h) == (Decimal(20), Decimal(2))
    assert cdr.currency == currency("EUR")
    assert cdr.last_updated == cdr.end
    assert {note.partition(" ")[0] for note in mended} == {
        "total_missing",
        "last_updated_missing",
        "currency_missing",
    }


def test_a_part_of_the_cost_without_a_reading_does_not_cost_the_cdr() -> None:
    cdr, mended = read_cdr(
        _cdr(total_energy_cost={"excl_vat": 5, "incl_vat": 6}, total_time_cost={"excl_vat": "much"})
    )
    assert cdr.total_energy_cost == Cost(Decimal(5), Decimal(6))
    assert cdr.total_time_cost is None
    assert mended[0].startswith("number_as_text total_time_cost.excl_vat: ")
    assert mended[1] == "cost_left_out total_time_cost.excl_vat: 'much' is not a number"


def test_a_tariff_inside_a_cdr_belongs_to_the_cdrs_owner_if_it_names_none() -> None:
    sent = _cdr()
    del sent["tariffs"][0]["country_code"], sent["tariffs"][0]["party_id"]
    cdr, mended = read_cdr(sent)
    assert (cdr.tariffs[0].country_code, cdr.tariffs[0].party_id) == ("DE", "TST")
    assert [note.partition(": ")[0] for note in mended] == [
        "owner_missing tariffs.0.country_code",
        "owner_missing tariffs.0.party_id",
    ]


def test_a_cdr_of_more_periods_than_anybody_charges_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        read_cdr(_cdr(charging_periods=_cdr()["charging_periods"] * 5001))
    assert refusal.value.field == "charging_periods"


@pytest.mark.parametrize(
    "session",
    ["09:00 ENERGY 20 TIME 2\n11:00 end", "09:00 TIME 1\n10:00 ENERGY 3 PARKING_TIME 1\n11:00 end"],
)
def test_what_an_audit_needs_is_read_quickly_and_is_the_same_as_in_the_whole(session: str) -> None:
    cdr, _ = read_cdr(_cdr(session))
    assert plain_usage(_cdr(session)) == Usage(cdr.start, cdr.end, cdr.periods)
    assert plain_claim(_cdr(session)) == (cdr.id, cdr.currency, cdr.total_cost)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 7},
        {"currency": "eur"},
        {"total_cost": 1},
        {"total_cost": {"excl_vat": "1.00"}},
        {"credit": True},
        {"charging_periods": []},
        {"end_date_time": "2020-01-01T00:00:00Z"},
    ],
)
def test_what_is_told_in_any_other_way_is_left_to_the_whole_reader(changes: dict[str, Any]) -> None:
    assert None in {plain_claim(_cdr(**changes)), plain_usage(_cdr(**changes))}


def test_something_that_is_no_object_is_refused() -> None:
    with pytest.raises(Invalid):
        read_cdr([])
