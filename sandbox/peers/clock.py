"""What time is it in the sandbox? A stepped clock that everybody asks, and that never goes back.

GET / answers {"now"}; POST /set {"now"} moves it forward. Plain ASGI, because every use case asks.
"""

import json
from typing import Any

from sandbox.peers.serving import arguments, epoch, instant, serve


class Clock:
    """An ASGI application. `now` is in whole seconds since 1970."""

    def __init__(self, now: int) -> None:
        self.now = now

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        if scope["type"] != "http":
            return
        match scope["method"], scope["path"]:
            case "GET", "/":
                status, answer = 200, {"now": instant(self.now)}
            case "POST", "/set":
                status, answer = self._set(await _body(receive))
            case _:
                status, answer = 404, {"error": "GET / tells the time, POST /set moves it"}
        content = json.dumps(answer).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _set(self, body: bytes) -> tuple[int, dict[str, str]]:
        try:
            now = epoch(json.loads(body)["now"])
        except (ValueError, KeyError, TypeError):
            return 400, {"error": 'send {"now": "2026-11-20T09:00:00Z"}'}
        if now < self.now:
            return 409, {"error": "the clock does not go back", "now": instant(self.now)}
        self.now = now
        return 200, {"now": instant(now)}


async def _body(receive: Any) -> bytes:  # noqa: ANN401 - ASGI
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--now", required=True, help="the first instant, e.g. 2026-11-20T00:00:00Z")
    chosen = parser.parse_args()
    serve(Clock(epoch(chosen.now)), chosen.port)


if __name__ == "__main__":
    main()
