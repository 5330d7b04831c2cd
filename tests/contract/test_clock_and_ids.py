"""What may the channel rely on at a clock, and in ids? The same in memory and for real."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.adapters.clock import SteppedClock, WallClock
from chalicelib.adapters.ids import TimeOrderedIds
from chalicelib.ports.clock import Clock, Ids
from sandbox.memory.plain import MemoryClock, MemoryIds
from sandbox.peers import clock as peer
from sandbox.peers.serving import epoch

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
Step = Callable[[], None]


@pytest.fixture(params=["memory", "stepped"])
def stepped(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Clock, Step]:
    """A clock, and how it is moved by an hour."""
    if request.param == "memory":
        memory = MemoryClock(AT)
        return memory, lambda: memory.forward(hours=1)
    file = peer.Clock(tmp_path / "clock")
    file.set(epoch("2026-11-20T09:00:00Z"))
    return SteppedClock(str(file.file)), lambda: file.set(file.now() + 3600)


def test_a_stepped_clock_stands_until_it_is_moved(stepped: tuple[Clock, Step]) -> None:
    clock, step = stepped
    assert clock.now() == clock.now() == AT
    assert clock.now().utcoffset() == timedelta(0)
    step()
    assert clock.now() == AT + timedelta(hours=1)


def test_wall_time_goes_on_in_the_sandbox_too(stepped: tuple[Clock, Step]) -> None:
    clock, _ = stepped
    before = datetime.now(UTC)
    assert before <= clock.wall() <= datetime.now(UTC)


def test_by_the_wall_both_times_are_one() -> None:
    clock: Clock = WallClock()
    before = datetime.now(UTC)
    assert before <= clock.now() <= clock.wall() <= datetime.now(UTC)
    assert clock.now().utcoffset() == timedelta(0)


@pytest.fixture(params=["memory", "time ordered"])
def ids(request: pytest.FixtureRequest) -> tuple[Ids, MemoryClock]:
    clock = MemoryClock(AT)
    return (MemoryIds() if request.param == "memory" else TimeOrderedIds(clock)), clock


def test_ids_are_fresh_and_sort_by_their_time(ids: tuple[Ids, MemoryClock]) -> None:
    maker, clock = ids
    made = []
    for _ in range(50):
        made.append(maker.new("ses"))
        clock.forward(milliseconds=1)
    assert made == sorted(set(made))
    assert all(len(id_) == len("ses_") + 32 and id_.startswith("ses_") for id_ in made)


def test_secrets_are_long_fresh_and_fit_a_url(ids: tuple[Ids, MemoryClock]) -> None:
    made = {ids[0].secret() for _ in range(50)}
    assert len(made) == 50
    assert all(
        len(text) >= 43 and text.replace("-", "").replace("_", "").isalnum() for text in made
    )
