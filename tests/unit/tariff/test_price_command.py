"""Does `python -m sandbox price` answer exactly, and refuse by name?"""

import argparse
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.commands import price
from sandbox.documents import spoken_in_tariff
from tests.golden.tariff_notation import cdr_object, tariff_object

_COMPLEX = """
FLAT 2.5 vat 15 step 1
TIME 1 vat 20 step 900 when max_current 32
TIME 1.25 vat 20 step 600 when min_current 32 day_of_week SATURDAY,SUNDAY
PARKING_TIME 6 vat 10 step 300 when start_time 10:00 end_time 17:00 day_of_week SATURDAY
"""
_SATURDAY = """
12:30 TIME 1.9 ENERGY 20 MIN_CURRENT 43 MAX_CURRENT 43
14:24 PARKING_TIME 1.1833333333
15:35 end
"""


def _file(folder: Path, name: str, content: Any) -> str:
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content, default=float)
    path.write_text(text)
    return str(path)


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    price.register(parser.add_subparsers(dest="command"))
    return price.run(parser.parse_args(["price", *words]))


def _cdr(tariff: str = _COMPLEX, session: str = _SATURDAY) -> dict[str, Any]:
    return cdr_object(date(2019, 1, 19), session, tariff_object(tariff))


def test_a_cdr_is_priced_to_the_last_digit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_file(tmp_path, "cdr.json", _cdr()), "--time-zone", "Europe/Berlin") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["excl_vat"], answer["incl_vat"]) == ("12.375", "13.975")
    assert answer["warnings"] == []
    parking = answer["components"][2]
    assert (parking["quantity"], parking["added_by_step_size"]) == ("4500", "240")
    assert parking["excl_vat"] == "7.5"


def test_a_case_file_brings_its_own_time_zone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = {"cdr": _cdr(), "time_zone": "Asia/Tokyo"}
    assert _run(_file(tmp_path, "case.json", case)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [one["dimension"] for one in answer["components"]] == ["FLAT", "TIME"]  # it is night
    assert answer["excl_vat"] == "5"  # and the last that is billed, 114 minutes, becomes 120


def test_an_assumed_time_zone_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(_file(tmp_path, "cdr.json", _cdr())) == 0
    codes = [one["code"] for one in json.loads(capsys.readouterr().out)["warnings"]]
    assert codes == ["time_zone_assumed"]


def test_another_tariff_can_be_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = _file(tmp_path, "tariff.json", tariff_object("ENERGY 0.5 vat 19"))
    assert _run(_file(tmp_path, "cdr.json", _cdr()), "--tariff", other) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["excl_vat"], answer["incl_vat"]) == ("10", "11.9")


def test_a_third_of_an_hour_is_cut_to_28_digits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cdr = _cdr("TIME 1 vat 0", "09:00 TIME 0.3333333333\n09:20 end")
    assert _run(_file(tmp_path, "cdr.json", cdr)) == 0
    assert json.loads(capsys.readouterr().out)["excl_vat"] == "0." + "3" * 28


def _second(element: str) -> dict[str, Any]:
    return {**tariff_object(element), "id": "T2"}


def test_several_tariffs_are_each_billed_for_the_periods_that_name_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cdr = _cdr("ENERGY 1", "09:00 ENERGY 1\n10:00 ENERGY 1 tariff T2\n11:00 end")
    cdr["tariffs"].append(_second("ENERGY 2"))
    assert _run(_file(tmp_path, "cdr.json", cdr)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["excl_vat"] == "3"
    assert [one["tariff_id"] for one in answer["components"]] == ["T1", "T2"]


def test_each_component_says_where_and_why_it_was_billed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_file(tmp_path, "cdr.json", _cdr()), "--time-zone", "Europe/Berlin") == 0
    parking = json.loads(capsys.readouterr().out)["components"][2]["periods"]
    assert [(one["period"], one["volume"], one["excl_vat"]) for one in parking] == [
        (1, "4260", "7.5")
    ]
    assert parking[0]["why"] == "start_time 10:00, end_time 17:00, day_of_week SATURDAY"


def test_what_was_mended_is_listed_by_code_and_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = _file(tmp_path, "tariff.json", {**tariff_object("ENERGY 0.5"), "currency": "eur"})
    cdr = {**_cdr(), "total_energy": "20"}
    assert _run(_file(tmp_path, "cdr.json", cdr), "--tariff", other) == 0
    mended = json.loads(capsys.readouterr().out)["mended"]
    assert [(one["code"], one["path"]) for one in mended] == [
        ("number_as_text", "total_energy"),
        ("lower_case", "tariff.currency"),
    ]
    assert mended[0]["words"] == "'20' was sent for a number"


_OLD: dict[str, Any] = {
    "id": "1",
    "start_date_time": "2026-01-14T09:00:00Z",
    "stop_date_time": "2026-01-14T10:00:00Z",
    "auth_id": "DE8ACC",
    "location": {"id": "L", "time_zone": "Europe/Lisbon"},
    "currency": "EUR",
    "tariffs": [{key: tariff_object("ENERGY 1")[key] for key in ("id", "currency", "elements")}],
    "charging_periods": [
        {
            "start_date_time": "2026-01-14T09:00:00Z",
            "dimensions": [{"type": "ENERGY", "volume": 2}],
        }
    ],
    "total_cost": 2,
    "total_energy": 2,
    "total_time": 1,
}


@pytest.mark.parametrize(
    ("cdr", "version", "because"),
    [
        (_OLD, "2.1.1", "stop_date_time"),
        (_cdr(), "2.2.1", "total_cost.excl_vat"),
        ({**_cdr(), "total_cost": {"before_taxes": 0}}, "2.3.0", "total_cost.before_taxes"),
    ],
)
def test_the_version_is_recognised_and_that_is_said(
    cdr: dict[str, Any],
    version: str,
    because: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _run(_file(tmp_path, "cdr.json", cdr)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ocpi"], answer["ocpi_recognised_by"]) == (version, because)


def test_a_version_that_is_named_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_file(tmp_path, "cdr.json", _cdr()), "--ocpi", "2.3.0") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ocpi"] == "2.3.0"
    assert "ocpi_recognised_by" not in answer
    assert "price_of_another_version" in [one["code"] for one in answer["mended"]]


@pytest.mark.parametrize(
    ("tariff", "version"),
    [
        (tariff_object("ENERGY 1"), "2.2.1"),
        ({**tariff_object("ENERGY 1"), "tax_included": "NO"}, "2.3.0"),
        ({**tariff_object("ENERGY 1"), "max_price": {"after_taxes": 9}}, "2.3.0"),
        (_OLD["tariffs"][0], "2.1.1"),
    ],
)
def test_a_tariff_alone_is_recognised_too(tariff: dict[str, Any], version: str) -> None:
    assert spoken_in_tariff(tariff).version == version


def _without_reading() -> dict[str, Any]:
    cdr = _cdr()
    cdr["tariffs"][0]["elements"][1]["restrictions"]["max_current"] = "much"
    return cdr


def _unsupported() -> dict[str, Any]:
    cdr = _cdr()
    cdr["tariffs"][0]["elements"][1]["restrictions"]["moon"] = "FULL"
    return cdr


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "refused (malformed_json): "),
        ("[]", "refused (malformed_json): "),
        ({"id": "C1"}, "refused (invalid): country_code: is missing"),
        ({**_cdr(), "tariffs": []}, "refused (invalid): tariffs: "),
        (_without_reading(), "tariffs.0.elements.1.restrictions.max_current: 'much' is not a"),
        (_unsupported(), "refused (tariff_not_supported): "),
        (_unsupported(), "elements.1.restrictions.moon"),
        (
            {
                **_cdr("ENERGY 1", "09:00 ENERGY 1 tariff -\n11:00 end"),
                "tariffs": [tariff_object("ENERGY 1"), _second("ENERGY 2")],
            },
            "refused (several_tariffs): the periods name none of several tariffs: T1, T2",
        ),
    ],
)
def test_what_cannot_be_priced_is_refused_by_name_and_path(
    content: Any, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_file(tmp_path, "cdr.json", content)) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err


def test_a_file_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(str(tmp_path / "none.json")) == 1
    assert capsys.readouterr().err.startswith("refused (no_such_file): ")


def test_numbers_are_never_floats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cdr = json.dumps(_cdr("ENERGY 0.1 vat 0", "09:00 ENERGY 3\n10:00 end"), default=float)
    assert _run(_file(tmp_path, "cdr.json", cdr)) == 0
    total = json.loads(capsys.readouterr().out)["excl_vat"]
    assert Decimal(total) == Decimal("0.3")
    assert total == "0.3"
