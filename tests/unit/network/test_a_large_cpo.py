"""A CPO with more than one pull has time or room for: is all of it heard, and none called sick?"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.ocpi_client import pages
from chalicelib.adapters.ocpi_client.http import Answer
from chalicelib.domain.connection.health import PeerHealth
from chalicelib.domain.network.location import Location
from chalicelib.ports.cpo import ListTooLong
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.connection.health import health_of
from chalicelib.usecases.network.pull import pull_all, pull_peer
from chalicelib.usecases.network.read import location_of
from sandbox.memory.plain import MemoryClock
from sandbox.memory.world import PEER, World

_URL = "https://cpo.example/ocpi/2.2.1/locations"


@pytest.fixture
def world() -> World:
    made = World()
    made.ports.store.write(Put(Key(keys.peers(), PEER), {}))
    return made


def _health(world: World) -> PeerHealth:
    return health_of(world.ports, PEER)


class TestSlowLists:
    @pytest.fixture
    def slow(self, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
        """Every list takes three seconds: a week's spans more than this peer's time."""
        wall = [datetime(2026, 11, 16, tzinfo=UTC)]
        monkeypatch.setattr(MemoryClock, "wall", lambda _: wall[0])
        for name in ("tariffs", "locations", "sessions", "cdrs"):
            monkeypatch.setattr(world.ports.cpos, name, self.slowly(world, name, wall))
        return world

    @staticmethod
    def slowly(world: World, name: str, wall: list[datetime]) -> Any:
        own = getattr(world.ports.cpos, name)

        def read(*asked: Any) -> Any:
            wall[0] += timedelta(seconds=3)
            return own(*asked)

        return read

    def test_news_come_first_and_the_look_back_goes_on_where_it_was_left(self, slow: World) -> None:
        for _ in range(3 * 24):
            slow.ports.clock.forward(hours=1)
            pull_all(slow.ports)
        health, now = _health(slow), slow.ports.clock.now()
        assert {datetime.fromisoformat(at) for at in health.cursors.values()} == {now}
        assert (health.failures, health.reachable, health.failed) == (0, True, ())
        assert health.looked_back_at is not None
        assert now - health.looked_back_at <= timedelta(days=1)

    def test_what_a_look_back_of_several_pulls_finds_is_billed(self, slow: World) -> None:
        pull_all(slow.ports)
        slow.ports.clock.forward(hours=1)
        pull_all(slow.ports)
        session = slow.charge()
        cdr = slow.cdr(session)
        slow.ports.clock.forward(days=2)
        for _ in range(3):
            slow.ports.clock.forward(hours=1)
            pull_all(slow.ports)
        slow.ports.cpos.finished.append(cdr)  # dated two days ago
        for _ in range(24):
            slow.ports.clock.forward(hours=1)
            pull_all(slow.ports)
            slow.settle()
        assert slow.session(session.id).cdr_id == cdr.id


class TestLongLists:
    @pytest.fixture
    def large(self, world: World) -> World:
        (known,) = world.ports.cpos.network
        world.ports.cpos.network = [replace(known, id=f"L{number}") for number in range(5)]
        world.ports.cpos.at_once = 2
        return world

    def test_a_list_is_read_in_parts_soon_after_each_other(self, large: World) -> None:
        assert [self.part(large) for _ in range(3)] == [2, 4, 5]
        health, now = _health(large), large.ports.clock.now()
        assert health.rests == {}
        assert (health.failures, health.next_pull) != (0, now)

    def test_what_changed_behind_us_while_the_list_was_read_is_heard_next(
        self, large: World
    ) -> None:
        began = large.ports.clock.now()
        self.part(large)
        large.ports.clock.forward(minutes=1)
        changed = large.ports.clock.now()
        first, *others = large.ports.cpos.network
        large.ports.cpos.network = [replace(first, name="New", last_updated=changed), *others]
        self.part(large)
        self.part(large)
        assert datetime.fromisoformat(_health(large).cursors["locations"]) == began
        large.ports.cpos.at_once = 0
        pull_peer(large.ports, large.connection)
        known = location_of(large.ports, PEER, "DE", "RHE", "L0")
        assert known is not None
        assert known.name == "New"

    @staticmethod
    def part(world: World) -> int:
        """Pull when it is due, as it is at once; how many locations are known then."""
        assert [pull.failed for pull in pull_all(world.ports)] == [()]
        known = (location_of(world.ports, PEER, "DE", "RHE", f"L{n}") for n in range(5))
        return sum(isinstance(one, Location) for one in known)

    def test_a_span_with_too_many_cdrs_is_halved_until_it_can_be_read(self, world: World) -> None:
        sessions = []
        for _ in range(3):
            sessions.append(world.charge())
            world.ports.cpos.finished.append(world.cdr(sessions[-1]))
            world.ports.clock.forward(minutes=30)
        world.ports.cpos.at_once_dated = 1
        assert pull_peer(world.ports, world.connection).failed == ()
        assert all(world.session(session.id).cdr_id for session in sessions)

    def test_one_that_is_too_long_whatever_is_asked_for_fails_and_is_read_again(
        self, world: World
    ) -> None:
        session = world.charge()
        world.ports.cpos.finished += [world.cdr(session), world.cdr(session, id="other")]
        world.ports.cpos.at_once_dated = 1
        (why,) = pull_peer(world.ports, world.connection).failed
        assert why.startswith("cdrs: ")
        heard = datetime.fromisoformat(_health(world).cursors["cdrs"])
        assert heard < min(cdr.last_updated for cdr in world.ports.cpos.finished)


def _page(url: str) -> Answer:
    """One of four pages, each of which names the next."""
    offset = int(url.rpartition("offset=")[2]) if "offset=" in url else 0
    body = {"status_code": 1000, "data": [{"id": f"L{offset}"}]}
    link = f'<{_URL}?offset={offset + 1}>; rel="next"' if offset < 3 else ""
    return Answer(json.dumps(body).encode(), link)


def _ids(read: list[pages.Page]) -> list[str]:
    return [item.value["id"] for page in read for item in page.items]


def test_a_list_that_is_too_large_for_one_pull_says_where_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "BYTES_MAX", 60)
    first = list(pages.crawl(_page, _URL, {}))
    assert (_ids(first), first[-1].next) == (["L0", "L1"], f"{_URL}?offset=2")
    second = list(pages.crawl(_page, _URL, {}, first[-1].next))
    assert (_ids(second), second[-1].next) == (["L2", "L3"], "")
    with pytest.raises(ListTooLong):
        list(pages.crawl(_page, _URL, {"date_to": "2026-11-16T00:00:00Z"}))


def test_a_list_whose_endpoint_has_moved_begins_anew() -> None:
    read = list(pages.crawl(_page, _URL, {}, "https://old.example/locations?offset=2"))
    assert _ids(read) == ["L0", "L1", "L2", "L3"]
