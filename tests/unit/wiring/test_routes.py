"""Do the maps of app.py name what is there, and is a first request answered as any other?"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import FUNCTIONS, ROUTES, app
from bench import first_requests
from chalicelib import wiring
from chalicelib.handlers.routing import import_all, imported
from sandbox.aws.package import ROOT
from sandbox.memory.ports import MemoryPorts
from tests.unit.wiring import cold_start


@pytest.fixture(autouse=True)
def _memory() -> Iterator[None]:
    wiring.use(MemoryPorts())
    yield
    wiring.use(None)


def _fresh(what: str) -> Any:
    """What cold_start.py tells in a process of its own."""
    command = [sys.executable, str(Path(cold_start.__file__)), what]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603 - our interpreter
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])  # a function's log comes before it


def test_each_module_serves_what_the_map_says_of_it_and_nothing_else() -> None:
    named: defaultdict[str, list[list[str]]] = defaultdict(list)
    for route in ROUTES:
        named[route.module] += [[method, route.path] for method in route.methods]
    assert _fresh("modules") == {module: sorted(pairs) for module, pairs in named.items()}


def test_the_map_names_a_path_once_and_all_of_them_are_routed() -> None:
    named = {route.path: set(route.methods) for route in ROUTES}
    assert len(named) == len(ROUTES)
    assert {path: set(methods) for path, methods in app.routes.items()} == named


def test_every_function_is_where_lambda_looks_for_it() -> None:
    for function in app.pure_lambda_functions:
        module, _, name = function.handler_string.rpartition(".")
        assert module == f"chalicelib.handlers.{FUNCTIONS[function.name]}"
        assert callable(getattr(imported(FUNCTIONS[function.name]), name))


@pytest.mark.slow
def test_a_first_request_imports_its_own_module_and_is_answered_as_any_other() -> None:
    told = _fresh("requests")
    assert {module for _, _, module, *_ in told} == {route.module for route in ROUTES}
    import_all(ROUTES)
    for method, path, module, *answer, handlers in told:
        assert answer == cold_start.asked(method, path), path
        assert module in handlers, path


def test_a_first_patch_needs_neither_pydantic_nor_what_prices(tmp_path: Path) -> None:
    """Most of all requests are PATCHes, and so most cold starts begin with one."""
    program = first_requests.tell(tmp_path)["a session PATCH"]
    command = [sys.executable, "-c", f"{program}; import sys; print(*sys.modules)"]
    environment = {**os.environ, **first_requests.environment(tmp_path)}
    done = subprocess.run(  # noqa: S603 - our interpreter
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    there = set(done.stdout.split())
    assert "chalicelib.usecases.charger_session.accept_report" in there
    unneeded = {"pydantic", "stripe", "aws_lambda_powertools", "chalicelib.domain.tariff.worst"}
    assert not there & unneeded


@pytest.mark.slow
def test_what_tells_of_every_endpoint_is_the_same_whichever_request_came_first() -> None:
    first = _fresh("documents")
    import_all(ROUTES)
    assert cold_start.documents() == first
