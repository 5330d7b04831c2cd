"""How does the simulated CPO answer OCPI's requests? One method for each of them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.peers.calling import Call
from sandbox.peers.cpo import envelope, objects, registration
from sandbox.peers.cpo.commands import COMMANDS, obey
from sandbox.peers.cpo.connection import Caller, Connection
from sandbox.peers.cpo.envelope import Refusal, loads, member, reply
from sandbox.peers.cpo.pages import Row, page, rows
from sandbox.peers.cpo.schedule import updates
from sandbox.peers.cpo.state import Operator
from sandbox.peers.cpo.visit import Visit
from sandbox.peers.serving import epoch

_ROUTING = tuple(
    f"OCPI-{way}-{what}" for way in ("to", "from") for what in ("country-code", "party-id")
)


class Protocol:
    def __init__(self, operator: Operator, caller: Caller, call: Call) -> None:
        self._operator = operator
        self._caller = caller
        self._call = call
        self._page_max = int(operator.config.get("page_limit", 50))

    # Configuration modules: token A or the registered token, and no routing headers.

    async def versions(self, request: Request) -> Response:
        self._known(request)
        url = f"{_root(request)}/{registration.VERSION}"
        return self._reply(request, [{"version": registration.VERSION, "url": url}])

    async def details(self, request: Request) -> Response:
        self._known(request)
        return self._reply(request, registration.details(f"{_root(request)}/2.2.1"))

    async def read_credentials(self, request: Request) -> Response:
        self._known(request)
        return self._reply(request, self._credentials(request, self._operator.connection.shown))

    async def post_credentials(self, request: Request) -> Response:
        if self._known(request):
            raise Refusal(405, envelope.CLIENT_ERROR, "registered already: PUT")
        return await self._register(request)

    async def put_credentials(self, request: Request) -> Response:
        if not self._known(request):
            raise Refusal(405, envelope.CLIENT_ERROR, "not registered yet: POST")
        return await self._register(request)

    async def delete_credentials(self, request: Request) -> Response:
        if not self._known(request):
            raise Refusal(405, envelope.CLIENT_ERROR, "not registered")
        self._operator.connect(Connection())
        return self._reply(request)

    # Functional modules: the registered token only, with routing headers.

    async def locations(self, request: Request) -> Response:
        self._registered(request)
        published = self._operator.network.as_of_now(self._operator.statuses())
        return self._page(request, rows(published))

    async def location(self, request: Request) -> Response:
        self._registered(request)
        location_id, *inner = request.path_params["path"].split("/")
        published = self._operator.network.as_of_now(self._operator.statuses())
        found = next((item for item in published if item.get("id") == location_id), None)
        for name, lists in zip(inner, (("evses", "uid"), ("connectors", "id")), strict=False):
            inside = found.get(lists[0], []) if found else []
            found = next((item for item in inside if item[lists[1]] == name), None)
        if found is None:
            raise Refusal(404, envelope.UNKNOWN_LOCATION, "no such location, EVSE or connector")
        return self._reply(request, found)

    async def tariffs(self, request: Request) -> Response:
        self._registered(request)
        network = self._operator.network
        return self._page(request, rows([*network.tariffs.values(), *network.unfit["tariffs"]]))

    async def sessions(self, request: Request) -> Response:
        self._registered(request)
        now = self._operator.now
        found = [
            Row(told[-1], partial(objects.session, visit, now))
            for visit in self._operator.visits.values()
            if (told := _told(visit, now))
        ]
        return self._page(request, found, dated=True)

    async def preferences(self, request: Request) -> Response:
        self._registered(request)
        raise Refusal(404, envelope.INVALID_PARAMETERS, "not CHARGING_PREFERENCES_CAPABLE")

    async def cdrs(self, request: Request) -> Response:
        self._registered(request)
        found = rows(dict(cdr) for cdr in self._operator.pullable_cdrs())
        return self._page(request, sorted(found, key=lambda row: row.last_updated))

    async def read_token(self, request: Request) -> Response:
        self._registered(request)
        token = self._operator.tokens.get(request.path_params["uid"].lower())
        if token is None:
            raise Refusal(404, envelope.CLIENT_ERROR, "no such token")
        return self._reply(request, token)

    async def put_token(self, request: Request) -> Response:
        self._registered(request)
        token = loads(await request.body())
        if member(token, "uid").lower() != request.path_params["uid"].lower():
            raise Refusal(200, envelope.INVALID_PARAMETERS, "uid differs from the URL's")
        known = token["uid"].lower() in self._operator.tokens
        self._operator.keep_token(token)
        return reply(request, self._operator.now_text(), http=200 if known else 201)

    async def patch_token(self, request: Request) -> Response:
        self._registered(request)
        change = loads(await request.body())
        member(change, "last_updated")
        token = self._operator.tokens.get(request.path_params["uid"].lower())
        if token is None:
            raise Refusal(404, envelope.CLIENT_ERROR, "no such token")
        self._operator.keep_token({**token, **change})
        return self._reply(request)

    async def command(self, request: Request) -> Response:
        self._registered(request)
        command = request.path_params["command"]
        if command not in COMMANDS:
            raise Refusal(404, envelope.CLIENT_ERROR, f"no such command: {command}")
        body = loads(await request.body())
        await self._read_clock()
        return self._reply(request, obey(self._operator, command, body))

    async def _register(self, request: Request) -> Response:
        body = loads(await request.body())
        connection = await registration.accept(self._caller, body)
        self._operator.connect(connection)
        return self._reply(request, self._credentials(request, connection.shown))

    def _credentials(self, request: Request, token: str) -> dict[str, Any]:
        network = self._operator.network
        url = f"{_root(request)}/versions"
        return registration.credentials(token, url, network.party, network.name)

    def _page(self, request: Request, found: list[Row], *, dated: bool = False) -> Response:
        now = self._operator.now_text()
        answer = page(request, now, found, self._page_max, dated=dated)
        answer.headers.update(self._routing())
        return answer

    def _reply(self, request: Request, data: object = None) -> Response:
        routed = "credentials" not in request.url.path and request.url.path.count("/") > 3
        headers = self._routing() if routed else {}
        return reply(request, self._operator.now_text(), data, headers=headers)

    def _routing(self) -> Mapping[str, str]:
        connection, party = self._operator.connection, self._operator.network.party
        return {
            "OCPI-from-country-code": party["country_code"],
            "OCPI-from-party-id": party["party_id"],
            "OCPI-to-country-code": connection.country_code,
            "OCPI-to-party-id": connection.party_id,
        }

    def _known(self, request: Request) -> bool:
        """Whether the peer is registered; 401 when its token is none of ours."""
        registered = self._authenticate(request)
        if any(name in request.headers for name in _ROUTING):
            self._operator.complain(f"{_what(request)}: routing headers on a configuration module")
        return registered

    def _registered(self, request: Request) -> None:
        if not self._authenticate(request):
            raise Refusal(401, envelope.CLIENT_ERROR, "token A opens versions and credentials only")
        missing = [name for name in _ROUTING if name not in request.headers]
        if missing:
            self._operator.complain(f"{_what(request)}: without {', '.join(missing)}")

    def _authenticate(self, request: Request) -> bool:
        decoded, raw = envelope.shown_token(request.headers.get("Authorization", ""))
        connection = self._operator.connection
        for name in envelope.IDS:
            if name not in request.headers:
                self._operator.complain(f"{_what(request)}: without {name}")
        shown = {decoded, raw} - {""}
        if connection.shown in shown:
            if connection.shown == raw:
                self._operator.complain(f"{_what(request)}: the token is not Base64")
            return True
        if connection.token_a and connection.token_a in shown:
            return False
        raise Refusal(401, envelope.CLIENT_ERROR, "unknown token")

    async def _read_clock(self) -> None:
        """A command comes between two ticks; the sandbox's clock may have moved since."""
        url = self._operator.config.get("clock_url")
        if url:
            answer = await self._call("GET", url, {}, None)
            self._operator.advance(epoch(loads(answer.content)["now"]))


def _told(visit: Visit, now: int) -> list[int]:
    return [update.as_of for update in updates(visit) if update.as_of <= now]


def _root(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ocpi/cpo"


def _what(request: Request) -> str:
    return f"{request.method} {request.url.path}"
