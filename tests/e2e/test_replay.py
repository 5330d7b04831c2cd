"""Recorded sessions through the whole channel, on real processes."""

import csv
import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox.commands import replay

pytestmark = [pytest.mark.slow, pytest.mark.aws, pytest.mark.timeout(300)]

_HEADER = ("Session", "CCS", "Arrival", "Departure", "Stay (min)", "Energy (Wh)", "Pmax (W)")
_ROWS = (
    ("3", "CCS1", "2022-04-13 09:10:00", "2022-04-13 09:40:00", "31", "41671", "120000"),
    ("1", "CCS1", "2022-04-12 19:27:00", "2022-04-12 19:38:00", "12", "5160.4", "60000"),
    ("2", "CCS2", "2022-04-12 19:27:00", "2022-04-12 19:38:00", "12", "11063", "60000"),
    ("4", "CCS2", "2022-04-12 23:50:00", "2022-04-13 00:20:00", "31", "20000", "60000"),
    ("2", "CCS2", "2022-04-13 15:00:00", "2022-04-13 15:10:00", "11", "5000", "60000"),
    ("6", "CCS1", "2022-04-13 09:20:00", "2022-04-13 09:50:00", "31", "9000", "60000"),
    ("7", "CCS1", "2022-04-13 12:20:00", "2022-04-13 12:20:00", "1", "9000", "60000"),
    ("8", "CCS1", "2022-04-13 13:20:00", "2022-04-13 13:50:00", "31", "none", "60000"),
)
_REFUSED = {
    "2": "duplicate_id",
    "6": "plug_taken",
    "7": "departure_not_after_arrival",
    "8": "energy_not_a_number",
}
_TARIFF = {
    "id": "T",
    "currency": "CHF",
    "elements": [
        {"price_components": [{"type": "FLAT", "price": 1, "vat": 7.7, "step_size": 1}]},
        {"price_components": [{"type": "ENERGY", "price": 0.5, "vat": 7.7, "step_size": 1}]},
    ],
}
# 1 CHF and 0.50 a kWh, with 7.7 % on top, rounded once: 5.160 kWh is 3.85566.
_GROSS = {"1": 386, "2": 703, "3": 2352, "4": 1185}


def _replayed(path: Path, rows: Sequence[Sequence[str]]) -> int:
    file, tariff = path / "sessions.csv", path / "tariff.json"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([_HEADER, *rows])
    tariff.write_text(json.dumps(_TARIFF))
    parser = ArgumentParser()
    replay.register(parser.add_subparsers())
    words = ["replay", str(file), "--tariff", str(tariff), "--out", str(path / "out")]
    return replay.run(parser.parse_args(words))


def _table(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_recording_is_priced_paid_and_settled_to_the_cent(tmp_path: Path) -> None:
    assert _replayed(tmp_path, _ROWS) == 0
    out = tmp_path / "out"
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text())
    assert summary["balanced"]
    assert summary["journal_sum"] == {"CHF": 0}
    assert (summary["sessions"], summary["settled"], summary["held"]) == (4, 4, 0)
    assert (summary["refused"], summary["held_reasons"]) == (0, [])
    assert summary["captured"] == {"CHF": sum(_GROSS.values())}
    sessions = _table(out / "sessions.csv")
    assert {line["row"]: int(line["driver paid"]) for line in sessions} == _GROSS
    windows = Counter(line["window"] for line in sessions)  # by the day on which it ended
    assert windows == {"2022-04-12.Europe-Zurich": 2, "2022-04-13.Europe-Zurich": 2}
    for line in sessions:
        parts = [int(line[name]) for name in ("CPO", "partner", "platform", "VAT")]
        assert sum(parts) == int(line["driver paid"])
        assert line["evidence"]
    refused = _table(out / "refused.csv")
    assert {line["id"]: line["code"] for line in refused} == _REFUSED
    assert len(list((out / "statements").glob("*.json"))) == 4


def test_a_recording_without_a_single_sensible_row_starts_nothing(tmp_path: Path) -> None:
    assert _replayed(tmp_path, _ROWS[6:]) == 1
    assert not (tmp_path / "out" / "house").exists()
    assert len(_table(tmp_path / "out" / "refused.csv")) == 2
