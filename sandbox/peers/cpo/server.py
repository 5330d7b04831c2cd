"""Which paths does the simulated CPO serve? OCPI's CPO side, and /sim for those who test.

Requests that reach the OCPI layer are answered HTTP 200 with an OCPI status; see envelope.Refusal.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.peers import calling
from sandbox.peers.calling import Call
from sandbox.peers.cpo.connection import Caller
from sandbox.peers.cpo.control import Control
from sandbox.peers.cpo.envelope import CLIENT_ERROR, Refusal, loads, reply
from sandbox.peers.cpo.plan import PlanRefused
from sandbox.peers.cpo.protocol import Protocol
from sandbox.peers.cpo.state import Operator

BASE = "/ocpi/cpo/{version}"
_TIMEOUT_S = 30.0

Endpoint = Callable[[Request], Awaitable[Response]]


def application(
    config: Mapping[str, Any],
    journal: Path | None = None,
    call: Call | None = None,
) -> Starlette:
    """The CPO of a configuration; `call` replaces the network in tests."""
    operator = Operator(config, journal)
    used: Call = call or calling.Caller(_TIMEOUT_S)
    caller = Caller(used, operator.network.party, raw=bool(config.get("raw_token")))
    protocol, control = Protocol(operator, caller), Control(operator, caller)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:  # noqa: ANN401 - an async iterator
        yield
        operator.close()

    app = Starlette(routes=[*_ocpi(operator, protocol), *_sim(control)], lifespan=lifespan)
    app.router.redirect_slashes = False
    app.state.operator = operator
    return app


def _ocpi(operator: Operator, protocol: Protocol) -> list[Route]:
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/ocpi/cpo/versions", protocol.versions),
        ("GET", BASE, protocol.details),
        ("GET", f"{BASE}/credentials", protocol.read_credentials),
        ("POST", f"{BASE}/credentials", protocol.post_credentials),
        ("PUT", f"{BASE}/credentials", protocol.put_credentials),
        ("DELETE", f"{BASE}/credentials", protocol.delete_credentials),
        ("GET", f"{BASE}/locations", protocol.locations),
        ("GET", BASE + "/locations/{path:path}", protocol.location),
        ("GET", f"{BASE}/tariffs", protocol.tariffs),
        ("GET", f"{BASE}/sessions", protocol.sessions),
        ("PUT", BASE + "/sessions/{id}/charging_preferences", protocol.preferences),
        ("GET", f"{BASE}/cdrs", protocol.cdrs),
        ("GET", BASE + "/tokens/{country}/{party}/{uid}", protocol.read_token),
        ("PUT", BASE + "/tokens/{country}/{party}/{uid}", protocol.put_token),
        ("PATCH", BASE + "/tokens/{country}/{party}/{uid}", protocol.patch_token),
        ("POST", BASE + "/commands/{command}", protocol.command),
    ]
    return [
        Route(path, _in_ocpi(operator, endpoint), methods=[method])
        for method, path, endpoint in table
    ]


def _check_version(operator: Operator, request: Request) -> None:
    if request.path_params.get("version", operator.versions[0]) not in operator.versions:
        raise Refusal(404, CLIENT_ERROR, "no such version here")


def _in_ocpi(operator: Operator, endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            operator.be_away_if_told()
            _check_version(operator, request)
            return await endpoint(request)
        except Refusal as refusal:
            return reply(
                request,
                operator.now_text(),
                http=refusal.http,
                status=refusal.status,
                message=refusal.message,
            )

    return answer


def _sim(control: Control) -> list[Route]:
    table: list[tuple[str, str, Callable[[Any], Awaitable[object]]]] = [
        ("POST", "/sim/tick", control.tick),
        ("POST", "/sim/plan", control.plan),
        ("POST", "/sim/connect", control.connect),
        ("POST", "/sim/invite", control.invite),
        ("POST", "/sim/renew", control.renew),
        ("POST", "/sim/pull-tokens", control.pull_tokens),
        ("POST", "/sim/authorize", control.authorize),
        ("POST", "/sim/card", control.card),
        ("POST", "/sim/tariff", control.tariff),
        ("POST", "/sim/evse", control.evse),
        ("POST", "/sim/outage", control.outage),
        ("GET", "/sim/state", control.state),
        ("GET", "/sim/next", control.next),
        ("GET", "/", control.about),
    ]
    return [Route(path, _plainly(told), methods=[method]) for method, path, told in table]


def _plainly(told: Callable[[Any], Awaitable[object]]) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            content = await request.body()
            return JSONResponse(await told(loads(content) if content else {}))
        except (PlanRefused, KeyError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 422)
        except Refusal as refusal:
            body = {"error": refusal.message, "status": refusal.status}
            return JSONResponse(body, 400 if refusal.http == 400 else 502)

    return answer
