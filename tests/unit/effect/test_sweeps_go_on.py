"""Does the sweeper reach everybody, whatever one owner, one batch or one CPO does?"""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.errors import NotYet
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import SessionState
from chalicelib.handlers.effects import stream
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CommandAnswer, CpoRefused, Received
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.charger_session.accept_report import ReportTooLarge
from chalicelib.usecases.effect import sweep as sweeping
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network import take
from chalicelib.usecases.network.pull import pull_peer
from chalicelib.usecases.records import due_row
from chalicelib.usecases.session.start_result import command_result
from sandbox.memory.world import PEER, World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    wiring.use(made.ports)
    yield made
    wiring.use(None)


def _sweeps(world: World, hours: float, every: int = 10) -> None:
    for _ in range(int(hours * 60 / every)):
        world.ports.clock.forward(minutes=every)
        sweep(world.ports)
        world.settle()


def _event(*owners: str) -> dict[str, Any]:
    records = [{"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": "state"}}}} for pk in owners]
    return {"Records": records}


def test_one_broken_session_is_set_aside_and_the_others_are_swept(world: World) -> None:
    broken, good = world.start(), world.start()
    key = keys.session(broken.id)
    world.ports.store.write(Put(key, {"what": "no code reads"}, expects=None))
    _sweeps(world, 2)
    assert world.session(good.id).state is SessionState.ABANDONED
    assert world.ports.store.get(keys.quarantine(key.pk)) is not None


def test_a_broken_session_is_looked_at_again_when_it_was_mended(world: World) -> None:
    session = world.start()
    key = keys.session(session.id)
    item = world.ports.store.get(key)
    assert item is not None
    world.ports.store.write(Put(key, {"what": "no code reads"}, expects=None))
    _sweeps(world, 1)
    world.ports.store.write(Put(key, item.body, expects=None))
    _sweeps(world, 3)
    assert world.session(session.id).state is SessionState.ABANDONED


def test_a_cpo_that_refuses_to_list_its_sessions_keeps_no_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CpoRefused(3000, "no sessions here")

    monkeypatch.setattr(world.ports.cpos, "sessions", refuse)
    session = world.start()
    charging = world.report(world.start(), ChargerStatus.ACTIVE, "1", 5)
    _sweeps(world, 2)
    session = world.session(session.id)
    assert (session.state, session.payment.state.value) == (SessionState.ABANDONED, "released")
    _sweeps(world, 20, every=60)
    assert world.session(charging.id).reason == "session_stuck"


def test_what_the_stream_left_to_the_sweeper_has_a_row(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CDR so late that nobody looks at its session any more, while the table is too busy."""
    world.ports.cpos.answer = CommandAnswer.REJECTED
    session = world.start()
    _sweeps(world, 1)
    accept_cdr(world.ports, world.connection, world.cdr(session), "cdr/raw.json")
    world.ports.store.stream.clear()

    def busy(_ports: Ports, _pk: str) -> None:
        raise NotYet

    with monkeypatch.context() as patched:
        patched.setattr(stream, "run_owner", busy)
        stream.run_effects(_event(keys.session(session.id).pk), object())
    _sweeps(world, 1)
    assert world.session(session.id).effects == ()


def test_a_report_that_the_stream_could_not_follow_is_followed_by_the_sweeper(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.start()

    def busy(_ports: Ports, _pk: str) -> None:
        raise NotYet

    monkeypatch.setattr(world, "settle", lambda: None)
    world.report(session, ChargerStatus.ACTIVE, "1", 5)
    (charging,) = [key.pk for key in world.ports.store.stream if key.pk.startswith("charging#")]
    world.ports.store.stream.clear()
    with monkeypatch.context() as patched:
        patched.setattr(stream, "follow", busy)
        stream.run_effects(_event(charging), object())
    world.ports.clock.forward(minutes=20)
    sweep(world.ports)
    assert world.session(session.id).state is SessionState.CHARGING


def test_a_charger_that_starts_long_after_it_was_given_up_is_watched(world: World) -> None:
    session = world.start()
    command_result(world.ports, PEER, "START_SESSION", session.id, "REJECTED")
    world.settle()
    _sweeps(world, 12, every=60)
    session = world.report(session, ChargerStatus.ACTIVE, "1", 13 * 60)
    assert session.state is SessionState.CHARGING
    _sweeps(world, 20, every=60)
    assert world.session(session.id).reason == "session_stuck"


def test_a_row_that_leads_to_a_start_that_never_was_stops_nobody(world: World) -> None:
    """Rows are written before their records, and a process may die in between."""
    world.ports.store.write(due_row(world.ports.clock.now(), keys.session("ses_never").pk))
    good = world.start()
    _sweeps(world, 2)
    assert world.session(good.id).state is SessionState.ABANDONED
    assert world.ports.store.query(keys.quarantine("").pk) == []


def test_more_rows_than_a_page_holds_are_all_swept(world: World) -> None:
    now = world.ports.clock.now()
    for number in range(120):
        key = Key(keys.due_rows(now.date(), 0), f"{keys.due_from(now)}#webhook#none{number:04d}")
        world.ports.store.write(Put(key, {}, expects=None))
    world.ports.clock.forward(minutes=15)
    assert sweep(world.ports)["looked_at"] == 120


def test_a_sweep_that_runs_out_of_time_goes_on_where_it_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = world.ports.clock.now()
    for number in range(3):
        rows = keys.due_rows(now.date(), number)
        key = Key(rows, f"{keys.due_from(now)}#webhook#none{number}")
        world.ports.store.write(Put(key, {}, expects=None))
    looked: list[str] = []
    monkeypatch.setattr(sweeping, "run_owner", lambda _ports, pk: looked.append(pk))
    monkeypatch.setattr(sweeping, "BUDGET", sweeping.BUDGET * 0)
    world.ports.clock.forward(minutes=15)
    counts = [sweep(world.ports)["looked_at"] for _ in range(60)]
    assert max(counts) == 1
    assert looked == ["webhook#none0", "webhook#none1", "webhook#none2"]


class TestAtOnce:
    """A CPO that is slow delays those beside it by one answer, not all behind it by many."""

    NAMES = tuple(f"webhook#none{number}" for number in range(6))

    @pytest.fixture
    def rows(self, world: World) -> World:
        now = world.ports.clock.now()
        for pk in self.NAMES:
            world.ports.store.write(due_row(now, pk))
        world.ports.store.write(due_row(now + timedelta(minutes=5), self.NAMES[0]))  # due twice
        world.ports.clock.forward(minutes=15)
        return world

    def test_several_owners_are_looked_at_at_once_and_each_once(
        self, rows: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        barrier, looked = Barrier(len(self.NAMES), timeout=5), []

        def slow(_ports: Ports, pk: str) -> None:
            barrier.wait()  # breaks when they come one after the other
            looked.append(pk)

        monkeypatch.setattr(sweeping, "run_owner", slow)
        counts = sweep(rows.ports, at_once=2 * keys.DUE_SHARDS)
        assert (counts["looked_at"], counts["quarantined"]) == (len(self.NAMES), 0)
        assert sorted(looked) == list(self.NAMES)

    def test_the_place_passes_nobody_who_was_not_looked_at(
        self, rows: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[str] = []
        monkeypatch.setattr(sweeping, "run_owner", lambda _ports, pk: looked.append(pk))
        monkeypatch.setattr(sweeping, "BUDGET", sweeping.BUDGET * 0)
        for _ in range(2 * keys.DUE_SHARDS):
            sweep(rows.ports, at_once=4)
        assert sorted(set(looked)) == list(self.NAMES)


def test_one_report_that_is_too_large_does_not_stop_a_pull(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = world.start(), world.start()
    for session in (first, second):
        world.report(session, ChargerStatus.ACTIVE, "1", 5)
    big = world.ports.cpos.reports[0].id

    def accept(_ports: Ports, _connection: object, received: Received) -> bool:
        if received.value.id == big:
            raise ReportTooLarge(1_000_000)
        return True

    monkeypatch.setattr(take, "accept_pulled", accept)
    told = pull_peer(world.ports, world.connection)
    assert [why.partition(": 1000000")[0] for why in told.refused] == [f"sessions: {big}"]
    assert not told.failed
    assert told.news >= 1


def test_rows_of_two_days_are_swept_after_a_night_without_a_sweep(world: World) -> None:
    clock = world.ports.clock
    sweep(world.ports)
    evening = clock.now().replace(hour=23, minute=57)
    for number, at in enumerate((evening, evening + timedelta(minutes=5))):
        world.ports.store.write(due_row(at, f"webhook#none{number}"))
    clock.at = evening + timedelta(minutes=30)
    assert sweep(world.ports)["looked_at"] == 2
    assert sweep(world.ports)["looked_at"] == 0


def test_a_row_is_looked_at_only_when_its_minute_has_come(world: World) -> None:
    clock = world.ports.clock
    sweep(world.ports)
    world.ports.store.write(due_row(clock.now() + timedelta(minutes=45), "webhook#none"))
    looked = []
    for _ in range(13):
        clock.forward(minutes=5)
        looked.append(sweep(world.ports)["looked_at"])
    assert looked.index(1) * 5 >= 45
    assert sum(looked) == 1
