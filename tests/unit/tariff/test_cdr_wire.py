"""What do real CDRs look like, and which reading do we take of them?"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.usage import Cost
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
    assert mended == ("charging_periods: were not in the order of time",)


def test_a_total_that_the_periods_do_not_bear_out_is_noted() -> None:
    _, mended = read_cdr(_cdr(total_energy=Decimal(25)))
    assert mended == ("total_energy: 25 was sent, the periods have 20",)


def test_the_dust_of_binary_fractions_is_wiped_off() -> None:
    cdr, mended = read_cdr(_cdr("09:00 ENERGY 20.000000000000004\n11:00 end"))
    assert cdr.periods[0].energy_kwh == Decimal(20)
    assert mended == ("dimensions: an ENERGY was sent with more than 6 decimals",)


def test_dimensions_that_nobody_prices_are_noted() -> None:
    cdr, mended = read_cdr(_cdr("09:00 ENERGY 20 STATE_OF_CHARGE 80\n11:00 end"))
    assert cdr.periods[0].energy_kwh == Decimal(20)
    assert mended == ("dimensions: STATE_OF_CHARGE is not priced and left out",)


def test_a_tariff_without_a_reading_does_not_cost_the_cdr() -> None:
    cdr, mended = read_cdr(_cdr(tariffs=[{"id": "broken"}]))
    assert cdr.tariffs == ()
    assert mended[0].startswith("tariffs.0: left out")


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
        ({"total_energy": -1}, "total_energy"),
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


def test_a_negative_volume_is_refused_by_its_period() -> None:
    with pytest.raises(Invalid) as refusal:
        read_cdr(_cdr("09:00 ENERGY 20\n10:00 ENERGY -5\n11:00 end"))
    assert refusal.value.field == "charging_periods.1.dimensions"


def test_something_that_is_no_object_is_refused() -> None:
    with pytest.raises(Invalid):
        read_cdr([])
