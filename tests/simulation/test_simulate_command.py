"""Does `python -m sandbox simulate` say what it played, as JSON and for people?"""

import json

import pytest

from sandbox.__main__ import main
from sandbox.commands import simulate as command
from sandbox.simulation.coverage import Coverage
from sandbox.simulation.faults import Fault
from sandbox.simulation.history import History
from sandbox.simulation.play import Played, play_seed
from sandbox.simulation.runner import Result


def test_a_run_says_its_figures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["simulate", "--histories", "4", "--seed", "1", "--jobs", "1", "--json", "--no-aim"]
    assert main(words) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["violations"] == []
    assert said["histories"] > 4  # the scenarios in fair weather too
    assert said["sites"] > 1000
    assert 0 <= said["coverage"] < 1
    assert said["histories_per_s"] > 0
    assert said["small_histories_per_s"] > 0


def test_a_small_history_has_one_visit_and_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a schedule that ran in the middle of a call opened one: its nights are played."""
    histories: list[History] = []
    run = History.run

    def noted(history: History) -> None:
        histories.append(history)
        run(history)

    monkeypatch.setattr(History, "run", noted)
    small = [play_seed(seed).small for seed in (2, 3, 15)]
    assert small == [True, False, False]
    assert [history.scenario.is_small for history in histories] == [True, False, True]
    assert [history.nights() for history in histories] == [False, True, True]


def test_a_run_that_leaves_a_site_out_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = ("nobody", "store.write", 1)
    result = Result(coverage=Coverage({site: "card"}, {(site, Fault.CRASH_BEFORE)}))
    monkeypatch.setattr(command, "simulate", lambda *_args, **_named: result)
    assert main(["simulate", "--histories", "1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["not_crashed"] == [
        "crash_after nobody store.write 1"
    ]
    assert main(["simulate", "--histories", "1", "--json", "--no-aim"]) == 0


def test_one_history_is_played_again_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--play", "seed 2"]) == 0
    assert main(["simulate", "--play", "card: crash_after start store.write 1"]) == 0
    assert "crash_after" in capsys.readouterr().out
    assert main(["simulate", "--play", "nonsense"]) == 2


def test_a_history_that_ends_badly_is_told_and_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Played("seed 5", ["a cent is missing"], {}, [], ["a story"])
    monkeypatch.setattr(command, "play_named", lambda _name: bad)
    assert main(["simulate", "--play", "seed 5"]) == 1
    assert "a cent is missing" in capsys.readouterr().out
