"""What does the stream's reader do with a batch, whatever is in it?"""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.errors import NotYet
from chalicelib.handlers.effects import stream
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from sandbox.memory.world import World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    wiring.use(made.ports)
    yield made
    wiring.use(None)


def _event(*owners: str) -> dict[str, Any]:
    records = [{"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": "state"}}}} for pk in owners]
    return {"Records": records}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    owners: list[str] = []

    def run_owner(_ports: Ports, pk: str) -> None:
        if pk == "session#later":
            raise NotYet
        if pk == "session#poison":
            raise KeyError("no such field")
        owners.append(pk)

    def follow(_ports: Ports, pk: str) -> None:
        owners.append(f"followed {pk}")

    monkeypatch.setattr(stream, "run_owner", run_owner)
    monkeypatch.setattr(stream, "follow", follow)
    return owners


def test_an_owner_mentioned_twice_is_run_once(world: World, ran: list[str]) -> None:
    del world
    stream.run_effects(_event("session#a", "session#b", "session#a"), object())
    assert sorted(ran) == ["session#a", "session#b"]


def test_a_chargers_report_is_followed(world: World, ran: list[str]) -> None:
    del world
    stream.run_effects(_event("charging#peer#DE*ABC#1"), object())
    assert ran == ["followed charging#peer#DE*ABC#1"]


def test_what_may_pass_later_is_left_to_the_sweeper(world: World, ran: list[str]) -> None:
    told = stream.run_effects(_event("session#later", "session#a"), object())
    assert told == {"owners": 2, "ran": 1}
    assert ran == ["session#a"]
    assert world.ports.store.get(keys.quarantine("session#later")) is None


def test_a_poison_record_is_set_aside_and_its_neighbours_run(world: World, ran: list[str]) -> None:
    stream.run_effects(_event("session#poison", "session#a"), object())
    assert ran == ["session#a"]
    noted = world.ports.store.get(keys.quarantine("session#poison"))
    assert noted is not None
    assert noted.body["reason"] == "KeyError: 'no such field'"


def test_a_batch_without_records_is_nothing_to_do(world: World) -> None:
    del world
    assert stream.run_effects({}, object()) == {"owners": 0, "ran": 0}
