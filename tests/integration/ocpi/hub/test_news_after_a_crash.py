"""Is an eMSP told of what changed, though whoever noted it died before it could say so?"""

from typing import Any

import pytest

from chalicelib.usecases.hub import news
from chalicelib.usecases.hub.news import place_changed
from sandbox.memory.machine import Killed
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.card_scene import wait
from tests.integration.ocpi.hub.charge_scene import Wire


def test_news_whose_writer_died_is_found_by_the_sweeper(
    world: World, emsp: Peer, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any) -> None:
        raise Killed

    assert emsp.token
    world.ports.clock.forward(minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(news, "_armed", dies)
        with pytest.raises(Killed):
            place_changed(world.ports, "DE*RHE", "L1", "E1")
    world.settle()
    assert not wire.sent
    wait(world, 15)
    assert [(method, url.partition(".RECEIVER")[2]) for method, url, *_ in wire.sent] == [
        ("PUT", "/DE/RHE/L1/E1")
    ]
