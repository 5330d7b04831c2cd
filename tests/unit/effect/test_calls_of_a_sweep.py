"""How often does a function that runs by the clock ask the table when nothing is due?"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from chalicelib import wiring
from chalicelib.handlers.effects import schedules
from chalicelib.ports.store import Item, Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.bank.accept_files import accept_files
from chalicelib.usecases.window.open_due import open_due
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import CPO, World

CONTEXT = object()
T = TypeVar("T")


class AskedStore(MemoryStore):
    """Counts calls as the table would get them, by the first partition's kind."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()
        self._is_asked = False  # of smaller calls the fake makes larger ones

    def get(self, key: Key) -> Item | None:
        return self._counted(key, lambda: MemoryStore.get(self, key))

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        return self._counted(keys[0], lambda: MemoryStore.get_many(self, keys))

    def query(self, pk: str, **how: Any) -> list[Item]:
        return self._counted(Key(pk), lambda: MemoryStore.query(self, pk, **how))

    def write(self, *writes: Write) -> None:
        self._counted(writes[0].key, lambda: MemoryStore.write(self, *writes))

    def _counted(self, key: Key, ask: Callable[[], T]) -> T:
        if self._is_asked:
            return ask()
        self.asked[key.pk.partition("#")[0]] += 1
        self._is_asked = True
        try:
            return ask()
        finally:
            self._is_asked = False


@pytest.fixture
def store() -> Iterator[AskedStore]:
    """Of a market with one zone whose functions ran five minutes ago; its hour is not over."""
    store = AskedStore()
    world = World(MemoryPorts(store=store))
    wiring.use(world.ports)
    store.write(Put(Key(keys.parties(), CPO), {}))
    open_due(world.ports, MemoryMachine(world.ports))
    schedules.sweep_effects({}, CONTEXT)
    world.ports.clock.at += timedelta(minutes=5)
    store.asked.clear()
    yield store
    wiring.use(None)


def test_a_sweep_reads_each_list_once(store: AskedStore) -> None:
    schedules.sweep_effects({}, CONTEXT)
    lists = ("uncredited", "returnable", "unmatched", "to-reopen", "approved", "returned")
    assert store.asked == {
        "sweeper": 2,  # read with the canary, written
        "canary": 1,
        "due": keys.DUE_SHARDS,
        **{f"payouts-{name}": 1 for name in lists},
        "provider-events-reached": 1,
        "zones": 1,
        "held": 1,  # of the one zone
        "windows-unpublished": 1,
        "float-forecast": 1,
    }
    assert store.asked.total() == 29 + 1


def test_windows_and_the_banks_files_are_looked_at_with_few_reads(store: AskedStore) -> None:
    ports = wiring.ports()
    open_due(ports, MemoryMachine(ports))
    assert store.asked == {"parties": 1, "party": 1, "zones": 1, "windows-open": 1}
    store.asked.clear()
    accept_files(ports)
    assert set(store.asked.values()) == {1}
