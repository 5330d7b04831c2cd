"""A CPO made of extrawest-ocpi: its routes, schemas and push client over records in memory.

It runs in an environment of its own (that library pins old versions of what we use) and imports
nothing of ours. /sim fills its records; the library itself then serves and pushes them, takes
commands, and tells their results. What it has no client for, extrawest_asks.py asks in its shapes.
"""

import argparse
import asyncio
import os
import secrets
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI

Json = dict[str, Any]
PARTY = {"country_code": "DE", "party_id": "EXW"}


class Records:
    """`objects` by module and id; `client` is who registered with us."""

    def __init__(self, version: str, host: str) -> None:
        self.version, self.host = version, host
        self.begin("")

    def begin(self, token_a: str) -> None:
        """Nothing is known, and nobody but the bearer of a token A, if one was given."""
        self.token_a, self.token_c = token_a, ""
        self.client: Json = {}
        self.endpoints: Json = {}
        self.objects: dict[str, dict[str, Json]] = {}
        self.commands: list[Json] = []
        self.answer = "ACCEPTED"  # the charger's, to a command
        self.answered = asyncio.Event()
        self.answered.set()

    def of(self, module: str) -> dict[str, Json]:
        return self.objects.setdefault(module, {})

    def credentials(self) -> Json:
        details = {"name": "Extrawest"}
        url = f"http://{self.host}/ocpi/versions"
        if self.version == "2.1.1":
            return {"token": self.token_c, "url": url, "business_details": details, **PARTY}
        role = {"role": "CPO", "business_details": details, **PARTY}
        return {"token": self.token_c, "url": url, "roles": [role]}


class Served:
    """What the library asks of its user, for one set of records; its classes are made of this."""

    records: Records

    @classmethod
    async def get(cls, module: Any, role: Any, id: Any, *args: Any, **kwargs: Any) -> Any:
        if module.value == "commands":
            await cls.records.answered.wait()
            return {"result": cls.records.answer}
        if module.value == "credentials":
            return cls.records.credentials() if cls.records.client else None
        return cls.records.of(module.value).get(str(id).lower())

    @classmethod
    async def list(cls, module: Any, role: Any, filters: Any, *args: Any, **kwargs: Any) -> Any:
        found = [*cls.records.of(module.value).values()]
        end = filters["offset"] + filters["limit"]
        return found[filters["offset"] : end], len(found), end >= len(found)

    @classmethod
    async def create(cls, module: Any, role: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
        if module.value == "credentials":
            cls.records.token_a = ""
            return cls._registered(data)
        cls.records.of(module.value)[str(data.get("uid") or data.get("id")).lower()] = data
        return data

    @classmethod
    async def update(
        cls, module: Any, role: Any, data: Any, id: Any, *args: Any, **kwargs: Any
    ) -> Any:
        if module.value == "credentials":
            return cls._registered(data)
        cls.records.of(module.value)[str(id).lower()] = data
        return data

    @classmethod
    def _registered(cls, data: Any) -> Json:
        records = cls.records
        records.client, records.endpoints = data["credentials"], data["endpoints"]
        records.token_c = secrets.token_hex(16)
        return records.credentials()

    @classmethod
    async def delete(cls, module: Any, role: Any, id: Any, *args: Any, **kwargs: Any) -> None:
        if module.value == "credentials":
            cls.records.client, cls.records.token_c = {}, ""

    @classmethod
    async def do(
        cls, module: Any, role: Any, action: Any, *args: Any, data: Any = None, **kwargs: Any
    ) -> Any:
        if action.value == "GetClientToken":
            return cls.records.client["token"]
        told = data if data is not None else (args[0] if args else None)
        cls.records.commands.append({"command": kwargs["command"].value, "data": told})
        return {"result": "ACCEPTED", "timeout": 30}

    @classmethod
    async def get_valid_token_a(cls) -> Any:
        return [cls.records.token_a] if cls.records.token_a else []

    @classmethod
    async def get_valid_token_c(cls) -> Any:
        return [cls.records.token_c] if cls.records.token_c else []


def application(records: Records) -> FastAPI:
    """The library is imported here, once its settings are in the environment."""
    from py_ocpi.core.authentication.authenticator import Authenticator
    from py_ocpi.core.crud import Crud
    from py_ocpi.core.enums import ModuleID, RoleEnum
    from py_ocpi.main import get_application
    from py_ocpi.modules.versions.enums import VersionNumber

    modules = ("credentials", "locations", "tariffs", "sessions", "cdrs", "commands", "tokens")
    app: FastAPI = get_application(
        version_numbers=[VersionNumber(records.version)],
        roles=[RoleEnum.cpo],
        crud=type("Cpo", (Served, Crud), {"records": records}),
        modules=[ModuleID(name) for name in modules],
        authenticator=type("Tokens", (Served, Authenticator), {"records": records}),
        http_push=True,
    )
    _simulate(app, records)
    return app


def _simulate(app: FastAPI, records: Records) -> None:
    from extrawest_asks import Asks

    asks = Asks(records)

    def put(module: str, id: str, data: Annotated[Json, Body()]) -> Json:
        records.of(module)[id.lower()] = data
        return {}

    def state() -> Json:
        return {
            "client": records.client,
            "endpoints": records.endpoints,
            "token_c": records.token_c,
            "commands": records.commands,
            "tokens": records.of("tokens"),
        }

    def begin(token_a: str = "") -> Json:
        records.begin(token_a)
        return {}

    async def answer(result: str = "") -> Json:  # none: the charger takes its time
        records.answer = result
        (records.answered.set if result else records.answered.clear)()
        return {}

    async def ask(asked: Annotated[Json, Body()]) -> Any:
        return await asks.ask(asked)

    async def credentials(method: str, url: str, token: str = "") -> Any:
        return await asks.credentials(method, url, token or records.client["token"])

    app.add_api_route("/sim/{module}/{id}", put, methods=["PUT"])
    for view in (begin, answer, ask, credentials):
        app.add_api_route(f"/sim/{view.__name__}", view, methods=["POST"])
    app.add_api_route("/sim/state", state)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--version", required=True)
    asked = parser.parse_args()
    host = f"127.0.0.1:{asked.port}"
    settings = {"OCPI_HOST": host, "PROTOCOL": "http", "COMMAND_AWAIT_TIME": "1"}
    party = {"COUNTRY_CODE": PARTY["country_code"], "PARTY_ID": PARTY["party_id"]}
    os.environ.update(settings | party)  # read when the library is first imported
    app = application(Records(asked.version, host))
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
