"""What does OCPI 2.1.1 say otherwise, and which reading do we take of it?"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.tariff import FirstMatch, PriceLimit, TaxIncluded
from chalicelib.domain.tariff.usage import Cost
from chalicelib.ocpi.lenient.tariff import Owner
from chalicelib.ocpi.v2_1_1.cdr import read_cdr, time_zone_of
from chalicelib.ocpi.v2_1_1.tariff import read_tariff

_TARIFF = {
    "id": "12",
    "currency": "EUR",
    "elements": [{"price_components": [{"type": "TIME", "price": 2, "step_size": 300}]}],
    "last_updated": "2015-02-02T14:15:01Z",
}


def _cdr(**changes: Any) -> dict[str, Any]:
    evse = {"uid": "3256", "connectors": [{"id": "1"}]}
    whole = {
        "id": "12345",
        "start_date_time": "2015-06-29T21:39:09Z",
        "stop_date_time": "2015-06-29T23:37:32Z",
        "auth_id": "DE8ACC12E46L89",
        "location": {"id": "LOC1", "time_zone": "Europe/Brussels", "evses": [evse]},
        "currency": "EUR",
        "tariffs": [_TARIFF],
        "charging_periods": [
            {
                "start_date_time": "2015-06-29T21:39:09Z",
                "dimensions": [{"type": "TIME", "volume": Decimal("1.973")}],
            }
        ],
        "total_cost": Decimal("4.00"),
        "total_energy": 0,
        "total_time": Decimal("1.973"),
        "last_updated": "2015-06-29T22:01:13Z",
    }
    return {**whole, **changes}


def test_a_tariff_knows_neither_vat_nor_owner_and_its_first_element_decides_all() -> None:
    tariff, mended = read_tariff(_TARIFF, Owner("NL", "TNM"))
    assert mended == ()
    assert (tariff.country_code, tariff.party_id) == ("NL", "TNM")
    assert tariff.elements[0].price_components[0].vat is None
    assert tariff.first_match is FirstMatch.PER_ELEMENT
    assert tariff.tax_included is TaxIncluded.NO


def test_members_of_later_versions_are_read_and_listed() -> None:
    component = {"type": "TIME", "price": 2, "step_size": 300, "vat": 21}
    limits = {"min_current": 32}
    sent = {
        **_TARIFF,
        "max_price": {"excl_vat": 10},
        "elements": [{"price_components": [component], "restrictions": limits}],
    }
    tariff, mended = read_tariff(sent)
    assert tariff.elements[0].price_components[0].vat == 21
    assert tariff.elements[0].restrictions.min_current == 32
    assert tariff.max_price == PriceLimit(Decimal(10))
    assert [note.partition(": ")[0] for note in mended] == [
        "foreign_member max_price",
        "foreign_member elements.0.price_components.0.vat",
        "foreign_member elements.0.restrictions.min_current",
        "price_of_another_version max_price",
    ]


def test_a_cdr_is_read_whole() -> None:
    cdr, mended = read_cdr(_cdr(), "ab12", Owner("BE", "BEC"))
    assert mended == ()
    assert (cdr.country_code, cdr.party_id, cdr.id) == ("BE", "BEC", "12345")
    assert cdr.end == datetime(2015, 6, 29, 23, 37, 32, tzinfo=UTC)
    assert (cdr.token_uid, cdr.location_id) == ("DE8ACC12E46L89", "LOC1")
    assert (cdr.evse_uid, cdr.connector_id) == ("3256", "1")
    assert cdr.total_cost == Cost(Decimal(4))
    assert cdr.raw_hash == "ab12"
    assert time_zone_of(_cdr()) == "Europe/Brussels"


def test_periods_name_no_tariff_so_the_only_one_is_theirs() -> None:
    cdr, _ = read_cdr(_cdr())
    assert [period.tariff_id for period in cdr.periods] == ["12"]
    cdr, _ = read_cdr(_cdr(tariffs=[_TARIFF, {**_TARIFF, "id": "13"}]))
    assert [period.tariff_id for period in cdr.periods] == [""]


def test_a_cdr_in_the_words_of_2_2_1_is_read_and_listed() -> None:
    sent = _cdr(stop_date_time=None, end_date_time="2015-06-29T23:37:32Z")
    cdr, mended = read_cdr({**sent, "total_cost": {"excl_vat": 4, "incl_vat": 5}})
    assert cdr.total_cost == Cost(Decimal(4), Decimal(5))
    assert [note.partition(": ")[0] for note in mended] == [
        "foreign_member end_date_time",
        "price_of_another_version total_cost",
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stop_date_time": None}, "stop_date_time"),
        ({"total_cost": None}, "total_cost"),
        ({"location": "LOC1"}, "location"),
        ({"charging_periods": [3]}, "charging_periods.0"),
    ],
)
def test_what_has_no_reading_is_refused_by_its_path(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_cdr(_cdr(**changes))
    assert refusal.value.field == field
