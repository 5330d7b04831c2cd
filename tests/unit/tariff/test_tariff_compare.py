"""Does a claim agree with the published tariff?"""

from decimal import Decimal
from fractions import Fraction

import pytest

from chalicelib.domain.tariff.compare import Verdict, compare, open_amount
from chalicelib.domain.tariff.result import Price, PriceWarning, TaxPart
from chalicelib.domain.tariff.usage import Cost

_PRICE = Price(Decimal("12.375"), Decimal("13.975"))


def _cost(excl: str, incl: str | None = None) -> Cost:
    return Cost(Decimal(excl), None if incl is None else Decimal(incl))


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (_cost("12.38", "13.98"), Verdict.AGREES),
        (_cost("12.385", "13.985"), Verdict.AGREES),  # a cent off is still agreement
        (_cost("12.386", "13.975"), Verdict.OVERCHARGED),
        (_cost("12.375", "14.00"), Verdict.OVERCHARGED),
        (_cost("12.28", "13.861"), Verdict.UNDERCHARGED),
        (_cost("12.375", "13.965"), Verdict.AGREES),  # a cent less too
        (_cost("12.375", "13.964"), Verdict.UNDERCHARGED),
        (_cost("12.38"), Verdict.AGREES),
    ],
)
def test_a_claim_is_judged_on_both_totals(claim: Cost, verdict: Verdict) -> None:
    assert compare(_PRICE, claim).verdict is verdict


def test_the_excess_is_exact_and_named_with_both_sums() -> None:
    found = compare(_PRICE, _cost("20", "22"))
    assert (found.excess_excl, found.excess_incl) == (Decimal("7.625"), Decimal("8.025"))
    assert "claimed 20.0000 excl. VAT, 22.0000 incl. VAT" in found.reason
    assert "12.3750" in found.reason


def test_each_side_has_its_own_excess_and_a_cent_is_none() -> None:
    found = compare(_PRICE, _cost("12.385", "15"))
    assert (found.excess_excl, found.excess_incl) == (Decimal(0), Decimal("1.025"))
    found = compare(_PRICE, _cost("12.386", "13.975"))
    assert (found.excess_excl, found.excess_incl) == (Decimal("0.011"), Decimal(0))


def test_an_excess_over_a_price_that_does_not_end_is_exact() -> None:
    third = Decimal("0." + "3" * 60)
    found = compare(Price(third, None), _cost("1"))
    assert Fraction(found.excess_excl) == 1 - Fraction(third)


def test_a_claim_without_vat_has_no_excess_incl_vat() -> None:
    assert compare(_PRICE, _cost("20")).excess_incl is None
    assert compare(_PRICE, _cost("12")).excess_incl is None


def test_what_is_agreed_or_less_has_no_excess_and_a_reason() -> None:
    for claim in (_cost("12.38", "13.98"), _cost("10", "11")):
        found = compare(_PRICE, claim)
        assert (found.excess_excl, found.excess_incl) == (Decimal(0), Decimal(0))
        assert found.reason.startswith("claimed ")


def test_the_reason_is_one_line_with_what_the_price_needed() -> None:
    readings = (PriceWarning("flat_once", "…"), PriceWarning("whole_day", "…"))
    price = Price(Decimal(10), Decimal(12), (), (), readings, "max_price")
    assert compare(price, _cost("11", "13.2")).reason == (
        "claimed 11.0000 excl. VAT, 13.2000 incl. VAT, "
        "published tariff 10.0000 excl. VAT, 12.0000 incl. VAT (max_price); "
        "readings: flat_once, whole_day"
    )
    assert compare(Price(Decimal(10), None), _cost("11")).reason == (
        "claimed 11.0000 excl. VAT, published tariff 10.0000 excl. VAT"
    )


def test_an_excess_that_the_report_leaves_open_is_not_called_an_overcharge() -> None:
    open_ = PriceWarning("period_not_split", "…", Decimal(2))
    tax = TaxPart(Decimal(20), Decimal(10), Decimal(12))
    price = Price(Decimal(10), Decimal(12), (), (tax,), (open_,))
    assert compare(price, _cost("12", "14.40")).verdict is Verdict.NOT_VERIFIABLE
    assert compare(price, _cost("12", "14.40")).excess_incl == Decimal("2.40")
    assert compare(price, _cost("12.01", "14.41")).verdict is Verdict.NOT_VERIFIABLE  # and a cent
    assert compare(price, _cost("12.01", "14.411")).verdict is Verdict.OVERCHARGED
    assert compare(price, _cost("13", "15.60")).verdict is Verdict.OVERCHARGED


def test_a_period_that_may_be_free_opens_nothing_for_a_claim() -> None:
    named_none = PriceWarning("tariff_missing", "…", Decimal(10), can_be_more=False)
    price = Price(Decimal(10), Decimal(12), (), (), (named_none,))
    assert compare(price, _cost("12", "14.40")).verdict is Verdict.OVERCHARGED


def test_the_tolerance_is_the_callers() -> None:
    assert compare(_PRICE, _cost("12.45"), Decimal("0.10")).verdict is Verdict.AGREES


def test_what_is_left_open_counts_at_the_highest_rate_of_the_bill() -> None:
    warnings = (
        PriceWarning("whole_day", "…", Decimal(2)),
        PriceWarning("flat_once", "…", Decimal(1)),
    )
    taxes = tuple(
        TaxPart(None if rate is None else Decimal(rate), Decimal(5), None) for rate in (7, 20, None)
    )
    assert open_amount(Price(Decimal(15), None, (), taxes, warnings)) == Decimal("3.6")
    assert open_amount(Price(Decimal(15), None, (), (), warnings)) == 3
