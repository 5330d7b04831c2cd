"""Do handwritten CDRs of three OCPI versions come through their readers to the right price?

One file is one case: what it is about, its sums, what is expected, and the CDR as it is sent. Notes
of what was mended are named by code and JSON path.
"""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price_session
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import Usage
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.v2_1_1.cdr import read_cdr as read_cdr_2_1_1
from chalicelib.ocpi.v2_1_1.cdr import time_zone_of
from chalicelib.ocpi.v2_2_1.cdr import read_cdr as read_cdr_2_2_1
from chalicelib.ocpi.v2_3_0.cdr import read_cdr as read_cdr_2_3_0
from tests.golden.expectation import amount, same, warnings_differ

_READ_CDR = {"2.1.1": read_cdr_2_1_1, "2.2.1": read_cdr_2_2_1, "2.3.0": read_cdr_2_3_0}
_FILES = sorted((Path(__file__).parent / "wire").glob("*.json"))
_CASES: dict[str, dict[str, Any]] = {file.stem: parse_object(file.read_bytes()) for file in _FILES}


def _with(name: str) -> list[Any]:
    """The cases that have a member of this name, or expect one."""
    return [
        pytest.param(case, id=stem)
        for stem, case in _CASES.items()
        if name in case or name in case.get("expected", {})
    ]


_READABLE = _with("expected")


def _read(case: Any) -> tuple[ReceivedCdr, tuple[str, ...]]:
    return _READ_CDR[case["ocpi"]](case["cdr"])


def _priced(case: Any) -> Price:
    cdr, _ = _read(case)
    zone = time_zone_of(case["cdr"]) if case["ocpi"] == "2.1.1" else ""
    prepared = {one.id: prepare(one, zone or case["zone"]) for one in cdr.tariffs}
    usage = Usage(cdr.start, cdr.end, cdr.periods)
    return price_session(prepared, usage, prepared[cdr.tariffs[0].id])


@pytest.mark.parametrize("case", _READABLE)
def test_a_cdr_as_sent_costs_what_its_sums_say(case: Any) -> None:
    expected, result = case["expected"], _priced(case)
    assert same(result.excl_vat if result.excl_known else None, amount(expected["excl"]))
    assert same(result.incl_vat, amount(expected["incl"]))
    assert warnings_differ(result.warnings, expected.get("warns", ())) == []


@pytest.mark.parametrize("case", _READABLE)
def test_everything_mended_in_it_is_listed_and_nothing_else(case: Any) -> None:
    _, mended = _read(case)
    assert sorted(note.partition(": ")[0] for note in mended) == case["expected"].get("mended", [])


@pytest.mark.parametrize("case", _READABLE)
def test_its_claim_is_read_with_its_taxes_and_its_sign(case: Any) -> None:
    expected, (cdr, _) = case["expected"], _read(case)
    assert same(cdr.total_cost.incl_vat, amount(expected["claimed"]))
    assert cdr.credit == expected.get("credit", False)
    assert all((period.energy_kwh or 0) >= 0 for period in cdr.periods)


def test_a_2_1_1_cdr_tells_the_zone_of_its_location() -> None:
    case = _CASES["v2_1_1_evening"]
    assert time_zone_of(case["cdr"]) == case["expected"]["zone"]


@pytest.mark.parametrize("case", _with("carried"))
def test_what_prices_nothing_is_carried_along(case: Any) -> None:
    carried, (cdr, _) = case["expected"]["carried"], _read(case)
    (tariff,) = cdr.tariffs
    assert tariff.preauthorize_amount is not None
    assert same(tariff.preauthorize_amount.excl_vat, amount(carried["preauthorize_amount"]))
    assert [[text.language, text.text] for text in tariff.texts] == carried["texts"]
    assert tariff.url == carried["url"]
    assert (tariff.energy_mix is not None) == carried["energy_mix"]


@pytest.mark.parametrize("case", _with("refused"))
def test_what_has_no_reading_is_refused_by_its_path(case: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        _read(case)
    assert refusal.value.field == case["refused"]
