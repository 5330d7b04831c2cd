"""How is the provider reached? Stripe's API under /v1, the market's controls under /sim."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sandbox.peers.provider import bank, sim
from sandbox.peers.provider.events import API_VERSION, signed
from sandbox.peers.provider.provider import Answer, Provider, Request
from sandbox.peers.provider.refusals import Refused, Thing
from sandbox.peers.serving import epoch, instant

_ROUNDS_MAX = 50


class App:
    """An ASGI application. One thread: a request is whole before the next begins."""

    def __init__(self, provider: Provider, clock: Callable[[], int]) -> None:
        self.provider, self._clock = provider, clock
        self._web = httpx.AsyncClient(timeout=10, trust_env=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        if scope["type"] != "http":
            return
        request = WebRequest(scope, receive)
        response = await self._respond(request)
        if response is None:  # half an answer, and the connection ends
            head = [(b"content-length", b"4096"), (b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            return
        await response(scope, receive, send)

    async def _respond(self, request: WebRequest) -> Response | None:
        path, body = request.url.path, (await request.body()).decode(errors="replace")
        if path.startswith("/v1/"):
            return self._api(request, path, body)
        try:
            if path.startswith("/sim/"):
                return await self._control(request.method, path.removeprefix("/sim/"), body)
            if path.startswith("/bank-step/"):
                return self._bank_step(request, path.rpartition("/")[2])
        except Refused as refused:
            return JSONResponse({"error": refused.error}, refused.status)
        self.provider.tell_time(self._clock())
        return JSONResponse({"provider": "simulated", "now": instant(self.provider.books.now)})

    def _api(self, request: WebRequest, path: str, body: str) -> Response | None:
        headers = request.headers
        refused = _unauthorised(self.provider.books.config.api_key, headers)
        if refused is not None:
            return refused
        self.provider.tell_time(self._clock())
        asked = Request(
            request.method,
            path,
            body if request.method == "POST" else request.url.query,
            headers.get("stripe-account", ""),
            headers.get("idempotency-key", ""),
        )
        answer = self.provider.answer(asked)
        return None if answer.cut else _response(answer, asked.key)

    async def _control(self, method: str, name: str, body: str) -> Response:
        try:
            said: Thing = json.loads(body or "{}")
            now = epoch(said.pop("now")) if "now" in said else self._clock()
        except (ValueError, TypeError, AttributeError):
            return JSONResponse({"error": {"message": "send a JSON object"}}, 400)
        self.provider.tell_time(now)
        if method == "GET" and name == "state":
            return JSONResponse(sim.state(self.provider.books))
        if method != "POST":
            return JSONResponse({"error": {"message": "POST /sim/…, or GET /sim/state"}}, 405)
        if name == "tick":
            return JSONResponse(await self._deliver(said))
        try:
            return JSONResponse(self.provider.control(name, said))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": {"message": f"not understood: {error!r}"}}, 400)

    async def _deliver(self, said: Thing) -> Thing:
        """Send every event that is due, and those that its receipt brings about."""
        books = self.provider.books
        repeat, together = int(said.get("repeat", 1)), int(said.get("concurrency", 1))
        delivered = failed = 0
        for _ in range(_ROUNDS_MAX if said.get("deliver", True) else 0):
            due = [delivery for delivery in books.outbox.values() if delivery["due"] <= books.now]
            if said.get("reverse"):
                due.reverse()
            if not due:
                break
            for start in range(0, len(due), together):
                batch = due[start : start + together]
                sent = await asyncio.gather(*(self._send(one, repeat) for one in batch))
                for delivery, status in zip(batch, sent, strict=True):
                    self.provider.told(delivery["number"], status)
                    delivered += 200 <= status < 300
                    failed += not 200 <= status < 300
        next_due = books.next_due()
        return {
            "now": instant(books.now),
            "delivered": delivered,
            "failed": failed,
            "next": None if next_due is None else instant(next_due),
        }

    async def _send(self, delivery: Thing, repeat: int) -> int:
        """The last HTTP status of a delivery sent `repeat` times; 0 without an answer."""
        hook = self.provider.books.webhooks[delivery["webhook"]]
        status = 0
        for _ in range(repeat):
            body, signature = signed(delivery["event"], hook.secret, int(time.time()))
            headers = {"stripe-signature": signature, "content-type": "application/json"}
            try:
                status = (await self._web.post(hook.url, content=body, headers=headers)).status_code
            except httpx.HTTPError:
                status = 0
        return status

    def _bank_step(self, request: WebRequest, intent: str) -> Response:
        self.provider.tell_time(self._clock())
        if request.method == "GET":
            return HTMLResponse(bank.page(self.provider.books.get("payment_intent", intent)))
        said = {"payment_intent": intent, "outcome": request.query_params.get("outcome", "")}
        step = self.provider.books.get("payment_intent", intent)["next_action"] or {}
        back = step.get("redirect_to_url", {}).get("return_url", "/")
        self.provider.control("complete-action", said)
        done = "succeeded" if said["outcome"] == "approve" else "failed"
        mark = "&" if "?" in back else "?"
        where = f"{back}{mark}payment_intent={intent}&redirect_status={done}"
        return RedirectResponse(where, 303)


def _unauthorised(key: str, headers: Any) -> Response | None:  # noqa: ANN401 - starlette's headers
    shown = headers.get("authorization", "").removeprefix("Bearer ")
    if shown == key:
        return None
    message = f"Invalid API Key provided: {shown[:8]}****" if shown else "You did not provide a key"
    return JSONResponse({"error": {"type": "invalid_request_error", "message": message}}, 401)


def _response(answer: Answer, key: str) -> Response:
    headers = {"stripe-version": API_VERSION, "request-id": "req_simulated"}
    if key:
        headers["idempotency-key"] = key
    if answer.replayed:
        headers["idempotent-replayed"] = "true"
    return Response(answer.body, answer.status, headers, "application/json")
