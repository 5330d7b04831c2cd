"""Does `python -m sandbox reprice` find what a network billed otherwise than it published?"""

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox.commands import reprice
from tests.golden.tariff_notation import cdr_object, tariff_object

_DAY = date(2026, 11, 20)
_SESSION = "09:00 ENERGY 20 TIME 2\n11:00 end"
_TARIFF = tariff_object("ENERGY 0.50 vat 19")


def _cdr(id_: str, claim: str, **changes: Any) -> dict[str, Any]:
    return {**cdr_object(_DAY, _SESSION, claim=claim), "id": id_, **changes}


class Desk:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self._parser = argparse.ArgumentParser()
        reprice.register(self._parser.add_subparsers())
        self.write("tariffs.json", json.dumps([_TARIFF], default=float))
        (folder / "cdrs").mkdir()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def cdrs(self, name: str, *cdrs: dict[str, Any]) -> None:
        self.write(f"cdrs/{name}", "\n".join(json.dumps(cdr, default=float) for cdr in cdrs))

    def type(self, *words: str, published: bool = True) -> tuple[int, str]:
        tariffs = ["--tariffs", str(self.folder / "tariffs.json")] if published else []
        line = ["reprice", str(self.folder / "cdrs"), "--processes", "1", *tariffs, *words]
        status = reprice.run(self._parser.parse_args(line))
        told = self._capsys.readouterr()
        return status, told.out + told.err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_a_network_that_bills_what_it_published_is_in_order(desk: Desk) -> None:
    desk.cdrs("a.jsonl", _cdr("1", "10 11.90"), _cdr("2", "10 11.90"))
    desk.cdrs("b.json", {"data": [_cdr("3", "10 11.90")]})  # a page, as a peer answers
    status, told = desk.type()
    assert status == 0
    assert "3 CDRs" in told
    assert "30.00" in told


def test_every_difference_is_written_down_with_its_place_and_both_sums(desk: Desk) -> None:
    desk.cdrs("a.jsonl", _cdr("1", "10 11.90"), _cdr("2", "12 14.28"))
    status, told = desk.type("--out", str(desk.folder / "out.jsonl"))
    assert status == 1
    assert "overcharged" in told
    (found,) = map(json.loads, (desk.folder / "out.jsonl").read_text().splitlines())
    assert found["place"].endswith("a.jsonl:2")
    assert (found["cdr_id"], found["claimed"], found["priced"]) == ("2", "12.0", "10.00")


def test_the_version_published_last_before_the_start_prices_a_session(desk: Desk) -> None:
    later = {**tariff_object("ENERGY 0.90 vat 19"), "last_updated": "2026-11-21T00:00:00Z"}
    desk.write("tariffs.json", json.dumps([later, _TARIFF], default=float))
    desk.cdrs("a.jsonl", _cdr("1", "10 11.90"))
    assert desk.type()[0] == 0
    moved = {"start_date_time": "2026-11-22T09:00:00Z", "end_date_time": "2026-11-22T11:00:00Z"}
    desk.cdrs("a.jsonl", _cdr("1", "18 21.42", **moved))
    assert desk.type()[0] == 0


def test_without_published_tariffs_each_cdr_is_priced_by_its_own(desk: Desk) -> None:
    dearer = tariff_object("ENERGY 0.60 vat 19")
    own = (_cdr("1", "10 11.90", tariffs=[_TARIFF]), _cdr("2", "12 14.28", tariffs=[dearer]))
    desk.cdrs("a.jsonl", *own, _cdr("3", "1 1.19", tariffs=[]))
    status, told = desk.type(published=False)
    assert status == 1
    assert "a.jsonl:3: tariffs: the CDR has no tariff" in told.replace("\n", "")


def test_what_cannot_be_priced_is_counted_and_its_first_places_named(desk: Desk) -> None:
    desk.cdrs("a.jsonl", _cdr("1", "10 11.90", currency="SEK"), _cdr("2", "10", credit=True))
    desk.write("cdrs/b.jsonl", "no json\n\n")
    status, told = desk.type()
    assert status == 1
    for words in ("1 currencies_differ", "1 credit_cdr", "1 malformed_json", "b.jsonl:1"):
        assert words in told


def test_two_processes_find_what_one_does(desk: Desk) -> None:
    desk.cdrs("a.jsonl", *(_cdr(str(n), "10 11.90" if n % 9 else "11 13.09") for n in range(1200)))
    status, told = desk.type("--processes", "2")
    assert status == 1
    assert "1,200 CDRs" in told
    assert "134" in told


def test_a_published_tariff_without_a_reading_is_refused_by_its_place(desk: Desk) -> None:
    desk.write("tariffs.json", json.dumps([_TARIFF, {"id": "T2"}], default=float))
    desk.cdrs("a.jsonl", _cdr("1", "10 11.90"))
    status, told = desk.type()
    assert status == 1
    assert "tariffs.json:1" in told
