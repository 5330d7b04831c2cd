"""Does `python -m sandbox lint` read what people have, and say what they need?"""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.commands import lint
from tests.golden.tariff_notation import tariff_object

_GOOD, _BAD = "ENERGY 0.49 vat 19", "ENERGY 49 vat 19"


class Desk:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        self._parser = argparse.ArgumentParser()
        lint.register(self._parser.add_subparsers())

    def type(self, content: Any, *words: str) -> tuple[int, str]:
        path = self._folder / "tariffs.json"
        text = content if isinstance(content, str) else json.dumps(content, default=float)
        path.write_text(text)
        status = lint.run(self._parser.parse_args(["lint", str(path), *words]))
        told = self._capsys.readouterr()
        return status, told.out + told.err

    def codes(self, content: Any, *words: str) -> list[list[str]]:
        _, printed = self.type(content, "--json", "--at", "2026-11-22", *words)
        return [[found["code"] for found in one["findings"]] for one in json.loads(printed)]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_a_good_tariff_says_so_and_exits_with_0(desk: Desk) -> None:
    status, printed = desk.type(tariff_object(_GOOD))
    assert (status, printed) == (0, "tariff T1 (OCPI 2.2.1): nothing found\n")


def test_a_warning_exits_with_1_and_a_note_with_0(desk: Desk) -> None:
    status, printed = desk.type(tariff_object(_BAD))
    assert status == 1
    assert "price_in_cents" in printed
    assert "elements[0].price_components[0].price" in printed
    assert "write 0.49" in printed
    status, printed = desk.type(tariff_object("ENERGY 0.49 vat 19 step 0"))
    assert status == 0
    assert "step_zero" in printed


@pytest.mark.parametrize(
    "wrap",
    [
        lambda tariffs: tariffs,
        lambda tariffs: {"data": tariffs, "status_code": 1000},
        lambda tariffs: {"cdr": {"id": "C1", "tariffs": tariffs}, "time_zone": "Europe/Berlin"},
    ],
    ids=["a list", "a page", "a case file"],
)
def test_each_tariff_of_many_has_its_findings(desk: Desk, wrap: Any) -> None:
    tariffs = [tariff_object(_GOOD), tariff_object(_BAD)]
    assert desk.codes(wrap(tariffs)) == [[], ["price_in_cents"]]


def test_the_version_is_recognised_or_named(desk: Desk) -> None:
    old = tariff_object("ENERGY 0.49", "2.1.1")
    assert desk.codes(old) == [[]]  # 2.1.1 has no VAT
    assert desk.codes(tariff_object("ENERGY 0.49"), "--ocpi", "2.2.1") == [["vat_missing"]]
    assert desk.codes(tariff_object("ENERGY 0.49\ntax_included N/A", "2.3.0")) == [[]]


def test_what_was_mended_is_a_note_at_its_place(desk: Desk) -> None:
    _, printed = desk.type(tariff_object(_GOOD) | {"currency": "eur"}, "--json")
    (found,) = json.loads(printed)[0]["findings"]
    assert (found["code"], found["place"], found["severity"]) == ("mended", "currency", "note")


def test_a_tariff_without_a_reading_is_named_and_the_others_are_checked(desk: Desk) -> None:
    broken = tariff_object(_GOOD)
    broken["elements"][0]["price_components"][0]["price"] = "much"
    _, printed = desk.type([broken, tariff_object(_GOOD), 7], "--json")
    first, second, third = json.loads(printed)
    assert first["findings"][0]["code"] == "unreadable"
    assert first["findings"][0]["place"] == "elements[0].price_components[0].price"
    assert second["findings"] == []
    assert third["findings"][0]["code"] == "unreadable"


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}', "3", '{"data": 3}', "[]"])
def test_what_holds_no_tariff_is_refused(desk: Desk, text: str) -> None:
    status, printed = desk.type(text)
    assert status == 1
    assert "cannot be read" in printed
