"""Does the sandbox's clock only ever step forward?"""

import asyncio
import json
from typing import Any

import httpx
import pytest

from sandbox.peers.clock import Clock
from sandbox.peers.serving import epoch, instant


def ask(clock: Clock, method: str, path: str, body: Any = None) -> httpx.Response:
    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app=clock)
        async with httpx.AsyncClient(transport=transport, base_url="http://clock") as client:
            return await client.request(method, path, content=body)

    return asyncio.run(one())


@pytest.fixture
def clock() -> Clock:
    return Clock(epoch("2026-11-20T09:00:00Z"))


def test_it_tells_the_time_until_it_is_moved(clock: Clock) -> None:
    assert ask(clock, "GET", "/").json() == {"now": "2026-11-20T09:00:00Z"}
    assert ask(clock, "POST", "/set", json.dumps({"now": "2026-11-21T00:00:00Z"})).json()
    assert ask(clock, "GET", "/").json() == {"now": "2026-11-21T00:00:00Z"}


def test_it_does_not_go_back(clock: Clock) -> None:
    answer = ask(clock, "POST", "/set", json.dumps({"now": "2026-11-20T08:59:59Z"}))
    assert answer.status_code == 409
    assert instant(clock.now) == "2026-11-20T09:00:00Z"


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"now": 5}', '{"now": "soon"}'])
def test_it_refuses_what_is_no_time(clock: Clock, body: str) -> None:
    assert ask(clock, "POST", "/set", body).status_code == 400
    assert ask(clock, "DELETE", "/").status_code == 404
