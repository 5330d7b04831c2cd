"""What does a process answer that has served nothing yet? A script, run with a fresh interpreter.

`python cold_start.py modules`: by module of the maps, the routes that its import alone adds.
`python cold_start.py requests`: a first request to each module, and what it has imported.
`python cold_start.py documents`: hashes of what tells of every endpoint, asked for first.
"""

import json
import os
import re
import sys
from hashlib import sha256
from typing import Any

from chalice.test import Client

from app import ROUTES, app
from chalicelib import wiring
from chalicelib.handlers.routing import Route, answered, imported
from sandbox.memory.ports import MemoryPorts

DOCUMENTS = ("/v1/docs", "/v1/openapi.json", "/ocpi/openapi.json")


def handlers() -> set[str]:
    """The modules of the maps that are there."""
    prefix = "chalicelib.handlers."
    there = {name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)}
    return there & {route.module for route in ROUTES}


def modules() -> dict[str, list[list[str]]]:
    added = {}
    for module in dict.fromkeys(route.module for route in ROUTES):
        before = answered()
        imported(module)
        added[module] = sorted(list(pair) for pair in answered() - before)
    return added


def asked(method: str, path: str) -> list[Any]:
    """Status and code of a stranger's request."""
    with Client(app) as client:
        answer = client.http.request(method, re.sub(r"{\w+}", "x", path))
    said = json.loads(answer.body) if answer.body[:1] == b"{" else {}
    return [answer.status_code, said.get("code") or said.get("status_code")]


def requests() -> list[list[Any]]:
    """One module after the other, each in a process of its own that comes fresh from app.py."""
    firsts = {route.module: route for route in reversed(ROUTES)}
    return [_alone(route) for route in firsts.values()]


def _alone(route: Route) -> list[Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        told = json.dumps([*asked(route.methods[0], route.path), sorted(handlers())])
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return [route.methods[0], route.path, route.module, *json.loads(told)]


def documents() -> dict[str, str]:
    with Client(app) as client:
        bodies = {path: client.http.get(path).body for path in DOCUMENTS}
    return {path: sha256(body).hexdigest() for path, body in bodies.items()}


if __name__ == "__main__":
    wiring.use(MemoryPorts())
    does = {"modules": modules, "requests": requests, "documents": documents}
    print(json.dumps(does[sys.argv[1]]()))  # noqa: T201 - to the test that started it
