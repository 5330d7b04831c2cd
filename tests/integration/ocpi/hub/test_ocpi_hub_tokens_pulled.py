"""Do we know the tokens of an eMSP that pushes none, or whose push was lost?"""

from typing import Any

import pytest

from chalicelib.usecases.hub.pull_tokens import TokensPull, pull_tokens
from chalicelib.usecases.token.list import partner_tokens
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import Wire
from tests.integration.ocpi.hub.emsp_scene import PARTNER, TOKEN

LATER = "2026-11-16T09:30:00Z"


@pytest.fixture
def lists(emsp: Peer, wire: Wire) -> Wire:
    """The eMSP's list, over the real client; it has pushed nothing."""
    assert emsp.token
    wire.says = [TOKEN]
    return wire


def _pulled(world: World) -> TokensPull:
    (found,) = pull_tokens(world.ports)
    return found


def _valid(world: World, uid: str = "0482AB") -> list[bool]:
    ours, _ = partner_tokens(world.ports, PARTNER, "", 10)
    return [token.valid for token in ours if token.uid == uid]


def test_a_card_that_was_never_pushed_is_known_after_the_pull(world: World, lists: Wire) -> None:
    assert _valid(world) == []
    assert _pulled(world).news == 1
    assert _valid(world) == [True]
    method, url, headers, _ = lists.sent[-1]
    assert (method, "date_from" in url) == ("GET", False)
    assert headers["OCPI-to-party-id"] == "APP"


def test_a_card_that_is_blocked_there_is_blocked_here_though_the_push_was_lost(
    world: World, lists: Wire
) -> None:
    _pulled(world)
    lists.says = [{**TOKEN, "valid": False, "last_updated": LATER}]
    assert pull_tokens(world.ports) == []  # its hour has not come
    world.ports.clock.forward(hours=1)
    assert _pulled(world).news == 1
    assert _valid(world) == [False]
    assert "date_from=2026-11-16T" in lists.sent[-1][1]


def test_what_is_known_or_older_is_no_news_and_no_write(world: World, lists: Wire) -> None:
    _pulled(world)
    personal = world.ports.personal.dump()
    world.ports.clock.forward(hours=1)
    lists.says = [TOKEN, {**TOKEN, "valid": False, "last_updated": "2026-11-16T06:00:00Z"}]
    assert _pulled(world).news == 0
    assert world.ports.personal.dump() == personal


@pytest.mark.parametrize(
    "token", [{**TOKEN, "party_id": "XYZ"}, {**TOKEN, "valid": None}, "no token"]
)
def test_what_is_not_its_own_or_has_no_reading_is_counted_and_named_nowhere(
    world: World, lists: Wire, token: Any
) -> None:
    lists.says = [token, {**TOKEN, "uid": "04FF"}]
    found = _pulled(world)
    assert (found.news, found.refused) == (1, 1)
    assert "0482AB" not in repr(found)
    assert _valid(world, "04FF") == [True]


def test_a_silent_emsp_is_asked_again_after_minutes(world: World, lists: Wire) -> None:
    lists.down = True
    assert _pulled(world).failed == "tokens: cpo_unavailable"
    lists.down = False
    world.ports.clock.forward(minutes=5)
    assert _pulled(world).news == 1
