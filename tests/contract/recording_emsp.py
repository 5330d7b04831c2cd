"""An eMSP that takes what an OCPI 2.2.1 CPO sends, and the world in which both of them live."""

import asyncio
import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.peers.calling import Call, Reply
from sandbox.peers.cpo.server import application

TOKEN_A = "token-a-from-paper"
EMSP = "http://emsp.test"
CPO = "http://cpo.test"
BASE = "/ocpi/cpo/2.2.1"

AC_TARIFF = {
    "id": "AC",
    "currency": "EUR",
    "elements": [
        {"price_components": [{"type": "ENERGY", "price": 0.49, "vat": 19, "step_size": 1}]}
    ],
}

CONFIG: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "ALF",
    "name": "Alfa",
    "country": "DEU",
    "time_zone": "Europe/Berlin",
    "now": "2026-11-20T08:00:00Z",
    "token_a": TOKEN_A,
    "page_limit": 2,
    "tariffs": [AC_TARIFF],
    "locations": [
        {
            "id": f"L{number}",
            "address": "Hauptstraße 1",
            "city": "Berlin",
            "postal_code": "10115",
            "coordinates": {"latitude": "52.5200", "longitude": "13.4050"},
            "evses": [
                {"power_kw": 120, "tariff_id": "AC"},
                {"power_kw": 22, "tariff_id": "AC"},
            ],
        }
        for number in (1, 2, 3)
    ],
}


def token(text: str) -> str:
    return "Token " + base64.b64encode(text.encode()).decode()


class Emsp:
    """Keeps every request; knows the sessions that were PUT, and refuses PATCHes of others."""

    def __init__(self, version: str = "2.2.1") -> None:
        self.version = version
        self.received: list[tuple[str, str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.sessions: dict[str, Any] = {}
        self.broken = ""
        self.endpoints = [
            endpoint("sessions", "RECEIVER"),
            endpoint("cdrs", "RECEIVER"),
            endpoint("tokens", "SENDER"),
            endpoint("credentials", "SENDER"),
        ]
        routes = [Route("/{path:path}", self._take, methods=["GET", "POST", "PUT", "PATCH"])]
        self.app = Starlette(routes=routes)

    def kinds(self) -> list[str]:
        """Method and module of each functional request, in order."""
        told = [(m, p.split("/")[1]) for m, p, _ in self.received if "/" in p]
        return [f"{m} {module}" for m, module in told if module not in {"versions", self.version}]

    def bodies(self, method: str, module: str) -> list[Any]:
        return [b for m, p, b in self.received if m == method and p.startswith(f"/{module}")]

    async def _take(self, request: Request) -> Response:
        content = await request.body()
        path = request.url.path
        body = json.loads(content) if content else None
        self.received.append((request.method, path, body))
        self.headers.append(request.headers)
        data, status, http = self._answer(request.method, path, body)
        envelope = {"data": data, "status_code": status, "timestamp": "2026-11-20T08:00:00Z"}
        headers = {"Location": f"{EMSP}{path}/1"} if path == "/cdrs" else {}
        return Response(json.dumps(envelope), http, headers, "application/json")

    def _answer(self, method: str, path: str, body: Any) -> tuple[Any, int, int]:
        if self.broken and self.broken in path:
            return None, 3000, 500
        if path.startswith("/sessions/"):
            return self._session(method, path.rpartition("/")[2], body)
        data = {
            ("GET", "/versions"): [{"version": self.version, "url": f"{EMSP}/{self.version}"}],
            ("GET", f"/{self.version}"): {"version": self.version, "endpoints": self.endpoints},
            ("POST", "/credentials"): credentials("token-c"),
            ("GET", "/tokens"): [start_command("")["token"]],
        }
        return data.get((method, path)), 1000, 200

    def _session(self, method: str, name: str, body: Any) -> tuple[Any, int, int]:
        if method == "PUT":
            self.sessions[name] = body
            return None, 1000, 201
        missing = (None, 2003, 200) if method == "PATCH" else (None, 2000, 404)
        return (self.sessions[name], 1000, 200) if name in self.sessions else missing


def endpoint(module: str, role: str) -> dict[str, str]:
    return {"identifier": module, "role": role, "url": f"{EMSP}/{module}"}


def credentials(text: str) -> dict[str, Any]:
    role = {"role": "EMSP", "country_code": "DE", "party_id": "PLG"}
    roles = [{**role, "business_details": {"name": "Channel"}}]
    return {"token": text, "url": f"{EMSP}/versions", "roles": roles}


def reaching(emsp: Emsp) -> Call:
    """How a simulated CPO calls the eMSP: in memory."""
    outward = httpx.AsyncClient(transport=httpx.ASGITransport(app=emsp.app))

    async def call(
        method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Reply:
        answer = await outward.request(method, url, headers=headers, content=content)
        return Reply(answer.status_code, answer.headers, answer.content)

    return call


class World:
    """One simulated CPO and one eMSP, joined in memory."""

    def __init__(self, journal: Any = None, **changes: Any) -> None:
        self.emsp = Emsp()
        self.config = json.loads(json.dumps({**CONFIG, **changes}), parse_float=Decimal)
        self.journal = journal
        self.token_c = ""
        self._runner = asyncio.Runner()
        self._open()

    def _open(self) -> None:
        self.cpo = application(self.config, self.journal, reaching(self.emsp))
        inward = httpx.ASGITransport(app=self.cpo)
        self._client = httpx.AsyncClient(transport=inward, base_url=CPO)

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, url, **more))

    def close(self) -> None:
        self.cpo.state.operator.close()
        self._runner.close()

    def restart(self) -> None:
        self.cpo.state.operator.close()
        self._open()

    @property
    def complaints(self) -> list[str]:
        found: list[str] = self.sim("GET", "state")["complaints"]
        return found

    def sim(self, method: str, path: str, body: object = None) -> Any:
        answer = self.request(method, f"/sim/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tick(self, now: str, **more: Any) -> Any:
        return self.sim("POST", "tick", {"now": f"2026-11-{now}:00Z", **more})

    def ocpi(self, method: str, path: str, body: object = None, shown: str = "") -> httpx.Response:
        """As a well-mannered eMSP asks: ids, and routing where it belongs."""
        headers = {
            "Authorization": token(shown or self.token_c),
            "X-Request-ID": "r1",
            "X-Correlation-ID": "c1",
        }
        if not path.startswith(("/credentials", "/versions")) and path:
            headers |= {
                "OCPI-to-country-code": "DE",
                "OCPI-to-party-id": "ALF",
                "OCPI-from-country-code": "DE",
                "OCPI-from-party-id": "PLG",
            }
        url = "/ocpi/cpo/versions" if path == "/versions" else BASE + path
        return self.request(method, url, json=body, headers=headers)

    def register(self) -> "World":
        answer = self.ocpi("POST", "/credentials", credentials("token-b"), TOKEN_A)
        assert answer.json()["status_code"] == 1000, answer.text
        self.token_c = answer.json()["data"]["token"]
        self.emsp.received.clear()
        return self

    def start(self, reference: str = "ses_1", evse: str = "L1-1", **plan: Any) -> Any:
        """START_SESSION at 08:00; the CommandResponse."""
        if plan:
            self.sim("POST", "plan", {"authorization_reference": reference, **plan})
        return self.command("START_SESSION", start_command(reference, evse))["data"]

    def command(self, name: str, body: object) -> Any:
        return self.ocpi("POST", f"/commands/{name}", body).json()


def start_command(reference: str, evse: str = "L1-1") -> dict[str, Any]:
    return {
        "response_url": f"{EMSP}/commands/START_SESSION/{reference}/n",
        "token": {
            "country_code": "DE",
            "party_id": "PLG",
            "uid": "tok-1",
            "type": "APP_USER",
            "contract_id": "DE-PLG-C1",
            "issuer": "Channel",
            "valid": True,
            "whitelist": "NEVER",
            "last_updated": "2026-11-01T00:00:00Z",
        },
        "location_id": evse.split("-", maxsplit=1)[0],
        "evse_uid": evse,
        "connector_id": "1",
        "authorization_reference": reference,
    }
