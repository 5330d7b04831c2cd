"""Do the worked examples of OCPI, and our own for its silences, come out to the printed digit?

How a case is written: tariff_notation.py; what it expects: expectation.py.
"""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.money import round_half_up
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price, price_session
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ocpi.v2_1_1.cdr import read_cdr as read_cdr_2_1_1
from chalicelib.ocpi.v2_2_1.cdr import read_cdr as read_cdr_2_2_1
from chalicelib.ocpi.v2_3_0.cdr import read_cdr as read_cdr_2_3_0
from tests.golden.expectation import (
    amount,
    limits_differ,
    lines_found,
    lines_of,
    same,
    taxes_found,
    taxes_of,
    warnings_differ,
)
from tests.golden.tariff_notation import cdr_object, tariff_objects

_FOLDER = Path(__file__).parent / "tariffs"
_READ_CDR = {"2.1.1": read_cdr_2_1_1, "2.2.1": read_cdr_2_2_1, "2.3.0": read_cdr_2_3_0}
_ZONE = "Europe/Berlin"
_POINTS = [f"{number:02}" for number in range(1, 26)]  # of the readings in docs/tariffs.md


def _cases(folder: Path) -> Iterator[Any]:
    for file in sorted(folder.glob("*.toml")):
        for name, case in tomllib.loads(file.read_text()).items():
            yield pytest.param(case, id=f"{file.stem}-{name}")


PRINTED = tuple(_cases(_FOLDER))  # by others, rounded as they print them
OURS = tuple(_cases(_FOLDER / "ours"))  # to the last digit
CASES = (*PRINTED, *OURS)


def _cdr(case: dict[str, Any]) -> ReceivedCdr:
    version = case.get("ocpi", "2.2.1")
    tariffs = tariff_objects(case["tariff"], version)
    claim, credit = case.get("claim", "0"), case.get("credit", False)
    written = cdr_object(
        case["day"], case["session"], *tariffs, claim=claim, version=version, credit=credit
    )
    cdr, mended = _READ_CDR[version](written)
    assert mended == ()
    return cdr


def _priced(case: dict[str, Any]) -> Price:
    cdr = _cdr(case)
    prepared = {one.id: prepare(one, case.get("zone", _ZONE)) for one in cdr.tariffs}
    usage = Usage(cdr.start, cdr.end, cdr.periods)
    return price_session(prepared, usage, prepared[cdr.tariffs[0].id])


def _rounds_to(exact: Decimal, printed: str) -> bool:
    digits = max(2, -int(Decimal(printed).as_tuple().exponent))
    return round_half_up(exact, digits) == round_half_up(Decimal(printed), digits)


@pytest.mark.parametrize("case", PRINTED)
def test_a_printed_case_costs_what_its_source_says(case: dict[str, Any]) -> None:
    result = _priced(case)
    assert _rounds_to(result.excl_vat, case["excl"]), result
    if "incl" in case:
        assert result.incl_vat is not None
        assert _rounds_to(result.incl_vat, case["incl"]), result


@pytest.mark.parametrize("case", PRINTED)
def test_a_printed_case_needs_no_reading_but_the_named_ones(case: dict[str, Any]) -> None:
    assert warnings_differ(_priced(case).warnings, case.get("warns", ())) == []


@pytest.mark.parametrize("case", OURS)
def test_a_case_of_ours_costs_what_its_sums_say_to_the_last_digit(case: dict[str, Any]) -> None:
    result = _priced(case)
    net = result.excl_vat if result.excl_known else None
    assert same(net, amount(case["excl"])), result
    assert same(result.incl_vat, amount(case["incl"])), result


@pytest.mark.parametrize("case", OURS)
def test_a_case_of_ours_warns_of_each_reading_it_needs_and_no_other(case: dict[str, Any]) -> None:
    assert warnings_differ(_priced(case).warnings, case.get("warns", ())) == []


@pytest.mark.parametrize("case", OURS)
def test_a_case_of_ours_has_the_lines_taxes_and_limits_it_names(case: dict[str, Any]) -> None:
    result = _priced(case)
    if "lines" in case:
        assert lines_found(result.lines) == lines_of(case["lines"])
    if "taxes" in case:
        assert taxes_found(result.taxes) == taxes_of(case["taxes"])
    if "limited" in case:
        assert limits_differ(result.limits, case["limited"]) == []


@pytest.mark.parametrize("case", [one for one in OURS if "claimed" in one.values[0]])
def test_a_claim_is_the_sum_of_its_parts(case: dict[str, Any]) -> None:
    cdr = _cdr(case)
    assert same(cdr.total_cost.incl_vat, amount(case["claimed"]))
    if cdr.credit:
        result = _priced(case)
        assert result.incl_vat is not None
        assert cdr.total_cost.excl_vat == -result.excl_vat
        assert cdr.total_cost.incl_vat == -result.incl_vat


@pytest.mark.parametrize("case", CASES)
def test_the_lines_of_a_case_add_up_to_its_price_and_the_taxes_too(case: dict[str, Any]) -> None:
    result = _priced(case)
    before_limits = result.excl_vat - sum(one.excl_vat for one in result.limits)
    for lines in (result.lines, result.components):
        assert abs(sum(line.excl_vat for line in lines) - before_limits) < Decimal("1e-20")
    taxes = sum((part.excl_vat for part in result.taxes), Decimal(0))
    assert abs(taxes - result.excl_vat) < Decimal("1e-20")


@pytest.mark.parametrize(
    "case", [one for one in CASES if "\ntariff " not in one.values[0]["tariff"]]
)
def test_one_tariff_prices_a_session_as_several_would(case: dict[str, Any]) -> None:
    cdr = _cdr(case)
    prepared = prepare(cdr.tariffs[0], case.get("zone", _ZONE))
    usage = Usage(cdr.start, cdr.end, cdr.periods)
    alone = price(prepared, usage)
    assert _priced(case) == alone


@pytest.mark.parametrize("point", _POINTS)
def test_every_numbered_reading_has_two_cases_of_ours(point: str) -> None:
    assert sum(f"-{point}_" in str(case.id) for case in OURS) >= 2


@pytest.mark.parametrize(
    "file", sorted((_FOLDER / "ours").glob("*.toml")), ids=lambda one: one.stem
)
def test_every_case_of_ours_shows_its_sums(file: Path) -> None:
    for block in re.split(r"^\[", file.read_text(), flags=re.MULTILINE)[1:]:
        name, _, text = block.partition("]")
        assert re.search(r"^# .*\d", text, re.MULTILINE), f"{name} has no sums in a comment"
