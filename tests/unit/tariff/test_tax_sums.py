"""Do the taxes that a CDR lists add up, by their sums alone?"""

from decimal import Decimal

import pytest

from chalicelib.domain.tariff.tax import check_sums
from chalicelib.domain.tariff.usage import Cost, TaxAmount


def _cost(excl: str, incl: str | None, *taxes: tuple[str, str]) -> Cost:
    """Each tax by its name, perhaps with an account ("GST/7"), and its amount."""
    listed = [
        TaxAmount(name.partition("/")[0], name.partition("/")[2], None, Decimal(amount))
        for name, amount in taxes
    ]
    return Cost(Decimal(excl), None if incl is None else Decimal(incl), tuple(listed))


def _offs(total: Cost, *parts: Cost) -> list[Decimal]:
    found = check_sums(total, parts)
    assert {one.code for one in found} <= {"tax_sum_differs"}
    assert all("total" in one.text for one in found)
    return [one.off for one in found]


def test_a_total_is_the_sum_before_taxes_and_its_taxes() -> None:
    assert _offs(_cost("10", "11.4975", ("GST", "0.50"), ("QST", "0.9975"))) == []
    assert _offs(_cost("10", "12.4975", ("GST", "0.50"), ("QST", "0.9975"))) == [1]
    assert _offs(_cost("10", "9.4975", ("GST", "0.50"))) == [Decimal("1.0025")]


def test_each_tax_may_be_off_by_its_last_digit() -> None:
    assert _offs(_cost("10", "10.5001", ("GST", "0.50"))) == []
    assert _offs(_cost("10", "10.5002", ("GST", "0.50"))) == [Decimal("0.0002")]
    assert _offs(_cost("10", "11.5002", ("GST", "0.50"), ("QST", "1"))) == []


def test_what_is_not_told_is_not_checked() -> None:
    assert _offs(_cost("10", None, ("GST", "0.50"))) == []
    assert _offs(_cost("10", "11.90")) == []  # with VAT, which is no list


def test_sums_have_as_many_digits_as_they_need() -> None:
    assert _offs(_cost("1" + "0" * 28, "1" + "0" * 28 + ".5", ("GST", "0.5"))) == []


_TOTAL = _cost("10", "10.50", ("GST", "0.50"))


@pytest.mark.parametrize(
    ("energy", "time", "off"),
    [
        (("4", "0.20"), ("6", "0.30"), []),
        (("4", "0.20"), ("6", "0.3003"), []),  # a last digit of each part and of the total
        (("4", "0.20"), ("6", "0.3004"), ["0.0004"]),
        (("4", "0.20"), ("5", "9"), []),  # there are parts that we were not told of
        (("4", "0.20"), ("6.0002", "9"), ["8.70"]),
        (("4", "0.20"), ("6.0003", "9"), []),
        (("4", "0.20"), ("5.9998", "9"), ["8.70"]),
    ],
)
def test_a_tax_is_the_sum_of_its_parts(
    energy: tuple[str, str], time: tuple[str, str], off: list[str]
) -> None:
    parts = [_cost(net, None, ("GST", tax)) for net, tax in (energy, time)]
    assert _offs(_TOTAL, *parts) == [Decimal(one) for one in off]


def test_a_tax_has_a_name_and_an_account() -> None:
    wrong = _cost("10", None, ("GST", "0.10"), ("GST/7", "0.40"), ("QST", "0.20"))
    found = check_sums(_TOTAL, [wrong])
    assert [one.off for one in found] == [Decimal("0.40"), Decimal("0.40"), Decimal("0.20")]
    assert ["'GST'" in one.text for one in found] == [True, True, False]


def test_a_tax_that_no_part_names_is_missing_in_them() -> None:
    total = _cost("10", "11.50", ("GST", "0.50"), ("QST", "1"))
    assert _offs(total, _cost("10", None, ("GST", "0.50"))) == [1]


def test_parts_without_taxes_say_nothing_of_them() -> None:
    assert _offs(_TOTAL, _cost("10", None)) == []
    assert _offs(_TOTAL) == []
    assert _offs(_TOTAL, _cost("4", None), _cost("6", None, ("GST", "0.50"))) == []
