"""Which market does `sandbox demo` play, and what does it refuse?"""

import argparse
from pathlib import Path

import pytest

from sandbox.commands import demo


def _parsed(line: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    demo.register(parser.add_subparsers())
    return parser.parse_args(["demo", *line.split()])


def test_the_short_demo_is_what_it_was_and_the_long_one_has_ten_cpos() -> None:
    short, long = demo.chosen(_parsed("")), demo.chosen(_parsed("--long"))
    assert (len(short.cast.cpos), short.days, len(short.script)) == (3, 2, 59)
    assert (len(long.cast.cpos), long.days, len(long.script)) == (10, 7, 155 + 28)


def test_one_day_without_clean_trips_is_that_days_trouble_and_the_emsps_drivers() -> None:
    show = demo.chosen(_parsed("--long --days 1 --trips-per-day 0"))
    assert show.days == 1
    assert len(show.script) == 15 + 4


def test_days_are_for_the_long_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.run(_parsed(f"--days 1 --out {tmp_path / 'out'}")) == 2
    assert "--days is for --long" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()
