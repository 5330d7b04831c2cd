"""Who is due less when the driver pays less? The table's sale, with 10 % off at 17.49: 1.75.

14.70 net, 2.79 VAT; commission 1.18, half of it the partner's. At 15.74 the VAT is 2.51 (15.74
x 19/119 = 2.5131), the net 13.23.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.terms import Bearer, DriverRebate, FeeTerms
from chalicelib.domain.money import Money
from chalicelib.domain.revenue.allocate import Sale, allocate
from chalicelib.domain.revenue.explain import explain
from tests.golden.test_whose_money import CASES, EUR, eur, sale_of

TENTH = Decimal("0.1")


def rebated(case: int, paid_by: Bearer) -> Sale:
    """Cases 0 and 1: margin and commission, all German. Case 5: the same as a disclosed agent."""
    return _with(sale_of(CASES[case]), DriverRebate(paid_by, TENTH))


def _with(sale: Sale, rebate: DriverRebate) -> Sale:
    return replace(sale, agreement=replace(sale.agreement, driver_rebate=rebate))


@pytest.mark.parametrize(
    ("case", "paid_by", "cpo", "partner", "platform", "vat"),
    [
        # The channel lowers its price: net 13.23 - 13.52 - 0.59; VAT 2.51 - 2.57 - 0.11.
        (0, Bearer.PLATFORM, "16.09", "0.70", "-0.88", "-0.17"),
        # The CPO lowers its price: it sells for 13.23 - 1.18 = 12.05, VAT 2.29.
        (0, Bearer.CPO, "14.34", "0.70", "0.59", "0.11"),
        # The partner pays part of the price: the sale stays what it was (art. 73).
        (0, Bearer.PARTNER, "16.09", "-1.05", "0.59", "0.11"),
        # As a service: the CPO sells for 13.23 + 2.51 and pays 1.18 + 0.22.
        (1, Bearer.CPO, "14.34", "0.70", "0.59", "0.11"),
        (1, Bearer.PLATFORM, "16.09", "0.70", "-0.88", "-0.17"),
        # An agent that gives up its own fee leaves the CPO's sale alone (C-300/12).
        (5, Bearer.PLATFORM, "16.09", "0.70", "-1.16", "0.11"),
        (5, Bearer.CPO, "14.34", "0.70", "0.59", "0.11"),
        (5, Bearer.PARTNER, "16.09", "-1.05", "0.59", "0.11"),
    ],
)
def test_the_bearer_of_a_rebate_is_due_less_and_nobody_else(
    case: int, paid_by: Bearer, cpo: str, partner: str, platform: str, vat: str
) -> None:
    found = allocate(rebated(case, paid_by))
    assert (found.gross, found.rebate, found.rebate_by) == (eur("15.74"), eur("1.75"), paid_by)
    assert (found.cpo_due, found.partner_due) == (eur(cpo), eur(partner))
    assert found.platform == eur(platform)
    assert found.vat_due == {"DE": eur(vat)}


def test_a_rebate_is_at_most_the_price() -> None:
    rebate = DriverRebate(Bearer.PLATFORM, terms=FeeTerms(EUR, per_session=Decimal(100)))
    found = allocate(_with(sale_of(CASES[0]), rebate))
    assert found.gross == Money(0, EUR)
    assert found.rebate == eur("17.49")


@pytest.mark.parametrize("case", range(len(CASES)))
@pytest.mark.parametrize("paid_by", Bearer)
def test_the_lines_of_what_is_due_sum_to_what_the_driver_pays(case: int, paid_by: Bearer) -> None:
    lines = explain(rebated(case, paid_by))
    gross = next(line.amount for line in lines if line.of == "gross")
    assert gross is not None
    due = [line.amount.minor for line in lines if line.of == "due" and line.amount is not None]
    assert sum(due) == gross.minor


def test_every_line_with_an_amount_is_its_exact_value_rounded() -> None:
    for case in range(len(CASES)):
        for line in explain(rebated(case, Bearer.CPO)):
            if line.amount is not None:
                assert Money.rounded(line.exact, EUR) == line.amount, line
