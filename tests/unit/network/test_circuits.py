"""Is a CPO that does not answer left alone, by kind of call, and soon tried again?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from chalicelib.adapters.ocpi_client import circuit
from chalicelib.adapters.ocpi_client.circuit import FAILURES_MAX, PAUSE, Guarded
from chalicelib.domain.ids import PeerId
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import SessionState
from chalicelib.ports.cpo import CpoNotAsked, CpoRefused, CpoUnavailable, ListTooLong, Pulled
from chalicelib.usecases.connection.health import health_of
from chalicelib.usecases.effect.sweep import sweep
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.world import PEER, World


class _Asked(MemoryCpo):
    """Counts what reaches it."""

    asked = 0

    def sessions(self, *args: Any) -> Pulled:
        self.asked += 1
        return super().sessions(*args)


@pytest.fixture
def world() -> World:
    made = World()
    counting = _Asked(network=made.ports.cpos.network)
    made.ports.cpos = cast("MemoryCpo", Guarded(counting, made.ports.clock))
    return made


@pytest.fixture
def cpo(world: World) -> _Asked:
    guarded = cast("Any", world.ports.cpos)
    behind: _Asked = guarded._cpos
    return behind


def _ask(world: World, peer: str = "") -> None:
    at = world.ports.clock.now()
    connection = world.connection
    if peer:
        connection = replace(connection, id=PeerId(peer))
    world.ports.cpos.sessions(connection, at, at)


def _silence(world: World, cpo: _Asked) -> None:
    cpo.down = True
    for _ in range(FAILURES_MAX):
        with pytest.raises(CpoUnavailable):
            _ask(world)


def test_after_some_silence_a_cpo_is_not_asked_for_a_while(world: World, cpo: _Asked) -> None:
    _silence(world, cpo)
    for _ in range(10):
        with pytest.raises(CpoNotAsked):
            _ask(world)
    assert cpo.asked == FAILURES_MAX


def test_one_call_tries_again_and_each_further_silence_lasts_longer(
    world: World, cpo: _Asked
) -> None:
    _silence(world, cpo)
    world.ports.clock.at += PAUSE
    with pytest.raises(CpoUnavailable):
        _ask(world)
    assert cpo.asked == FAILURES_MAX + 1
    world.ports.clock.at += PAUSE
    with pytest.raises(CpoNotAsked):
        _ask(world)
    world.ports.clock.at += PAUSE
    cpo.down = False
    _ask(world)
    _ask(world)
    assert cpo.asked == FAILURES_MAX + 3


def test_a_no_is_an_answer_and_other_peers_are_asked(world: World, cpo: _Asked) -> None:
    cpo.refuses = True
    for _ in range(5):
        with pytest.raises(CpoRefused):
            _ask(world)
    cpo.refuses = False
    _silence(world, cpo)
    cpo.down = False
    _ask(world, "peer_other")


def test_lists_that_take_too_long_are_left_and_chargers_start_all_the_same(
    world: World, cpo: _Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(0, 10_000, circuit.SLOW_S + 1))
    monkeypatch.setattr("chalicelib.adapters.ocpi_client.circuit.time.monotonic", moments.__next__)
    for _ in range(FAILURES_MAX):
        _ask(world)
    with pytest.raises(CpoNotAsked):
        _ask(world)
    assert world.start().state is SessionState.STARTING
    assert len(cpo.starts) == 1


def test_a_start_that_was_surely_not_sent_is_refused_at_once(world: World, cpo: _Asked) -> None:
    cpo.down = True
    unknown = [world.start() for _ in range(FAILURES_MAX)]
    refused = world.start()
    assert {session.state for session in unknown} == {SessionState.STARTING}
    assert (refused.state, refused.reason) == (SessionState.REFUSED, "cpo_silent")
    assert refused.payment.state is PaymentState.RELEASED
    assert cpo.starts == []
    health = health_of(world.ports, PEER)  # one write for each that nobody knows of
    assert health.week.starts_unanswered == FAILURES_MAX
    assert health.answered_permille == 0


def test_a_sweep_asks_a_silent_cpo_a_few_times_for_all_its_sessions(
    world: World, cpo: _Asked
) -> None:
    sessions = [world.start() for _ in range(9)]
    cpo.down = True
    world.ports.clock.forward(minutes=15)
    sweep(world.ports)
    assert cpo.asked == FAILURES_MAX
    cpo.down = False
    world.ports.clock.forward(minutes=15)
    sweep(world.ports)
    assert {world.session(s.id).state for s in sessions} == {SessionState.STARTING}
    assert cpo.asked > FAILURES_MAX


def test_pauses_end_in_ten_minutes_however_long_it_is_silent(world: World, cpo: _Asked) -> None:
    _silence(world, cpo)
    pauses = list[timedelta]()
    for _ in range(12):
        began: datetime = world.ports.clock.at
        while True:
            world.ports.clock.at += timedelta(seconds=10)
            with pytest.raises(CpoUnavailable) as said:
                _ask(world)
            if said.type is CpoUnavailable:
                break
        pauses.append(world.ports.clock.at - began)
    assert max(pauses) <= timedelta(minutes=10, seconds=10)
    assert pauses[0] <= timedelta(seconds=40)


def test_a_cpo_with_more_than_may_be_read_at_once_is_not_silent(world: World, cpo: _Asked) -> None:
    """It is asked for ever less until it can be read: that takes more than three answers."""
    cpo.at_once_dated = 1
    other = World()
    cpo.finished += [other.cdr(other.charge()) for _ in range(2)]
    at = world.ports.clock.now()
    for _ in range(2 * FAILURES_MAX):
        with pytest.raises(ListTooLong):
            world.ports.cpos.cdrs(world.connection, at - timedelta(days=1), at + timedelta(days=1))
