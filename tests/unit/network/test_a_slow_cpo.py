"""Does one slow CPO delay another, in the hourly pull or in a window's?"""

from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.health import PeerHealth
from chalicelib.domain.ids import PeerId
from chalicelib.ports.cpo import Pulled
from chalicelib.usecases import keys
from chalicelib.usecases.network import pull
from chalicelib.usecases.records import create
from chalicelib.usecases.window.pull_missing import _ask_cpos
from sandbox.memory.world import World

OTHER = PeerId("peer_other")


class _AllAtOnce:
    """Answers only once both CPOs have been asked; one after the other, the barrier breaks."""

    def __init__(self) -> None:
        self.barrier = Barrier(2, timeout=5)

    def cdrs(self, *_: Any) -> Pulled:
        self.barrier.wait()
        return Pulled((), ())


@pytest.fixture
def world() -> World:
    made = World()
    other = replace(made.connection, id=OTHER)
    made.ports.store.write(create(keys.peer(OTHER), other))
    return made


def test_the_hourly_pull_asks_several_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [world.connection, replace(world.connection, id=OTHER)]
    pulled = PeerHealth(pulled_at=world.ports.clock.now())
    world.ports.store.write(create(keys.peer_health(OTHER), pulled))
    barrier = Barrier(2, timeout=5)

    def slow(_ports: Any, connection: Connection) -> pull.PeerPull:
        barrier.wait()
        return pull.PeerPull(connection.id, 0)

    monkeypatch.setattr(pull, "connections", lambda _ports: known[::-1])
    monkeypatch.setattr(pull, "pull_peer", slow)
    found = pull.pull_all(world.ports, at_once=2)
    assert [each.peer_id for each in found] == [world.connection.id, OTHER]  # longest ago first


def test_a_windows_pull_asks_several_at_once(world: World) -> None:
    session = world.charge()
    cpos = _AllAtOnce()
    object.__setattr__(world.ports, "cpos", cpos)
    _ask_cpos(world.ports, [session, replace(session, peer_id=OTHER)])
    assert not cpos.barrier.broken
