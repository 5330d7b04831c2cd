"""How often does the reconciliation of a window ask the table? Not once a session and record."""

from collections import Counter

import pytest

from chalicelib.domain.settlement.run import Stage
from chalicelib.ports.store import Item, Key
from chalicelib.usecases.window.freeze import freeze
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.pull_missing import pull_missing
from chalicelib.usecases.window.reconcile import reconcile
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.settled import DAY, SettledWorld

_SESSIONS = 6


def test_what_sessions_share_is_read_once_a_file_and_their_cdrs_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled = SettledWorld()
    for _ in range(_SESSIONS):
        settled.charge()
    ports, store = settled.world.ports, settled.world.ports.store
    settled.close_of()
    settled.machine = MemoryMachine(ports, lambda _payload, _call: {"outcome": "superseded"})
    settled.run()
    attempt = run_of(ports, DAY).value.attempt
    freeze(ports, DAY, attempt)
    pull_missing(ports, DAY, attempt)
    read: Counter[str] = Counter()
    get = store.get

    def counted(key: Key) -> Item | None:
        read[key.pk.partition("#")[0]] += 1
        return get(key)

    def together(keys: list[Key]) -> dict[Key, Item]:
        read[f"together {keys[0].pk.partition('#')[0]}"] += 1
        found = ((key, get(key)) for key in keys)
        return {key: item for key, item in found if item is not None}

    monkeypatch.setattr(store, "get", counted)
    monkeypatch.setattr(store, "get_many", together)
    while reconcile(ports, DAY, attempt)["outcome"] == "more":
        pass
    assert run_of(ports, DAY).value.stage is Stage.RECONCILED
    assert (read["party"], read["together party"]) == (0, 1)  # the channel, the CPO, the partner
    assert (read["cdr"], read["together cdr"]) == (0, 1)
    assert (read["session"], read["together session"]) == (0, 1)
