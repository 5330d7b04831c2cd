"""Does a tariff's picture show what the engine says, and read on any page?"""

import argparse
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from sandbox.commands import draw_tariff
from sandbox.picture.frame import nice, ticks, top_of
from sandbox.picture.page import draw
from sandbox.picture.session import Curve, Imagined, curve
from tests.golden.tariff_notation import tariff_object

_FRIDAY = "2026-11-20T17:00"


def imagined(
    text: str, start: str = _FRIDAY, power: str = "50", energy: str = "60", hours: str = "3"
) -> Imagined:
    tariff, _ = read_tariff(tariff_object(text))
    at = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return Imagined(tariff, at, "Europe/Berlin", Decimal(power), Decimal(energy), Decimal(hours))


def total_at(drawn: Curve, minute: int) -> Decimal:
    return next(one.total for one in drawn.points if one.second == minute * 60)


def _type(folder: Path, content: Any, *words: str) -> tuple[int, Path]:
    (folder / "t.json").write_text(json.dumps(content, default=float))
    parser = argparse.ArgumentParser()
    draw_tariff.register(parser.add_subparsers())
    out = folder / "t.svg"
    line = ["draw-tariff", str(folder / "t.json"), "--out", str(out), *words]
    return draw_tariff.run(parser.parse_args(line)), out


def test_the_picture_is_a_file_that_a_browser_reads(tmp_path: Path) -> None:
    status, out = _type(tmp_path, tariff_object("ENERGY 0.49 vat 19"), "--start", _FRIDAY)
    assert status == 0
    root = ET.fromstring(out.read_text())  # noqa: S314 - we wrote it
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    text = out.read_text()
    assert "prefers-color-scheme:dark" in text
    assert 'class="card"' in text  # its own background
    assert "EUR incl. VAT" in text


def test_a_name_that_is_markup_stays_a_name() -> None:
    tariff, _ = read_tariff(tariff_object("ENERGY 0.49 vat 19") | {"id": "<b>&"})
    scene = imagined("ENERGY 0.49 vat 19")
    other = Imagined(tariff, scene.start, scene.zone, Decimal(50), Decimal(60), Decimal(3))
    assert "<b>" not in draw(other)


def test_the_week_is_drawn_where_prices_depend_on_it() -> None:
    flat, windowed = "ENERGY 0.49 vat 19", "ENERGY 0.3 when start_time 22:00\nENERGY 0.5"
    assert "through the week" not in draw(imagined(flat))
    picture = draw(imagined(windowed))
    assert picture.count(">0.30<") == 7 * 2
    assert picture.count(">0.50<") == 7 * 22
    assert "EUR excl. VAT" in picture
    halves = windowed.replace("22:00", "22:30")
    assert draw(imagined(halves)).count("<rect") > 7 * 48


def test_the_curve_passes_where_the_sums_by_hand_are() -> None:
    text = """FLAT 1 vat 19 + TIME 1.2 vat 19 step 60 + PARKING_TIME 6 vat 19 step 60
    ENERGY 0.39 vat 19 when max_kwh 20
    ENERGY 0.59 vat 19"""
    drawn = curve(imagined(text, power="40", energy="60"))
    # After an hour: 1 + 1.20 + 20 x 0.39 + 20 x 0.59 = 21.80 without VAT.
    assert total_at(drawn, 60) == Decimal("21.80") * Decimal("1.19")
    # Full after 90 minutes, parked until 180: 1 + 1.80 + 9 + 7.80 + 40 x 0.59 = 43.20.
    assert total_at(drawn, 180) == Decimal("43.20") * Decimal("1.19")


def test_the_clocks_may_change_under_the_session() -> None:
    text = "ENERGY 0.2 when start_time 02:00 end_time 03:00\nENERGY 0.4"
    scene = imagined(text, "2026-10-25T01:30", power="10", energy="40", hours="4")
    # 5 kWh before two, twenty in the hour that comes twice, 15 after three.
    assert total_at(curve(scene), 240) == Decimal("12.00")


def test_where_charging_time_costs_other_powers_are_drawn_too() -> None:
    picture = draw(imagined("TIME 6 step 60\nENERGY 0.2"))
    assert all(f">{power} kW<" in picture for power in (25, 50, 100))
    assert ">25 kW<" not in draw(imagined("ENERGY 0.2"))


@pytest.mark.parametrize(
    "text",
    [
        "FLAT 0",
        "ENERGY -0.1 vat 19 + TIME 1 vat 19",
        "ENERGY 0.3 vat 19 when min_power 60",
        "ENERGY 0.5 vat 19\nmin_price 9 10\nmax_price 10 12",
        "TIME 3 step 3600 when min_duration 3600 day_of_week SATURDAY",
        "FLAT 5 when reservation RESERVATION\nENERGY 0.4",
    ],
)
def test_any_tariff_has_a_picture(text: str) -> None:
    ET.fromstring(draw(imagined(text)))  # noqa: S314 - we wrote it


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ENERGY 0.49", ("--out", "t.png")),
        ("ENERGY 0.49", ("--time-zone", "Mars/Base")),
        ("ENERGY 0.49", ("--hours", "200")),
        ("ENERGY 0.49 when moon 3", ()),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: tuple[str, ...]
) -> None:
    status, _ = _type(tmp_path, tariff_object(text), "--start", _FRIDAY, *words)
    assert status == 1
    assert "not drawn" in capsys.readouterr().err


def test_axes_have_round_numbers() -> None:
    assert [nice(value) for value in (0.3, 1, 2.1, 7, 0)] == [0.5, 1, 2.5, 10, 1]
    assert ticks(0, 40) == [0, 10, 20, 30, 40]
    assert top_of(38.1) == 40
    assert top_of(0) == 1
