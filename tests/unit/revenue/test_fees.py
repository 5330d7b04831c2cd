"""What does a fee come to? Each expectation is worked out by hand beside it."""

from decimal import Decimal

import pytest

from chalicelib.domain.agreement.terms import FeeTerms, Tier
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.revenue.fee import Fee, FeeCurrencyDiffers, Use, fee_of

EUR = Currency("EUR")
NET, USE = Money(1470, EUR), Use(Decimal(30), Decimal(5000))
EIGHT = Decimal("0.08")
TIERS = (
    Tier(Decimal(1000), Decimal("0.07")),
    Tier(Decimal(5000), Decimal("0.05"), per_session=Decimal("0.10")),
)


def fee(terms: FeeTerms | None, use: Use = USE, fraction: Decimal = EIGHT) -> Fee:
    return fee_of(fraction, terms, NET, use, at_most=NET)


@pytest.mark.parametrize(
    ("terms", "cents"),
    [
        (None, 118),  # 8 % of 14.70 is 1.176
        (FeeTerms(EUR, per_kwh=Decimal("0.015")), 163),  # + 30 at 0.015 is 0.45: 1.626
        (FeeTerms(EUR, per_session=Decimal("0.35")), 153),  # 1.526
        (FeeTerms(EUR, per_kwh=Decimal("0.015"), per_session=Decimal("0.35")), 198),  # 1.976
        (FeeTerms(EUR, least=Decimal("1.50")), 150),
        (FeeTerms(EUR, least=Decimal("1.10")), 118),
        (FeeTerms(EUR, most=Decimal(1)), 100),
        (FeeTerms(EUR, per_session=Decimal(20)), 1470),  # never more than the net
        (FeeTerms(EUR, least=Decimal(20)), 1470),
        (FeeTerms(tiers=TIERS[:1]), 103),  # 7 % is 1.029
        (FeeTerms(EUR, tiers=TIERS), 84),  # 5 % and 0.10: 0.835 goes up
    ],
)
def test_a_fee_is_the_sum_of_its_terms_within_its_bounds(
    terms: FeeTerms | None, cents: int
) -> None:
    assert fee(terms).amount == Money(cents, EUR)


@pytest.mark.parametrize(
    ("volume", "cents"), [("0", 118), ("999.999", 118), ("1000", 103), ("4999", 103), ("5000", 84)]
)
def test_a_tier_begins_exactly_at_its_energy(volume: str, cents: int) -> None:
    use = Use(Decimal(30), Decimal(volume))
    assert fee(FeeTerms(EUR, tiers=TIERS), use).amount == Money(cents, EUR)


def test_each_step_stands_in_the_fee() -> None:
    terms = FeeTerms(EUR, per_kwh=Decimal("0.015"), most=Decimal(1))
    steps = [(step.term, step.base, step.rate, step.exact) for step in fee(terms).steps]
    assert steps == [
        ("fraction", "14.70 EUR", "0.08", Decimal("1.1760")),
        ("per kWh", "30 kWh", "0.015", Decimal("0.450")),
        ("cap", "1 session", "1", Decimal(1)),
    ]


def test_amounts_in_another_currency_are_refused_and_a_fraction_has_none() -> None:
    krona = Currency("SEK")
    with pytest.raises(FeeCurrencyDiffers):
        fee(FeeTerms(krona, per_kwh=Decimal("0.1")))
    assert fee(FeeTerms(tiers=TIERS[:1])).amount == Money(103, EUR)
