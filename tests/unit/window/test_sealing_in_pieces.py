"""Is a window sealed file by file as it would be at once, however it is interrupted?"""

from collections import defaultdict
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import freeze_at
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.records import create
from chalicelib.usecases.window import sealing
from chalicelib.usecases.window.freeze import freeze
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.pull_missing import pull_missing
from chalicelib.usecases.window.sealed import entries_in, ids_in, sealed_entries
from sandbox.memory.fragile import Fragile
from sandbox.memory.machine import Killed, MemoryMachine
from sandbox.memory.settled import DAY, SettledWorld

_SESSIONS = 7


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of three entries, calls of eight rows."""
    monkeypatch.setattr(sealing, "ENTRIES_A_FILE", 3)
    monkeypatch.setattr(sealing, "ROWS_A_CALL", 8)


def _a_day() -> SettledWorld:
    settled = SettledWorld()
    for _ in range(_SESSIONS):
        settled.charge()
    return settled


def _opened(settled: SettledWorld | None = None) -> SettledWorld:
    """The day is over and its window open; no execution runs."""
    settled = settled or _a_day()
    ports = settled.world.ports
    ports.clock.at = freeze_at(DAY)
    ports.store.write(create(keys.window(DAY), WindowRun(DAY, Stage.OPENED, ports.clock.now())))
    return settled


def _frozen(settled: SettledWorld, attempt: int = 1) -> list[str]:
    """What each call of Freeze said."""
    said = ["more"]
    while said[-1] == "more":
        said.append(freeze(settled.world.ports, DAY, attempt)["outcome"])
    return said[1:]


def _run(settled: SettledWorld) -> WindowRun:
    return run_of(settled.world.ports, DAY).value


def _files(settled: SettledWorld) -> list[list[str]]:
    return [ids_in(settled.world.ports, name) for name in _run(settled).sealed]


@pytest.mark.usefixtures("small")
def test_each_call_seals_one_file_of_few_entries_until_all_are_sealed() -> None:
    settled = _opened()
    said = _frozen(settled)
    files = _files(settled)
    assert said == ["more"] * (len(said) - 1) + ["frozen"]
    assert len(said) > len(files) / 2 > 1
    assert max(len(ids) for ids in files) <= 4  # three, and what the last session has more
    assert sorted(id_ for ids in files for id_ in ids) == sorted(e.id for e in settled.entries())


@pytest.mark.usefixtures("small")
def test_the_entries_of_a_session_lie_in_one_file() -> None:
    settled = _opened()
    _frozen(settled)
    places: defaultdict[str, set[str]] = defaultdict(set)
    events: defaultdict[str, set[Event]] = defaultdict(set)
    for name in _run(settled).sealed:
        for entry in entries_in(settled.world.ports, name):
            places[entry.owner].add(name)
            events[entry.owner].add(entry.event)
    assert {len(names) for names in places.values()} == {1}
    assert sum({Event.SALE, Event.CASH} <= found for found in events.values()) == _SESSIONS


@pytest.mark.usefixtures("small")
def test_another_attempt_goes_on_where_the_killed_one_stopped_and_seals_the_same_files() -> None:
    settled, other = _opened(), _opened()
    _frozen(settled)
    calls = 0
    while not _run(other).reached(Stage.FROZEN):
        calls += 1
        freeze(other.world.ports, DAY, calls)
    assert _run(other).sealed == _run(settled).sealed
    assert calls > 2


@pytest.mark.usefixtures("small")
def test_what_lands_behind_the_place_that_was_reached_is_sealed_after_the_pull() -> None:
    settled = _a_day()
    late = [settled.charge(told=False) for _ in range(4)]
    ports = _opened(settled).world.ports
    assert freeze(ports, DAY, 1)["outcome"] == "more"
    for cdr in ports.cpos.finished:
        accept_cdr(ports, settled.world.connection, cdr, f"cdr/{cdr.id}.json")
    settled.world.settle()
    _frozen(settled)
    assert len(list(sealed_entries(ports, _run(settled)))) < len(settled.entries())
    while pull_missing(ports, DAY, 1)["outcome"] == "more":
        pass
    found = [entry.id for entry in sealed_entries(ports, _run(settled))]
    assert len(found) == len(set(found))
    assert set(found) == {entry.id for entry in settled.entries()}
    assert {f"session#{session.id}" for session in late} <= {
        entry.owner for entry in sealed_entries(ports, _run(settled))
    }


@pytest.mark.usefixtures("small")
def test_a_day_in_pieces_pays_as_the_same_day_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = _a_day()
    pieces.settle_day()
    monkeypatch.undo()
    once = _a_day()
    once.settle_day()
    assert len(_run(pieces).sealed) > len(_run(once).sealed) == 1
    assert [p.money for p in pieces.payouts()] == [p.money for p in once.payouts()]


def _killed(die_at: int, *, after: bool) -> SettledWorld:
    settled = _a_day()
    settled.close_of()
    fragile: Any = Fragile(settled.world.ports, die_at, after=after)
    settled.machine = MemoryMachine(fragile)
    with suppress(Killed):
        settled.run(fragile)
    return settled


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("die_at", range(2, 13, 2))
def test_killed_while_it_seals_every_entry_is_in_one_file(die_at: int, *, after: bool) -> None:
    settled = _killed(die_at, after=after)
    assert _run(settled).stage in {Stage.OPENED, Stage.FROZEN}
    settled.machine = MemoryMachine(settled.world.ports)
    settled.run()
    assert _run(settled).stage is Stage.CLOSED
    ids = [id_ for file in _files(settled) for id_ in file]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 2 * _SESSIONS
