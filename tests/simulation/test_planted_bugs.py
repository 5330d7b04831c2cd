"""Would the simulation notice? Each bug that is planted is found, from the same seeds each time."""

from collections.abc import Iterator

import pytest

from sandbox.simulation.planted.all import PLANTED
from sandbox.simulation.planted.plant import Planted
from sandbox.simulation.play import Played, play_seed
from sandbox.simulation.runner import quiet_process

_MOST = 120  # histories: a bug that hides longer is not found


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_process():
        yield


def _first_found(planted: Planted) -> Played | None:
    with planted.plant():
        return next((p for p in map(play_seed, planted.seeds_tried(_MOST)) if p.found), None)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_bug_is_found(planted: Planted) -> None:
    played = _first_found(planted)
    assert played is not None, f"{planted.name}: not found in {_MOST} histories"
    seed = int(played.name.removeprefix("seed "))
    assert play_seed(seed).found == [], "without the bug the same history ends well"


def test_thirty_bugs_and_more_are_planted() -> None:
    assert len({planted.name for planted in PLANTED}) >= 30
