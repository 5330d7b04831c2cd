"""What is not written, and who is not asked, where nothing would come of it?"""

from datetime import datetime

import pytest

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import SessionState
from chalicelib.ports.cpo import Pulled
from chalicelib.usecases import keys
from chalicelib.usecases.session.look_again import look_again
from sandbox.memory.world import World


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> tuple[World, list[str]]:
    world, asked = World(), list[str]()
    sessions = world.ports.cpos.sessions

    def noted(connection: Connection, since: datetime, until: datetime) -> Pulled:
        asked.append(connection.id)
        return sessions(connection, since, until)

    monkeypatch.setattr(world.ports.cpos, "sessions", noted)
    return world, asked


def test_a_hold_and_the_start_that_it_brings_about_are_one_write() -> None:
    world = World()
    session = world.start()
    item = world.ports.store.get(keys.session(session.authorization_reference))
    assert session.state is SessionState.STARTING
    assert item is not None
    assert item.version == 2  # as it was asked for, and with what came of it


def test_a_cpo_whose_charger_told_minutes_ago_is_not_asked(asked: tuple[World, list[str]]) -> None:
    world, calls = asked
    session = world.report(world.start(), ChargerStatus.ACTIVE, "1", 5)
    world.ports.clock.forward(minutes=9)
    assert not look_again(world.ports, session)
    assert calls == []


def test_a_cpo_whose_charger_is_silent_is_asked(asked: tuple[World, list[str]]) -> None:
    world, calls = asked
    session = world.report(world.start(), ChargerStatus.ACTIVE, "1", 5)
    world.ports.clock.forward(minutes=11)
    assert look_again(world.ports, session)
    assert calls == [session.peer_id]
