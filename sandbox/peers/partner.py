"""What does a partner's own server get from the channel? A receiver of Standard Webhooks.

Written from the specification, not from the channel's code: POST /hooks/<name> checks the signature
and keeps the event, GET /received tells what came, and it can be told to fail for a while.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.peers.serving import arguments, serve

_TOLERANCE_S = 300


@dataclass(slots=True)
class Hook:
    """One endpoint of the partner. `fail` answers are given before it takes anything again."""

    secret: str = ""
    fail_status: int = 0
    fail_times: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)  # event id → how often it came


def fault(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """Why the message is not to be trusted; nothing if it is. Wall time, as the sender's."""
    try:
        name, at = headers["webhook-id"], headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split()
        drift = abs(now - int(at))
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (KeyError, ValueError, binascii.Error) as error:
        return f"unreadable: {error}"
    if drift > _TOLERANCE_S:
        return "too old"
    mac = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(mac).decode()
    good = any(hmac.compare_digest(expected, signature) for signature in signatures)
    return "" if good else "wrong signature"


class Partner:
    """All endpoints by name. They come into being when first spoken of."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._hooks: dict[str, Hook] = {}
        self._wall = wall

    def hook(self, name: str) -> Hook:
        return self._hooks.setdefault(name, Hook())

    async def take(self, request: Request) -> JSONResponse:
        hook = self.hook(request.path_params["name"])
        body = await request.body()
        problem = fault(hook.secret, request.headers, body, self._wall())
        event_id = request.headers.get("webhook-id", "")
        if problem:
            hook.refused.append({"id": event_id, "reason": problem})
            return JSONResponse({"error": problem}, 401)
        if hook.fail_times > 0:
            hook.fail_times -= 1
            return JSONResponse({"error": "told to fail"}, hook.fail_status)
        hook.seen[event_id] = hook.seen.get(event_id, 0) + 1
        if hook.seen[event_id] == 1:
            hook.received.append({"id": event_id, "body": json.loads(body)})
        return JSONResponse({"taken": event_id})

    async def prepare(self, request: Request) -> JSONResponse:
        """{"name", "secret"} and, if it shall fail: "fail_status", "fail_times"."""
        body = await request.json()
        hook = self.hook(body["name"])
        hook.secret = body.get("secret", hook.secret)
        hook.fail_status = int(body.get("fail_status", 500))
        hook.fail_times = int(body.get("fail_times", 0))
        return JSONResponse({"name": body["name"]})

    async def received(self, request: Request) -> JSONResponse:
        """What came, once each, in order; of one endpoint (`?name=`) or of all."""
        only = request.query_params.get("name")
        hooks = {n: h for n, h in self._hooks.items() if only in {None, n}}
        return JSONResponse(
            {
                name: {
                    "received": hook.received,
                    "refused": hook.refused,
                    "repeats": {i: n for i, n in hook.seen.items() if n > 1},
                }
                for name, hook in hooks.items()
            }
        )


def application(wall: Callable[[], float] = time.time) -> Starlette:
    partner = Partner(wall)
    return Starlette(
        routes=[
            Route("/hooks/{name}", partner.take, methods=["POST"]),
            Route("/sim/hook", partner.prepare, methods=["POST"]),
            Route("/received", partner.received, methods=["GET"]),
        ]
    )


def main() -> None:
    serve(application(), arguments(__doc__).parse_args().port)


if __name__ == "__main__":
    main()
