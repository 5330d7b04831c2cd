"""Would the simulation notice? Each bug that is planted is found, by the same history each time."""

from collections.abc import Iterator
from time import process_time

import pytest

from sandbox.simulation.planted.all import PLANTED
from sandbox.simulation.planted.plant import Planted
from sandbox.simulation.play import Played, play_named
from sandbox.simulation.runner import quiet_process

_MOST = 250  # histories: a bug that hides longer is not found
# Of each processor that plays them: what others do on the machine meanwhile is not counted.
_ALL_TOGETHER_S = 180
_spent_s: list[float] = []


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_process():
        yield


@pytest.fixture(autouse=True)
def _within_three_minutes() -> Iterator[None]:
    began = process_time()
    yield
    _spent_s.append(process_time() - began)
    assert sum(_spent_s) < _ALL_TOGETHER_S, "all planted bugs are found in three minutes"


def _first_found(planted: Planted) -> Played | None:
    with planted.plant():
        played = map(play_named, planted.histories(_MOST))
        return next((each for each in played if each is not None and each.found), None)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_bug_is_found(planted: Planted) -> None:
    played = _first_found(planted)
    assert played is not None, f"{planted.name}: not found in {_MOST} histories"
    without = play_named(played.name)
    assert without is not None
    assert without.found == [], "without the bug the same history ends well"


def test_eighty_bugs_are_planted() -> None:
    assert len({planted.name for planted in PLANTED}) >= 80
