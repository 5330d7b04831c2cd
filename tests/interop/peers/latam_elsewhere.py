"""What must be put around latam-evra-ocpi, which is made for one hub, for it to speak OCPI 2.3.0?

A transport that finds the other side's endpoints and shows a token wherever OCPI asks for one, the
members that its shapes lack, and what it has no call for: to take a command and to tell its result.
"""

import json
from types import GenericAlias
from typing import Any

import httpx
from latam_evra_ocpi import models
from pydantic import create_model

Json = dict[str, Any]
VERSION = "2.3.0"


def _dated(shape: Any, **more: Any) -> Any:
    made: Any = {"last_updated": (str, ...), **more}
    return create_model(f"Dated{shape.__name__}", __base__=shape, **made)


DatedConnector = _dated(models.Connector)
DatedEvse = _dated(models.Evse, connectors=(GenericAlias(list, DatedConnector), ...))
DatedLocation = _dated(
    models.Location, time_zone=(str, ...), evses=(GenericAlias(list, DatedEvse), ...)
)
WholeStart = create_model(
    "WholeStart",
    __base__=models.StartSessionCommand,
    token=(models.Token, ...),
    connector_id=(str, ...),
)


class Elsewhere(httpx.AsyncBaseTransport):
    """Answers the library as its hub would: at the hub's paths, and with the object that was told.

    To a PUT, PATCH or POST OCPI answers no object: it is read back from where it lies.
    """

    def __init__(self, base_url: str, versions_url: str) -> None:
        self._base, self._urls = f"{base_url}/", {"versions": versions_url}
        self._token = ""
        self._since = ""  # a list of sessions has a beginning
        self._types: Json = {}  # of tokens, by uid: type and uid together name one
        self._http = httpx.AsyncClient(timeout=30)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def show(self, token: str) -> None:
        """Versions and details need a token, and the library's calls of them have none."""
        self._token = token

    async def since(self, at: str) -> None:
        self._since = at

    async def take_command(self, kind: str, told: Json, party: Json) -> Any:
        """The acknowledgement of a command that is read in the library's shape of it."""
        shape = {
            "START_SESSION": models.StartSessionCommand,
            "STOP_SESSION": models.StopSessionCommand,
        }
        shape[kind].model_validate({**told, **party})
        return models.CommandAck(result=models.CommandAckResult.ACCEPTED, timeout=30)

    async def tell_result(self, url: str, token: str, result: str) -> Any:
        body = {"result": models.CommandFinalResult(result).value}
        answer = await self._http.post(url, json=body, headers={"Authorization": f"Token {token}"})
        return answer.json()["status_code"]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        shown = request.headers.get("Authorization", f"Token {self._token}")
        headers = {"Authorization": shown}
        body = request.content or None
        if body:
            headers["Content-Type"] = "application/json"
        url = self._moved(request)
        answer = await self._http.request(request.method, url, content=body, headers=headers)
        told = answer.json()
        self._learn(request, told)
        if told.get("status_code") == 1000 and "data" not in told and request.method != "DELETE":
            where = answer.headers.get("Location", url)
            back = await self._http.get(where, headers={"Authorization": shown})
            told["data"] = back.json().get("data")
        return httpx.Response(answer.status_code, content=json.dumps(told).encode())

    def _moved(self, request: httpx.Request) -> str:
        """OCPI's place of what the library calls at its hub's."""
        path, _, query = str(request.url).removeprefix(self._base).partition("?")
        module, *rest = path.split("/")
        if module == "cdrs" and request.method == "POST":
            rest = []
        if module == "tokens" and rest and rest[-1] == "authorize":
            rest, query = rest[2:], f"type={self._types.get(rest[2], 'RFID')}"
        if module == "sessions" and request.method == "GET" and not rest and self._since:
            query = f"{query}&date_from={self._since}"
        moved = "/".join([self._urls[module].rstrip("/"), *rest])
        return f"{moved}?{query}" if query else moved

    def _learn(self, request: httpx.Request, told: Json) -> None:
        if str(request.url) == f"{self._base}versions" and told.get("data"):
            (self._urls["details"],) = [
                one["url"] for one in told["data"] if one["version"] == VERSION
            ]
        if str(request.url) == f"{self._base}details" and told.get("data"):
            found = {one["identifier"]: one["url"] for one in told["data"]["endpoints"]}
            self._urls = {**found, **self._urls}
        if request.url.path.endswith("/tokens") and told.get("data"):
            self._types = {one["uid"]: one["type"] for one in told["data"]}
