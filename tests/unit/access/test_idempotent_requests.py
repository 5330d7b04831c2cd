"""Is a request that is sent twice done once, whatever happened to the first?"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chalicelib.domain.access.idempotency import IdempotencyKeyReused, RequestInFlight
from chalicelib.domain.errors import Rejected
from chalicelib.domain.ids import PartyId
from chalicelib.usecases.access.once import once
from sandbox.memory.plain import MemoryClock
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.store import MemoryStore

PARTNER = PartyId("par_1")


class PowerFailure(Exception):
    pass


class SteppedWall(MemoryClock):
    """Wall time that a test moves."""

    def wall(self) -> datetime:
        return self.at


@pytest.fixture
def ports() -> MemoryPorts:
    return MemoryPorts(clock=SteppedWall(datetime(2026, 11, 22, tzinfo=UTC)))


class Work:
    """Counts how often it was done."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.done = list(failures), 0

    def __call__(self) -> tuple[int, str]:
        if self.failures:
            raise self.failures.pop(0)
        self.done += 1
        return 201, f"answer {self.done}"


def ask(
    ports: MemoryPorts, do: Callable[[], tuple[int, str]], request_hash: str = "h"
) -> tuple[int, str, bool]:
    return once(ports, PARTNER, "issue_a_token", "key", request_hash=request_hash, do=do)


def test_the_second_gets_the_answer_of_the_first(ports: MemoryPorts) -> None:
    work = Work()
    assert ask(ports, work) == (201, "answer 1", False)
    assert ask(ports, work) == (201, "answer 1", True)
    assert work.done == 1


def test_another_request_under_the_key_is_refused(ports: MemoryPorts) -> None:
    work = Work()
    ask(ports, work)
    with pytest.raises(IdempotencyKeyReused):
        ask(ports, work, "other")
    assert work.done == 1


def test_while_the_first_is_in_flight_the_second_is_told_to_wait(ports: MemoryPorts) -> None:
    work = Work()

    def slow() -> tuple[int, str]:
        with pytest.raises(RequestInFlight):
            ask(ports, work)
        return work()

    assert ask(ports, slow)[1] == "answer 1"
    assert work.done == 1


def test_a_refused_request_may_be_sent_again(ports: MemoryPorts) -> None:
    work = Work(Rejected("no agreement yet"))
    with pytest.raises(Rejected):
        ask(ports, work)
    assert ask(ports, work) == (201, "answer 1", False)


def test_after_a_crash_the_key_is_free_again_within_a_minute(ports: MemoryPorts) -> None:
    work = Work(PowerFailure())
    with pytest.raises(PowerFailure):
        ask(ports, work)
    with pytest.raises(RequestInFlight):
        ask(ports, work)
    ports.clock.forward(minutes=1)
    assert ask(ports, work) == (201, "answer 1", False)


def test_of_two_that_come_at_once_one_is_told_to_wait(
    ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, get = Work(), MemoryStore.get

    def late(_store: MemoryStore, _key: object) -> None:
        monkeypatch.setattr(MemoryStore, "get", get)
        ask(ports, work)  # the other request, between our read and our write

    monkeypatch.setattr(MemoryStore, "get", late)
    with pytest.raises(RequestInFlight):
        ask(ports, work)
    assert work.done == 1
