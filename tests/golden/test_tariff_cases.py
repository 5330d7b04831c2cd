"""Do the worked examples of OCPI, and our own for its silences, come out to the printed digit?"""

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.money import round_half_up
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from tests.golden.tariff_notation import cdr_object, tariff_object

_FOLDER = Path(__file__).parent / "tariffs"
_NOT_IN_A_READING = {"reservation_expired", "limit_apportioned"}  # OCPI's examples need these two


def _cases() -> Iterator[Any]:
    for file in sorted(_FOLDER.glob("*.toml")):
        for name, case in tomllib.loads(file.read_text()).items():
            yield pytest.param(case, id=f"{file.stem}-{name}")


CASES = tuple(_cases())


def _priced(case: dict[str, Any]) -> Price:
    cdr, mended = read_cdr(cdr_object(case["day"], case["session"], tariff_object(case["tariff"])))
    assert mended == ()
    prepared = prepare(cdr.tariffs[0], case.get("zone", "Europe/Berlin"))
    return price(prepared, Usage(cdr.start, cdr.end, cdr.periods))


def _rounds_to(exact: Decimal, printed: str) -> bool:
    digits = max(2, -int(Decimal(printed).as_tuple().exponent))
    return round_half_up(exact, digits) == round_half_up(Decimal(printed), digits)


@pytest.mark.parametrize("case", CASES)
def test_a_case_costs_what_its_source_says(case: dict[str, Any]) -> None:
    result = _priced(case)
    assert _rounds_to(result.excl_vat, case["excl"]), result
    if "incl" in case:
        assert result.incl_vat is not None
        assert _rounds_to(result.incl_vat, case["incl"]), result
    if case.get("unknown_incl"):
        assert result.incl_vat is None


@pytest.mark.parametrize("case", CASES)
def test_a_case_warns_of_each_reading_it_needs_and_no_other(case: dict[str, Any]) -> None:
    result = _priced(case)
    codes = {warning.code for warning in result.warnings}
    wanted = set(case.get("warns", ()))
    assert codes - _NOT_IN_A_READING == wanted - _NOT_IN_A_READING
    assert wanted <= codes
    assert result.uncertainty == Decimal(case.get("off", result.uncertainty))


@pytest.mark.parametrize("case", CASES)
def test_the_lines_of_a_case_add_up_to_its_price_and_the_taxes_too(case: dict[str, Any]) -> None:
    result = _priced(case)
    if not result.limit:
        lines = sum((line.excl_vat for line in result.lines), Decimal(0))
        assert abs(lines - result.excl_vat) < Decimal("1e-20")
    taxes = sum((part.excl_vat for part in result.taxes), Decimal(0))
    assert abs(taxes - result.excl_vat) < Decimal("1e-20")
