"""Does the sandbox's clock only ever step forward?"""

from pathlib import Path

import pytest

from sandbox.peers.clock import Clock, GoesBack, now_by
from sandbox.peers.serving import epoch, instant

AT = epoch("2026-11-20T09:00:00Z")


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    clock = Clock(tmp_path / "clock")
    clock.set(AT)
    return clock


def test_it_tells_the_time_until_it_is_moved(clock: Clock) -> None:
    assert instant(clock.now()) == "2026-11-20T09:00:00Z"
    clock.set(AT + 3600)
    assert now_by(str(clock.file)) == clock.now() == AT + 3600


def test_it_does_not_go_back(clock: Clock) -> None:
    with pytest.raises(GoesBack, match="08:59:59"):
        clock.set(AT - 1)
    assert clock.now() == AT


def test_it_may_be_set_to_the_same_second_again(clock: Clock) -> None:
    clock.set(AT)
    assert clock.now() == AT
