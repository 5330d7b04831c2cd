"""Does the partner's receiver believe exactly the webhooks that are signed as the standard says?"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette

from sandbox.peers.partner import application

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_795_000_000


def ask(app: Starlette, method: str, path: str, **more: Any) -> httpx.Response:
    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://partner") as client:
            return await client.request(method, path, **more)

    return asyncio.run(one())


@pytest.fixture
def app() -> Starlette:
    made = application(lambda: NOW)
    ask(made, "POST", "/sim/hook", json={"name": "app", "secret": SECRET})
    return made


def send(app: Starlette, event: str = "evt_1", at: int = NOW, secret: str = SECRET) -> int:
    body = '{"type": "session.completed"}'
    signature = Webhook(secret).sign(event, datetime.fromtimestamp(at, UTC), body)
    headers = {
        "webhook-id": event,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,c29tZXRoaW5n {signature}",
    }
    return ask(app, "POST", "/hooks/app", content=body, headers=headers).status_code


def received(app: Starlette) -> Any:
    return ask(app, "GET", "/received").json()["app"]


def test_a_signed_event_is_kept_once_however_often_it_comes(app: Starlette) -> None:
    assert [send(app), send(app), send(app, "evt_2")] == [200, 200, 200]
    kept = received(app)
    assert [event["id"] for event in kept["received"]] == ["evt_1", "evt_2"]
    assert kept["received"][0]["body"] == {"type": "session.completed"}
    assert kept["repeats"] == {"evt_1": 2}


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301])
def test_an_old_or_early_event_is_refused(app: Starlette, at: int) -> None:
    assert send(app, at=at) == 401
    assert received(app)["refused"] == [{"id": "evt_1", "reason": "too old"}]


def test_another_secret_or_no_signature_is_refused(app: Starlette) -> None:
    assert send(app, secret="whsec_" + "QUJD" * 8) == 401
    assert ask(app, "POST", "/hooks/app", content=b"{}").status_code == 401
    assert received(app)["received"] == []


def test_it_can_be_told_to_fail_for_a_while(app: Starlette) -> None:
    ask(app, "POST", "/sim/hook", json={"name": "app", "fail_status": 503, "fail_times": 2})
    assert [send(app), send(app), send(app)] == [503, 503, 200]
    assert len(received(app)["received"]) == 1


def test_the_wall_clock_is_the_default() -> None:
    made = application()
    ask(made, "POST", "/sim/hook", json={"name": "app", "secret": SECRET})
    assert send(made, at=int(time.time())) == 200
