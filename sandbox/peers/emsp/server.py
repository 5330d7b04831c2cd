"""Which paths does the simulated eMSP serve? OCPI's eMSP side, and /sim for those who test.

It acts only when told, speaks from the specification alone and shares no code with the channel.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.peers import calling
from sandbox.peers.cpo import registration
from sandbox.peers.cpo.connection import Answer, Caller, Connection
from sandbox.peers.cpo.envelope import Refusal, dumps, loads
from sandbox.peers.emsp.provider import Provider
from sandbox.peers.emsp.receiver import Receiver

_TIMEOUT_S = 30.0
_NEEDED = ("locations.SENDER", "tariffs.SENDER", "commands.RECEIVER", "credentials")

Json = dict[str, Any]


_OURS = {"uid", "url", "to"}  # of a command's body: not sent


class Control:
    """The /sim side: what drivers and staff of the eMSP do.

    What is asked of one CPO of several behind a hub names it: `to` is its `CC*PID`.
    """

    def __init__(self, provider: Provider, caller: Caller) -> None:
        self._provider, self._caller = provider, caller
        self._commands = 0

    async def connect(self, body: Mapping[str, Any]) -> Json:
        """Register: `versions_url` and its token A as `token`, `url` of our own versions."""
        provider, token = self._provider, registration.new_token()
        provider.connection = Connection(shown=token)  # we are called back before we are answered
        ours = {
            "token": token,
            "versions_url": body["url"],
            "party": provider.party,
            "name": provider.config["name"],
            "role": "EMSP",
        }
        made = await registration.connect(
            self._caller,
            body["versions_url"],
            body["token"],
            (provider.version,),
            ours,
            needed=_NEEDED,
        )
        provider.connection = made
        return {"connected": True, "version": made.version, "endpoints": made.endpoints}

    async def tick(self, body: Mapping[str, Any]) -> Json:
        self._provider.now = body["now"]
        return {"now": self._provider.now}

    async def token(self, body: Mapping[str, Any]) -> Json:
        """Tell one of our tokens, as it now is."""
        told = self._provider.token(**body)
        path = f"{told['country_code']}/{told['party_id']}/{told['uid']}?type={told['type']}"
        return await self._ask("PUT", "tokens.RECEIVER", path, told, {})

    async def says(self, body: Mapping[str, Any]) -> Json:
        """What is answered of a `uid` that a CPO asks for: AuthorizationInfo, or part of it."""
        self._provider.says[body["uid"]] = dict(body["info"])
        return {"says": body["info"]}

    async def start(self, body: Mapping[str, Any]) -> Json:
        """START_SESSION with our token `uid`; the other members as they are sent."""
        return await self._command("START_SESSION", body, self._with_token(body))

    async def stop(self, body: Mapping[str, Any]) -> Json:
        return await self._command("STOP_SESSION", body, {"session_id": body["session_id"]})

    async def reserve(self, body: Mapping[str, Any]) -> Json:
        """RESERVE_NOW for our token `uid`; the other members as they are sent."""
        return await self._command("RESERVE_NOW", body, self._with_token(body))

    async def cancel(self, body: Mapping[str, Any]) -> Json:
        reservation = {"reservation_id": body["reservation_id"]}
        return await self._command("CANCEL_RESERVATION", body, reservation)

    async def prefer(self, body: Mapping[str, Any]) -> Json:
        """PUT the driver's `preferences` of a session."""
        path = f"{body['session_id']}/charging_preferences"
        return await self._ask("PUT", "sessions.SENDER", path, body["preferences"], body)

    async def pull(self, body: Mapping[str, Any]) -> Json:
        """A module's whole list, or what it has since `date_from`: the objects of all pages."""
        connection, found = self._connection(body), list[Json]()
        url = connection.endpoints[f"{body['module']}.SENDER"]
        url += f"?date_from={body['date_from']}" if "date_from" in body else ""
        while url:
            answer = await self._caller.functional(connection, "GET", url)
            if not answer.good:
                raise Refusal(200, answer.status, f"GET {url}: {answer.http}")
            found += answer.data
            url = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
        return {"found": found}

    async def outage(self, body: Mapping[str, Any]) -> Json:
        """Answer the next `requests` with HTTP 503."""
        self._provider.outage = int(body["requests"])
        return {"outage": self._provider.outage}

    async def state(self, _: Mapping[str, Any]) -> Json:
        provider = self._provider
        names = ("now", "tokens", "asked", "kept", "results", "complaints")
        return {name: getattr(provider, name) for name in names}

    def _with_token(self, body: Mapping[str, Any]) -> Json:
        more = {name: value for name, value in body.items() if name not in _OURS}
        return {"token": self._provider.tokens[body["uid"]], **more}

    def _connection(self, body: Mapping[str, Any]) -> Connection:
        """Ours, as it speaks to the CPO that is named; else to the first of their credentials."""
        country, _, party = str(body.get("to", "")).partition("*")
        known = self._provider.connection
        return replace(known, country_code=country, party_id=party) if party else known

    async def _command(self, command: str, told: Mapping[str, Any], body: Json) -> Json:
        """`url` is where we are reached: the result comes back below it."""
        self._commands += 1
        response_url = f"{told['url']}/commands/{command}/{self._commands}"
        said = {"response_url": response_url, **body}
        return await self._ask("POST", "commands.RECEIVER", command, said, told)

    async def _ask(
        self, method: str, module: str, path: str, body: Json, told: Mapping[str, Any]
    ) -> Json:
        connection = self._connection(told)
        url = f"{connection.endpoints[module].rstrip('/')}/{path}"
        return _told(await self._caller.functional(connection, method, url, body))


def _told(answer: Answer) -> Json:
    return {"http": answer.http, "status": answer.status, "data": answer.data}


def application(config: Mapping[str, Any], call: calling.Call | None = None) -> Starlette:
    """The eMSP of a configuration: `country_code`, `party_id`, `name`, `now`, `version`."""
    provider = Provider(config)
    caller = Caller(call or calling.Caller(_TIMEOUT_S), provider.party, raw=False)
    return Starlette(routes=[*Receiver(provider).routes(), *_sim(Control(provider, caller))])


def _sim(control: Control) -> list[Route]:
    table: list[tuple[str, str, Callable[[Any], Awaitable[object]]]] = [
        ("POST", "/sim/connect", control.connect),
        ("POST", "/sim/tick", control.tick),
        ("POST", "/sim/token", control.token),
        ("POST", "/sim/says", control.says),
        ("POST", "/sim/start", control.start),
        ("POST", "/sim/stop", control.stop),
        ("POST", "/sim/reserve", control.reserve),
        ("POST", "/sim/cancel", control.cancel),
        ("POST", "/sim/prefer", control.prefer),
        ("POST", "/sim/pull", control.pull),
        ("POST", "/sim/outage", control.outage),
        ("GET", "/sim/state", control.state),
        ("GET", "/", control.state),
    ]
    return [Route(path, _plainly(told), methods=[method]) for method, path, told in table]


def _plainly(told: Callable[[Any], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        content = await request.body()
        try:
            said = await told(loads(content) if content else {})
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 422)
        except Refusal as refusal:
            return JSONResponse({"error": refusal.message, "status": refusal.status}, 502)
        return Response(dumps(said), media_type="application/json")

    return answer
