"""What do real feeds send, and which reading do we take of it?"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.prepare import TariffNotSupported, prepare
from chalicelib.domain.tariff.tariff import (
    Dimension,
    PriceComponent,
    PriceLimit,
    Restrictions,
    Weekday,
)
from chalicelib.ocpi.v2_2_1.tariff import read_tariff


def _tariff(restrictions: Any = None, **changes: Any) -> dict[str, Any]:
    element: dict[str, Any] = {
        "price_components": [
            {"type": "ENERGY", "price": Decimal("0.25"), "vat": 10, "step_size": 1}
        ]
    }
    if restrictions is not None:
        element["restrictions"] = restrictions
    whole = {
        "country_code": "DE",
        "party_id": "TST",
        "id": "T1",
        "currency": "EUR",
        "elements": [element],
        "last_updated": "2026-01-01T00:00:00Z",
    }
    return {**whole, **changes}


def test_a_clean_tariff_is_read_without_a_note() -> None:
    limits = {"start_time": "09:00", "end_date": "2026-12-31", "max_kwh": 50, "min_duration": 60}
    tariff, mended = read_tariff(
        _tariff({**limits, "day_of_week": ["SUNDAY", "MONDAY"]}, max_price={"excl_vat": 10})
    )
    assert mended == ()
    (element,) = tariff.elements
    component = PriceComponent(Dimension.ENERGY, Decimal("0.25"), 1, Decimal(10))
    assert element.price_components == (component,)
    assert element.restrictions == Restrictions(
        start_time=time(9),
        end_date=date(2026, 12, 31),
        max_kwh=Decimal(50),
        min_duration_s=60,
        day_of_week=(Weekday.MONDAY, Weekday.SUNDAY),
    )
    assert tariff.max_price == PriceLimit(Decimal(10), None)
    assert tariff.last_updated == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("9:00", time(9)),
        ("09:00:00", time(9)),
        ("19:59:59", time(20)),
        ("23:59:59", time(0)),
        ("24:00", time(0)),
    ],
)
def test_an_end_of_day_is_read_however_it_is_written(sent: str, read: time) -> None:
    tariff, mended = read_tariff(_tariff({"end_time": sent}))
    assert tariff.elements[0].restrictions.end_time == read
    assert bool(mended) == (sent != "24:00")


def test_what_feeds_send_amiss_is_mended_and_listed() -> None:
    sent = _tariff([{"max_kwh": "50"}], currency="eur", max_price=10, last_updated="2026-01-01")
    tariff, mended = read_tariff(sent)
    assert tariff.currency == "EUR"
    assert tariff.elements[0].restrictions.max_kwh == Decimal(50)
    assert tariff.max_price == PriceLimit(Decimal(10))
    assert {note.partition(": ")[0] for note in mended} == {
        "lower_case currency",
        "list_for_one elements.0.restrictions",
        "number_as_text elements.0.restrictions.0.max_kwh",
        "bare_price max_price",
        "timestamp_without_t last_updated",
    }


def test_members_that_no_version_knows_are_left_out_and_listed() -> None:
    sent = _tariff(colour="green", logo=None)
    sent["elements"][0]["price_components"][0]["tint"] = 1
    tariff, mended = read_tariff(sent)
    assert tariff.unsupported == ()
    assert [note.partition(":")[0] for note in mended] == [
        "member_left_out colour",
        "member_left_out elements.0.price_components.0.tint",
    ]


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (_tariff({"min_temperature": 20}), "elements.0.restrictions.min_temperature"),
        (_tariff({"day_of_week": ["HOLIDAY"]}), "elements.0.restrictions.day_of_week.0 HOLIDAY"),
        (
            _tariff({"reservation": "RESERVATION_MAYBE"}),
            "elements.0.restrictions.reservation RESERVATION_MAYBE",
        ),
        (
            _tariff(elements=[{"price_components": [{"type": "SMILE", "price": 1}]}]),
            "elements.0.price_components.0.type SMILE",
        ),
    ],
)
def test_a_tariff_that_says_more_is_kept_but_not_priced_and_says_why(
    sent: dict[str, Any], name: str
) -> None:
    tariff, _ = read_tariff(sent)
    with pytest.raises(TariffNotSupported) as refusal:
        prepare(tariff, "Europe/Berlin")
    assert refusal.value.names == (name,)
    assert name in str(refusal.value)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (_tariff(elements=[]), "elements"),
        (_tariff({"start_time": "noon"}), "elements.0.restrictions.start_time"),
        (_tariff({"start_time": "25:00"}), "elements.0.restrictions.start_time"),
        (_tariff({"end_date": "31.12.2026"}), "elements.0.restrictions.end_date"),
        (_tariff({"max_kwh": "much"}), "elements.0.restrictions.max_kwh"),
        (_tariff({"min_duration": Decimal("1.5")}), "elements.0.restrictions.min_duration"),
        (_tariff([{"max_kwh": 1}, {"max_kwh": 2}]), "elements.0.restrictions"),
        (_tariff(currency="EURO"), "currency"),
        (_tariff(last_updated="yesterday"), "last_updated"),
        (_tariff(tax_included="PERHAPS"), "tax_included"),
        (_tariff(elements=[{"price_components": []}] * 1001), "elements"),
        (
            _tariff(elements=[{"price_components": [{"type": "FLAT", "price": 1, "vat": 119}]}]),
            "elements.0.price_components.0.vat",
        ),
        (
            _tariff(elements=[{"price_components": [{"type": "FLAT"}]}]),
            "elements.0.price_components.0.price",
        ),
    ],
)
def test_what_has_no_reading_is_refused_by_its_field(sent: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_tariff(sent)
    assert refusal.value.field == field


def test_a_tariff_that_does_not_say_when_it_changed_is_older_than_any_that_does() -> None:
    tariff, mended = read_tariff(_tariff(last_updated=None))
    assert tariff.last_updated == datetime(1970, 1, 1, tzinfo=UTC)
    assert mended[0].startswith("last_updated_missing last_updated: ")


def test_a_weekday_may_be_abbreviated_and_a_date_may_have_its_midnight() -> None:
    limits = {"day_of_week": ["MON"], "start_date": "2026-11-20T00:00:00Z"}
    tariff, mended = read_tariff(_tariff(limits))
    assert tariff.elements[0].restrictions == Restrictions(
        start_date=date(2026, 11, 20), day_of_week=(Weekday.MONDAY,)
    )
    assert [note.partition(": ")[0] for note in mended] == [
        "date_with_time elements.0.restrictions.start_date",
        "weekday_abbreviated elements.0.restrictions.day_of_week.0",
    ]


def test_what_is_mended_alike_is_told_once_with_its_number() -> None:
    component = {"type": "ENERGY", "price": "0.25", "step_size": 1}
    _, mended = read_tariff(_tariff(elements=[{"price_components": [component]}] * 3))
    path = "elements.0.price_components.0.price"
    (note,) = mended
    assert note == f"number_as_text {path}: '0.25' was sent for a number (and 2 more alike)"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (Decimal("0.1000000000000000055511151231257827"), Decimal("0.1")),
        (Decimal("4.440892098500626E-16"), Decimal(0)),
        (Decimal("0E-999"), Decimal(0)),
        (Decimal("-0.25"), Decimal("-0.25")),
    ],
)
def test_a_number_keeps_12_decimals_which_is_more_than_anybody_measures(
    sent: Decimal, read: Decimal
) -> None:
    component = {"type": "ENERGY", "price": sent, "step_size": 1}
    tariff, mended = read_tariff(_tariff(elements=[{"price_components": [component]}]))
    assert tariff.elements[0].price_components[0].price == read
    assert bool(mended) == (sent != read)


@pytest.mark.parametrize("sent", ["1e13", "9" * 65, "NaN", "1_000", "0x1", "", Decimal("1E+13")])
def test_a_number_beyond_anything_measured_is_refused_by_its_path(sent: Any) -> None:
    component = {"type": "ENERGY", "price": sent, "step_size": 1}
    with pytest.raises(Invalid) as refusal:
        read_tariff(_tariff(elements=[{"price_components": [component]}]))
    assert refusal.value.field == "elements.0.price_components.0.price"


def test_a_zone_that_does_not_exist_is_refused() -> None:
    tariff, _ = read_tariff(_tariff())
    for zone in ("Europe/Atlantis", "", "../etc/passwd"):
        with pytest.raises(Invalid) as refusal:
            prepare(tariff, zone)
        assert refusal.value.field == "time_zone"
