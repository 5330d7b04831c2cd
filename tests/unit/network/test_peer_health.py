"""What does the pull learn of a CPO, when does it come again, and what does staff see of it?"""

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.connection.health import Day, PeerHealth, Unfit, pause, unfit
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.cpo import CpoUnavailable, Pulled
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.connection.health import health_of
from chalicelib.usecases.network.pull import pull_all, pull_peer
from chalicelib.usecases.tariff.read import TariffUnknown, in_force
from sandbox.commands import admin
from sandbox.memory.world import PEER, World


@pytest.fixture
def world() -> World:
    made = World()
    made.ports.store.write(Put(Key(keys.peers(), PEER), {}))
    pull_all(made.ports)  # it has been connected for a while
    return made


def _health(world: World) -> PeerHealth:
    return health_of(world.ports, PEER)


def _hour_later(world: World) -> PeerHealth:
    world.ports.clock.forward(hours=1)
    pull_all(world.ports)
    world.settle()
    return _health(world)


def test_a_peer_is_pulled_every_hour_and_not_before(world: World) -> None:
    assert pull_all(world.ports) == []
    world.ports.clock.forward(minutes=30)
    assert pull_all(world.ports) == []
    world.ports.clock.forward(minutes=30)
    assert [pull.peer_id for pull in pull_all(world.ports)] == [PEER]


def test_a_silent_peer_is_asked_after_minutes_then_ever_later_and_an_hour_at_most() -> None:
    at = World().ports.clock.now()
    pauses = [pause(PEER, at, failures) for failures in range(1, 8)]
    for number, found in enumerate(pauses):
        longest = min(timedelta(minutes=5) * 2**number, timedelta(hours=1))
        assert longest * 3 / 4 <= found <= longest
    assert len({pause(f"peer_{n}", at, 1) for n in range(20)}) > 15  # not all at once again


def test_an_outage_moves_no_cursor_and_counts(world: World) -> None:
    before = _health(world)
    world.ports.cpos.down = True
    after = _hour_later(world)
    assert after.cursors == before.cursors
    assert (after.failures, after.reachable) == (1, True)
    assert [failed.partition(":")[0] for failed in after.failed] == [
        "tariffs",
        "locations",
        "sessions",
        "cdrs",
    ]
    for _ in range(2):
        after = _hour_later(world)
    assert not after.reachable
    assert after.answered_permille < 1000
    world.ports.cpos.down = False
    after = _hour_later(world)
    assert (after.failures, after.reachable, after.failed) == (0, True, ())


def test_a_cdr_is_not_passed_over_while_its_sessions_do_not_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CDR without our reference is known by its session: it is read again with it."""
    before = _health(world)
    with monkeypatch.context() as silent:
        silent.setattr(world.ports.cpos, "sessions", _unavailable)
        after = _hour_later(world)
    assert after.cursors["cdrs"] == before.cursors["cdrs"]
    assert after.cursors["locations"] > before.cursors["locations"]
    assert _hour_later(world).cursors["cdrs"] > before.cursors["cdrs"]


def _unavailable(*_: Any) -> Pulled:
    raise CpoUnavailable("gone")


def test_a_clock_that_is_behind_hides_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a CPO changes after a pull, it dates by its own clock: two hours before that pull."""
    behind, pulled = timedelta(hours=2), world.ports.cpos.locations

    def late_clock(*args: Any) -> Pulled:
        return replace(pulled(*args), at=world.ports.clock.now() - behind)

    monkeypatch.setattr(world.ports.cpos, "locations", late_clock)
    health = _hour_later(world)
    assert health.skew_s == -7200
    (place,) = world.ports.cpos.network
    now = world.ports.clock.now() - behind + timedelta(minutes=5)
    evse = replace(place.evses[0], status=EvseStatus.OUTOFORDER, last_updated=now)
    world.ports.cpos.network[:] = [replace(place, evses=(evse,), last_updated=now)]
    _hour_later(world)
    kept = world.ports.store.get(keys.location(PEER, "DE", "RHE", "L1"))
    assert kept is not None
    assert kept.body["evses"][0]["status"] == "OUTOFORDER"


def test_a_clock_that_stands_still_hides_nothing_and_is_not_asked_for_its_years(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answers all tell the specification's own example of a timestamp."""
    asked, pulled = list[object](), world.ports.cpos.cdrs

    def still(*args: Any) -> Pulled:
        asked.append(args)
        return replace(pulled(*args), at=datetime(2015, 6, 30, 21, 59, 59, tzinfo=UTC))

    monkeypatch.setattr(world.ports.cpos, "cdrs", still)
    _hour_later(world)
    session = world.charge()
    world.ports.cpos.finished.append(world.cdr(session))  # no push told it
    asked.clear()
    _hour_later(world)
    assert world.session(session.id).bill is not None
    assert len(asked) <= 2 * 7 * 4 + 2, "a week in quarters of days, and its look back"


def test_what_pushes_missed_is_counted_and_so_is_how_late_a_cdr_came(world: World) -> None:
    session = world.charge()  # its pushes arrived
    world.ports.cpos.finished.append(world.cdr(session, excl="20.00"))  # its CDR's did not
    week = _hour_later(world).week
    assert (week.told, week.lost) == (2, 1)
    assert (week.cdrs, week.disputed) == (1, 1)
    assert week.cdr_delay_s == week.cdr_delay_max_s > 3000
    assert _hour_later(world).week.cdrs == 1  # it lay in the overlap: not counted again


def test_what_is_unchanged_costs_one_write_a_pull_whatever_there_is(world: World) -> None:
    session = world.bill(world.charge())
    world.ports.cpos.finished.append(world.cdr(session))
    world.ports.cpos.prices.append(_tariff(world, "T8"))
    _hour_later(world)
    before, stored = world.ports.store.writes, world.ports.store.dump()
    _hour_later(world)
    after = world.ports.store.dump()
    assert [name for name in after if after[name] != stored.get(name)] == [
        f"peer-health#{PEER}/state"
    ]
    assert world.ports.store.writes - before <= 2


def test_a_session_delivered_days_late_and_dated_early_is_found_within_a_day(world: World) -> None:
    session = world.charge()
    cdr = world.cdr(session)
    world.ports.clock.forward(hours=40)
    pull_all(world.ports)
    world.ports.cpos.finished.append(cdr)  # dated by the charger's clock, forty hours ago
    for _ in range(24):
        _hour_later(world)
    assert world.session(session.id).cdr_id == cdr.id


def test_a_tariff_whose_delete_was_lost_is_withdrawn_by_the_pull(world: World) -> None:
    other = _tariff(world, "T9")
    world.ports.cpos.prices[:] = [other, _tariff(world, "T8")]
    _hour_later(world)
    assert in_force(world.ports, PEER, ("DE", "RHE"), "T9", world.ports.clock.now())
    world.ports.cpos.prices.remove(other)
    _hour_later(world)
    with pytest.raises(TariffUnknown):
        in_force(world.ports, PEER, ("DE", "RHE"), "T9", world.ports.clock.now())
    assert in_force(world.ports, PEER, ("DE", "RHE"), "T8", world.ports.clock.now())


def _tariff(world: World, id_: str) -> Tariff:
    return replace(world.tariff, id=id_)


@pytest.mark.parametrize("why", ["empty", "incomplete", "unreadable"])
def test_a_list_that_may_not_be_whole_withdraws_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    kept = _tariff(world, "T8")
    world.ports.cpos.prices[:] = [_tariff(world, "T9"), kept]
    _hour_later(world)
    left = [] if why == "empty" else [kept]
    world.ports.cpos.prices[:] = left
    if why != "empty":
        whole = world.ports.cpos.tariffs
        refused = ("T9: elements: is missing",) if why == "unreadable" else ()

        def shortened(*args: Any) -> Pulled:
            return replace(whole(*args), complete=why == "unreadable", refused=refused)

        monkeypatch.setattr(world.ports.cpos, "tariffs", shortened)
    _hour_later(world)
    assert in_force(world.ports, PEER, ("DE", "RHE"), "T9", world.ports.clock.now())


def test_unfit_objects_are_named_once_and_forgotten_when_they_are_taken(world: World) -> None:
    at = world.ports.clock.now()
    first = unfit((), {("cdrs", "C1"): "no session"}, set(), at)
    again = unfit(first, {("cdrs", "C1"): "no session"}, set(), at + timedelta(hours=1))
    assert again == (Unfit("cdrs", "C1", "no session", at),)
    assert unfit(again, {}, {("cdrs", "C1")}, at + timedelta(hours=2)) == ()
    assert unfit(again, {}, set(), at + timedelta(days=15)) == ()


def test_days_are_added_up_and_a_week_is_kept() -> None:
    health = PeerHealth(days={f"2026-11-{day:02}": Day(calls=10, failed=1) for day in range(1, 8)})
    assert (health.week.calls, health.answered_permille) == (70, 900)
    assert PeerHealth().answered_permille == 1000


def test_staff_see_a_peers_health_and_have_it_pulled(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    admin.register(parser.add_subparsers())

    def type_(line: str) -> Any:
        arguments = parser.parse_args(["admin", *line.split()])
        assert admin.run(arguments, world.ports) == 0
        return json.loads(capsys.readouterr().out)

    strange = world.cdr(world.charge(), reference="ses_0", id="C9")
    world.ports.cpos.finished.append(strange)
    told = type_(f"peer pull {PEER} --everything-since 2026-11-01")
    assert told["refused"] == ["cdrs: C9: CDR C9 names no session of this channel"]
    (listed,) = type_("peer list")
    assert (listed["peer"], listed["reachable"], listed["unfit_objects"]) == (PEER, True, 1)
    shown = type_(f"peer show {PEER}")
    assert shown["known"]["refused"][0]["id"] == "C9"


def test_everything_is_read_anew_on_demand(world: World) -> None:
    session = world.charge()
    old = replace(world.cdr(session), last_updated=session.requested_at - timedelta(days=60))
    world.ports.cpos.finished.append(old)
    since = session.requested_at - timedelta(days=90)
    assert pull_peer(world.ports, world.connection).news == 0
    assert pull_peer(world.ports, world.connection, since).news == 1
    assert Decimal(30) == world.session(session.id).energy_kwh
