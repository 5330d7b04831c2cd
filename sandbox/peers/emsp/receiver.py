"""How does the simulated eMSP answer what CPOs call? OCPI's eMSP side, in 2.2.1 or 2.3.0."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.peers.cpo import envelope
from sandbox.peers.cpo.envelope import Refusal, loads, reply
from sandbox.peers.cpo.pages import page, rows
from sandbox.peers.emsp.provider import Provider

ROOT = "/ocpi/emsp"
_MODULES = {
    "sessions": "RECEIVER",
    "cdrs": "RECEIVER",
    "locations": "RECEIVER",
    "tariffs": "RECEIVER",
    "hubclientinfo": "RECEIVER",
    "tokens": "SENDER",
    "commands": "SENDER",
    "credentials": "SENDER",
}
_FROM = "OCPI-from-country-code", "OCPI-from-party-id"
_TO = "OCPI-to-country-code", "OCPI-to-party-id"
_HUBS = "hubclientinfo"
_PAGE = 50

Endpoint = Callable[[Request], Awaitable[Response]]


class Receiver:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def routes(self) -> list[Route]:
        base = f"{ROOT}/{self._provider.version}"
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", f"{ROOT}/versions", self.versions),
            ("GET", base, self.details),
            ("PUT", base + "/{module}/{path:path}", self.put),
            ("DELETE", base + "/{module}/{path:path}", self.delete),
            ("POST", f"{base}/cdrs", self.post_cdr),
            ("GET", f"{base}/tokens", self.tokens),
            ("POST", base + "/tokens/{uid}/authorize", self.authorize),
            ("POST", base + "/commands/{command}/{number}", self.result),
        ]
        return [Route(path, self._in_ocpi(view), methods=[how]) for how, path, view in table]

    def _in_ocpi(self, view: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            provider = self._provider
            try:
                provider.be_away_if_told()
                self._authenticate(request)
                return await view(request)
            except Refusal as no:
                now, text = provider.now, no.message
                return reply(request, now, http=no.http, status=no.status, message=text)

        return answer

    async def versions(self, request: Request) -> Response:
        version = self._provider.version
        url = f"{_root(request)}/{version}"
        return reply(request, self._provider.now, [{"version": version, "url": url}])

    async def details(self, request: Request) -> Response:
        version = self._provider.version
        endpoints = [
            {"identifier": module, "role": role, "url": f"{_root(request)}/{version}/{module}"}
            for module, role in _MODULES.items()
        ]
        return reply(request, self._provider.now, {"version": version, "endpoints": endpoints})

    async def put(self, request: Request) -> Response:
        module, path = self._owned(request)
        known = self._provider.kept.get(module, {})
        if module == "locations" and path.count("/") > 2:
            place = "/".join(path.split("/")[:3])
            if place not in known:
                raise Refusal(404, envelope.UNKNOWN_LOCATION, f"unknown location: {place}")
        self._provider.keep(module, path, loads(await request.body()))
        return reply(request, self._provider.now)

    async def delete(self, request: Request) -> Response:
        module, path = self._owned(request)
        if self._provider.kept.get(module, {}).pop(path, None) is None:
            raise Refusal(404, envelope.CLIENT_ERROR, "there is no such object")
        return reply(request, self._provider.now)

    async def post_cdr(self, request: Request) -> Response:
        cdr = loads(await request.body())
        self._routed(request, cdr["country_code"], cdr["party_id"])
        self._provider.keep("cdrs", cdr["id"], cdr)
        where = {"Location": f"{request.url}/{cdr['id']}"}
        return reply(request, self._provider.now, headers=where)

    async def tokens(self, request: Request) -> Response:
        return page(request, self._provider.now, rows(self._provider.tokens.values()), _PAGE)

    async def authorize(self, request: Request) -> Response:
        provider, uid = self._provider, request.path_params["uid"]
        where = loads(await request.body())
        provider.asked.append({"uid": uid, "location": where, "from": _party(request, _FROM)})
        if uid not in provider.tokens:
            raise Refusal(404, 2004, "unknown token")
        said = {"allowed": "ALLOWED", "token": provider.tokens[uid], "location": where}
        return reply(request, provider.now, {**said, **provider.says.get(uid, {})})

    async def result(self, request: Request) -> Response:
        command = request.path_params["command"]
        self._provider.results.append({"command": command, **loads(await request.body())})
        return reply(request, self._provider.now)

    def _owned(self, request: Request) -> tuple[str, str]:
        """Module and path of a client-owned object, whose owner must be who sends it."""
        module, path = request.path_params["module"], request.path_params["path"]
        if module not in {"sessions", "locations", "tariffs", _HUBS}:
            raise Refusal(404, envelope.CLIENT_ERROR, f"{module} takes no such method")
        if module == _HUBS:
            return module, path  # between platforms: nothing is routed
        country, party, *_ = path.split("/")
        self._routed(request, country, party)
        return module, path

    def _routed(self, request: Request, country: str, party: str) -> None:
        provider = self._provider
        if _party(request, _FROM) != f"{country}*{party}":
            provider.complain(f"{request.url.path}: not sent by {country}*{party}")
        if _party(request, _TO) != "*".join(provider.party.values()):
            provider.complain(f"{request.url.path}: not routed to us")

    def _authenticate(self, request: Request) -> None:
        decoded, _ = envelope.shown_token(request.headers.get("Authorization", ""))
        if not decoded or decoded != self._provider.connection.shown:
            raise Refusal(401, envelope.CLIENT_ERROR, "unknown token")
        for name in envelope.IDS:
            if name not in request.headers:
                self._provider.complain(f"{request.method} {request.url.path}: without {name}")


def _party(request: Request, names: tuple[str, str]) -> str:
    country, party = (request.headers.get(name, "") for name in names)
    return f"{country}*{party}"


def _root(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{ROOT}"
