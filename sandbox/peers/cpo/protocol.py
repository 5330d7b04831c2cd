"""How does the simulated CPO answer OCPI's requests? One method for each of them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.peers.clock import now_by
from sandbox.peers.cpo import envelope, objects, registration, wire
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
    def __init__(self, operator: Operator, caller: Caller) -> None:
        self._operator = operator
        self._caller = caller
        self._page_max = int(operator.config.get("page_limit", 50))

    # Configuration modules: token A or the registered token, and no routing headers.

    async def versions(self, request: Request) -> Response:
        self._known(request)
        root, spoken = _root(request), self._operator.versions
        return self._reply(request, [{"version": v, "url": f"{root}/{v}"} for v in spoken])

    async def details(self, request: Request) -> Response:
        self._known(request)
        version = _version(request)
        return self._reply(request, registration.details(f"{_root(request)}/{version}", version))

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
        return self._page(request, rows(published), "locations")

    async def location(self, request: Request) -> Response:
        self._registered(request)
        location_id, *inner = request.path_params["path"].split("/")
        published = self._operator.network.as_of_now(self._operator.statuses())
        fitting = (item for item in published if item.get("id") == location_id)
        found = next((wire.written(_version(request), "locations", one) for one in fitting), None)
        for name, lists in zip(inner, (("evses", "uid"), ("connectors", "id")), strict=False):
            inside = found.get(lists[0], []) if found else []
            found = next((item for item in inside if item[lists[1]] == name), None)
        if found is None:
            raise Refusal(404, envelope.UNKNOWN_LOCATION, "no such location, EVSE or connector")
        return self._reply(request, found)

    async def tariffs(self, request: Request) -> Response:
        self._registered(request)
        network = self._operator.network
        found = rows([*network.tariffs.values(), *network.unfit["tariffs"]])
        return self._page(request, found, "tariffs")

    async def sessions(self, request: Request) -> Response:
        self._registered(request)
        now, network = self._operator.now, self._operator.network
        found = [
            Row(told[-1], partial(objects.session, visit, now), objects.site(visit, network))
            for visit in self._operator.visits.values()
            if (told := _told(visit, now))
        ]
        return self._page(request, found, "sessions", dated=True)

    async def preferences(self, request: Request) -> Response:
        self._registered(request)
        visit = self._operator.visits.get(request.path_params["id"])
        site = objects.site(visit, self._operator.network) if visit else {"evses": []}
        capable = [one for evse in site["evses"] for one in evse["capabilities"]]
        if "CHARGING_PREFERENCES_CAPABLE" not in capable or not wire.routed(_version(request)):
            raise Refusal(404, envelope.INVALID_PARAMETERS, "not CHARGING_PREFERENCES_CAPABLE")
        body = loads(await request.body())
        member(body, "profile_type")
        answer = "ACCEPTED" if body.get("departure_time") else "DEPARTURE_REQUIRED"
        return self._reply(request, answer)

    async def cdrs(self, request: Request) -> Response:
        self._registered(request)
        network = self._operator.network
        found = [
            Row(epoch(cdr["last_updated"]), partial(dict, cdr), objects.site(visit, network))
            for visit, cdr in self._operator.pullable_cdrs()
        ]
        return self._page(request, sorted(found, key=lambda row: row.last_updated), "cdrs")

    async def read_token(self, request: Request) -> Response:
        self._registered(request)
        token = self._operator.tokens.get(request.path_params["uid"].lower())
        if token is None:
            raise Refusal(404, envelope.CLIENT_ERROR, "no such token")
        return self._reply(request, token)

    async def put_token(self, request: Request) -> Response:
        self._registered(request)
        token = wire.token_read(_version(request), loads(await request.body()), self._peer)
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
        self._read_clock()
        read = wire.command_read(_version(request), body, self._peer)
        return self._reply(request, obey(self._operator, command, read))

    async def _register(self, request: Request) -> Response:
        body = loads(await request.body())
        connection = await registration.accept(self._caller, body, _version(request))
        self._operator.connect(connection)
        return self._reply(request, self._credentials(request, connection.shown))

    def _credentials(self, request: Request, token: str) -> dict[str, Any]:
        network = self._operator.network
        url = f"{_root(request)}/versions"
        party, name = network.party, network.name
        return registration.credentials(_version(request), token, url, party, name)

    @property
    def _peer(self) -> dict[str, str]:
        connection = self._operator.connection
        return {"country_code": connection.country_code, "party_id": connection.party_id}

    def _page(
        self, request: Request, found: list[Row], module: str, *, dated: bool = False
    ) -> Response:
        version, now = _version(request), self._operator.now_text()
        told = [row.told_in(version, module) for row in found]
        answer = page(request, now, told, self._page_max, dated=dated and wire.routed(version))
        answer.headers.update(self._routing(version))
        return answer

    def _reply(self, request: Request, data: object = None) -> Response:
        routed = "credentials" not in request.url.path and request.url.path.count("/") > 3
        headers = self._routing(_version(request)) if routed else {}
        return reply(request, self._operator.now_text(), data, headers=headers)

    def _routing(self, version: str) -> Mapping[str, str]:
        if not wire.routed(version):
            return {}
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
        if not wire.routed(_version(request)):
            if len(missing) < len(_ROUTING):
                self._operator.complain(f"{_what(request)}: routing headers in 2.1.1")
        elif missing:
            self._operator.complain(f"{_what(request)}: without {', '.join(missing)}")

    def _authenticate(self, request: Request) -> bool:
        decoded, raw = envelope.shown_token(request.headers.get("Authorization", ""))
        connection = self._operator.connection
        plain = request.path_params.get("version") == "2.1.1"  # no ids there, and raw tokens
        for name in envelope.IDS:
            if name not in request.headers and not plain:
                self._operator.complain(f"{_what(request)}: without {name}")
        shown = {decoded, raw} - {""}
        if connection.shown in shown:
            if connection.shown == raw and not plain:
                self._operator.complain(f"{_what(request)}: the token is not Base64")
            return True
        if connection.token_a and connection.token_a in shown:
            return False
        raise Refusal(401, envelope.CLIENT_ERROR, "unknown token")

    def _read_clock(self) -> None:
        """A command comes between two ticks; the sandbox's clock may have moved since."""
        file = self._operator.config.get("clock_file")
        if file:
            self._operator.advance(now_by(file))


def _told(visit: Visit, now: int) -> list[int]:
    return [update.as_of for update in updates(visit) if update.as_of <= now]


def _version(request: Request) -> str:
    return str(request.path_params["version"])


def _root(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ocpi/cpo"


def _what(request: Request) -> str:
    return f"{request.method} {request.url.path}"
