"""What does OCPI 2.3.0 say otherwise, and which reading do we take of it?"""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.tariff import DisplayText, FirstMatch, PriceLimit, TaxIncluded
from chalicelib.domain.tariff.usage import Cost, TaxAmount
from chalicelib.ocpi.v2_3_0.cdr import read_cdr
from chalicelib.ocpi.v2_3_0.tariff import read_tariff
from tests.golden.tariff_notation import cdr_object, tariff_object


def _tariff(**changes: Any) -> dict[str, Any]:
    return {**tariff_object("TIME 2.10"), "tax_included": "YES", **changes}


def _cdr(**changes: Any) -> dict[str, Any]:
    whole = cdr_object(date(2026, 1, 14), "09:00 TIME 2.5\n11:30 end", _tariff())
    taxes = [
        {"name": "GST", "account_number": "12", "percentage": 5, "amount": Decimal("0.25")},
        {"name": "QST", "amount": Decimal("0.50")},
    ]
    cost = {"before_taxes": 5, "taxes": taxes}
    return {**whole, "total_cost": cost, "total_time": Decimal("2.5"), **changes}


@pytest.mark.parametrize("sent", ["YES", "NO", "N/A"])
def test_a_tariff_says_whether_its_prices_include_tax(sent: str) -> None:
    tariff, mended = read_tariff(_tariff(tax_included=sent))
    assert mended == ()
    assert tariff.tax_included is TaxIncluded(sent)
    assert tariff.first_match is FirstMatch.PER_DIMENSION


def test_a_tariff_that_does_not_say_it_excludes_tax_and_that_is_listed() -> None:
    tariff, mended = read_tariff(_tariff(tax_included=None))
    assert tariff.tax_included is TaxIncluded.NO
    assert mended == ("tax_included_missing tax_included: is missing: NO was taken",)


def test_limits_are_before_and_after_taxes() -> None:
    tariff, mended = read_tariff(
        _tariff(min_price={"before_taxes": 1, "after_taxes": 2}, max_price={"before_taxes": 9})
    )
    assert mended == ()
    assert tariff.min_price == PriceLimit(Decimal(1), Decimal(2))
    assert tariff.max_price == PriceLimit(Decimal(9))


def test_texts_link_mix_and_preauthorisation_are_carried_along() -> None:
    mix = {"is_green_energy": True, "energy_sources": [{"source": "WIND", "percentage": 70}]}
    tariff, mended = read_tariff(
        _tariff(
            tariff_alt_text=[{"language": "nl", "text": "2 euro p/uur"}],
            tariff_alt_url="https://company.example/12",
            energy_mix=mix,
            preauthorize_amount=Decimal("40.00"),
        )
    )
    assert mended == ()
    assert tariff.texts == (DisplayText("nl", "2 euro p/uur"),)
    assert tariff.url == "https://company.example/12"
    assert tariff.preauthorize_amount == PriceLimit(Decimal("40.00"))
    assert tariff.energy_mix is not None
    assert json.loads(tariff.energy_mix)["energy_sources"][0]["percentage"] == "70"


def test_a_cost_is_before_taxes_and_each_of_them() -> None:
    cdr, mended = read_cdr(_cdr())
    assert mended == ()
    assert cdr.total_cost == Cost(
        Decimal(5),
        Decimal("5.75"),
        (
            TaxAmount("GST", "12", Decimal(5), Decimal("0.25")),
            TaxAmount("QST", "", None, Decimal("0.50")),
        ),
    )
    assert cdr.tariffs[0].tax_included is TaxIncluded.YES


@pytest.mark.parametrize(("taxes", "incl"), [([], Decimal(5)), (None, None)])
def test_no_taxes_is_not_the_same_as_nothing_said_of_taxes(
    taxes: Any, incl: Decimal | None
) -> None:
    cdr, _ = read_cdr(_cdr(total_cost={"before_taxes": 5, "taxes": taxes}))
    assert cdr.total_cost == Cost(Decimal(5), incl)


def test_the_words_of_2_2_1_are_understood_and_listed() -> None:
    cdr, mended = read_cdr(_cdr(total_cost={"excl_vat": 5, "incl_vat": 6}))
    assert cdr.total_cost == Cost(Decimal(5), Decimal(6))
    assert [note.partition(": ")[0] for note in mended] == ["price_of_another_version total_cost"]


def test_a_booking_is_no_charging_and_is_named_as_not_supported() -> None:
    sent = _tariff()
    sent["elements"].append(
        {"price_components": [{"type": "FLAT", "price": 1}], "restrictions": {"booking": "BOOKING"}}
    )
    tariff, _ = read_tariff(sent)
    assert tariff.unsupported == ("elements.1.restrictions.booking",)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total_cost": {"taxes": []}}, "total_cost.before_taxes"),
        (
            {"total_cost": {"before_taxes": 1, "taxes": [{"name": "GST"}]}},
            "total_cost.taxes.0.amount",
        ),
        ({"total_cost": {"before_taxes": 1, "taxes": [1]}}, "total_cost.taxes.0"),
    ],
)
def test_a_cost_without_a_reading_is_refused_by_its_path(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        read_cdr(_cdr(**changes))
    assert refusal.value.field == field
