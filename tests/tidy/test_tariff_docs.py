"""Is docs/tariffs.md true: its pictures, its sums, its tables of codes?"""

import argparse
import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.tariff.lint.finding import Code, Finding
from sandbox import documents
from sandbox.commands import draw_tariff
from sandbox.picture.session import Imagined, curve
from tests.tidy.trees import ROOT

_DOCUMENT = (ROOT / "docs" / "tariffs.md").read_text()
_PICTURES = ROOT / "docs" / "pictures"
_COMMANDS = re.findall(r"^python -m sandbox (draw-tariff .+)$", _DOCUMENT, re.MULTILINE)
_WARNS = {"add", "once", "_warn_if", "_either", "PriceWarning"}
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def _parsed(command: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    draw_tariff.register(parser.add_subparsers())
    parsed = parser.parse_args(shlex.split(command))
    parsed.tariff = ROOT / parsed.tariff
    return parsed


@pytest.mark.parametrize("command", _COMMANDS, ids=lambda one: Path(one.split()[1]).stem)
def test_a_picture_is_what_its_command_draws(command: str) -> None:
    """If not: look at the new picture, and run the command."""
    parsed = _parsed(command)
    assert (ROOT / parsed.out).read_text() == draw_tariff.drawn(parsed)


def test_each_picture_is_shown_and_has_its_command() -> None:
    drawn = {_parsed(command).out.name for command in _COMMANDS}
    shown = set(re.findall(r"\]\(pictures/([\w-]+\.svg)\)", _DOCUMENT))
    assert {path.name for path in _PICTURES.glob("*.svg")} == drawn == shown
    assert {path.stem for path in _PICTURES.glob("*.json")} == {Path(one).stem for one in drawn}


# Worked by hand in the document; without VAT, and with 19 % unless a limit says otherwise.
_SUMS = {
    "1-one-element": ("29.40", "34.986"),
    "2-dimensions": ("31.00", "36.89"),
    "3-night-and-day": ("25.85", "30.7615"),
    "4-first-20-kwh": ("40.40", "48.076"),
    "6-limits": ("25.00", "29.75"),
}


@pytest.mark.parametrize("command", _COMMANDS, ids=lambda one: Path(one.split()[1]).stem)
def test_the_sums_in_the_text_are_what_the_engine_says(command: str) -> None:
    parsed = _parsed(command)
    if parsed.tariff.stem not in _SUMS:
        return
    net, gross = _SUMS[parsed.tariff.stem]
    tariff, _, _ = documents.read_tariff(documents.load(parsed.tariff))
    start = parsed.start.replace(tzinfo=ZoneInfo(parsed.time_zone))
    assert isinstance(start, datetime)
    last = curve(
        Imagined(tariff, start, parsed.time_zone, parsed.power, parsed.energy, parsed.hours)
    ).points[-1]
    assert last.total == Decimal(gross)
    assert net in _DOCUMENT
    assert gross in _DOCUMENT


def _rows(heading: str) -> list[list[str]]:
    part = _DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_each_code_of_the_lint_has_its_row_with_its_severity() -> None:
    told = {row[0].strip("`"): row[1] for row in _rows("What the lint finds")}
    assert told == {code.value: Finding(code, "", "").severity.value for code in Code}
    assert list(told) == sorted(told)


def _codes_of_the_engine() -> Iterator[str]:
    """Texts that a warning is made with, and the keys of `_TEXTS`."""
    for path in (ROOT / "chalicelib" / "domain" / "tariff").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                texts = node.args if name in _WARNS else []
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_TEXTS":
                assert isinstance(node.value, ast.Dict)
                texts = [key for key in node.value.keys if key is not None]
            else:
                continue
            for text in texts:
                if isinstance(text, ast.Constant) and _CODE.fullmatch(str(text.value)):
                    yield str(text.value)


def _codes_of_the_golden_cases() -> Iterator[str]:
    for path in (ROOT / "tests" / "golden" / "tariffs").rglob("*.toml"):
        for case in tomllib.loads(path.read_text()).values():
            for told in case.get("warns", ()) if isinstance(case, dict) else ():
                yield told.split()[0]


def test_each_warning_of_the_engine_stands_in_the_table_of_readings() -> None:
    told = {code for row in _rows("The readings") for code in re.findall(r"`([a-z_]+)`", row[3])}
    found = set(_codes_of_the_engine())
    assert {"period_not_split", "flat_once", "repeated_hour", "net_from_gross"} <= found
    assert set(_codes_of_the_golden_cases()) <= told
    assert found <= told
    assert told <= found, "a code that nothing gives any more"
