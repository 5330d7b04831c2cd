"""Does the OpenAPI document of our OCPI side name every route, and can a generator read it?"""

import json
from typing import Any

import pytest
from chalice.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import app
from chalicelib import wiring
from chalicelib.handlers.ocpi.declared import DECLARED
from chalicelib.handlers.ocpi.described import PATH
from chalicelib.handlers.ocpi.openapi import all_served, below
from sandbox.memory.ports import MemoryPorts


@pytest.fixture
def document() -> Any:
    wiring.use(MemoryPorts())
    try:
        with Client(app) as client:
            answer = client.http.get(PATH)  # without a token
    finally:
        wiring.use(None)
    assert answer.status_code == 200
    return json.loads(answer.body)


def test_it_is_valid_openapi_3_1(document: Any) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_ocpi_route_of_the_app_is_there_with_its_methods(document: Any) -> None:
    routed = {path for path in app.routes if path.startswith("/ocpi/")} - {PATH}
    assert set(document["paths"]) == routed
    told = {path: {name.upper() for name in one} for path, one in document["paths"].items()}
    assert told == {served.path: set(served.methods) for served in all_served()}


def test_nothing_is_declared_that_is_not_served() -> None:
    """But for methods that another version has: a PUT and a PATCH are declared together."""
    paths = {below(served) for served in all_served()}
    assert {path for _, path in DECLARED} == paths


def test_names_stand_for_one_thing(document: Any) -> None:
    ids = [one["operationId"] for told in document["paths"].values() for one in told.values()]
    assert len(set(ids)) == len(ids)
    assert not [name for name in document["components"]["schemas"] if "Shape" in name]
