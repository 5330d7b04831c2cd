"""Does the published description say what the code does, and can a generator read it?"""

import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.domain.access.key import Scope
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.event.types import EVENT_TYPES
from chalicelib.handlers.partner_api.endpoint import Repeat
from chalicelib.handlers.partner_api.openapi import endpoints, refusals_of
from chalicelib.handlers.partner_api.problem import how_to_fix, status_of
from chalicelib.handlers.partner_api.shapes import CsvFile

CODE = Path(__file__).parents[3] / "chalicelib"


@pytest.fixture
def document(api: Any) -> Any:
    api.headers = {}
    return api.get("/v1/openapi.json").json


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_endpoints_of_the_design_are_all_there(document: Any) -> None:
    nouns = {path.split("/")[2] for path in document["paths"]}
    assert nouns >= {
        "locations",
        "quotes",
        "sessions",
        "tokens",
        "agreements",
        "statements",
        "balance",
        "events",
        "webhook-endpoints",
    }
    assert "post" in document["paths"]["/v1/sessions/{session_id}/stop"]
    assert "get" in document["paths"]["/v1/sessions/{session_id}/evidence"]
    assert "post" in document["paths"]["/v1/events/{event_id}/replay"]


def test_every_reference_leads_somewhere_and_no_class_name_shows(document: Any) -> None:
    text = str(document)
    names = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert names <= set(document["components"]["schemas"])
    assert not [name for name in document["components"]["schemas"] if "Shape" in name]


def test_every_operation_says_what_it_needs_gives_and_refuses(document: Any) -> None:
    ids = []
    for path, methods in document["paths"].items():
        for operation in methods.values():
            ids.append(operation["operationId"])
            assert operation["summary"], path
            assert operation["security"][0]["key"][0] in set(Scope)
            assert {"401", "403", "503"} <= set(operation["responses"])
            wanted = re.findall(r"{(\w+)}", path)
            listed = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
            assert wanted == listed
    assert len(set(ids)) == len(ids)


def test_what_makes_something_takes_an_idempotency_key() -> None:
    made = [e for e in endpoints() if e.method == "POST" and e.reads_body]
    assert made
    assert all(e.repeat is not Repeat.HARMLESS for e in made)


def test_every_refusal_says_how_to_fix_it() -> None:
    for declared in endpoints():
        for kind in refusals_of(declared):
            assert 400 <= status_of(kind) < 600
            assert how_to_fix(kind), kind


def test_every_event_that_is_told_is_in_the_catalogue_and_the_document(document: Any) -> None:
    told = set()
    for file in (CODE / "usecases").rglob("*.py"):
        told |= set(re.findall(r"\"(session\.[a-z_]+)\"", file.read_text()))
    assert told
    assert told <= set(EVENT_TYPES), told - set(EVENT_TYPES)
    assert set(document["webhooks"]) == set(EVENT_TYPES)


def test_examples_are_accepted_by_the_shapes_they_stand_in() -> None:
    for declared in endpoints():
        schema = declared.body.model_json_schema()
        for example in schema.get("examples", ()):
            declared.body.model_validate(example)


def test_an_answer_is_what_its_schema_says(api: Any, document: Any) -> None:
    """Names and required parts; types are pydantic's own work."""
    api.world.start()
    for declared in endpoints():
        if declared.method != "GET" or "{" in declared.path or declared.answer is CsvFile:
            continue
        key = api.as_partner(PaymentMethod.CARD)
        query = "?latitude=50.1&longitude=8.6" if declared.path == "/v1/locations" else ""
        answer = key.get(declared.path + query)
        assert answer.status == 200, answer.text
        name = declared.answer.__name__.removesuffix("Shape")
        schema = document["components"]["schemas"][name]
        assert set(schema.get("required", ())) <= set(answer.json) <= set(schema["properties"])


def test_the_page_reads_without_a_key_and_explains_every_code(api: Any) -> None:
    api.headers = {}
    answer = api.get("/v1/docs")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<script" not in answer.text
    anchors = set(re.findall(r'id="([^"]+)"', answer.text))
    links = set(re.findall(r'href="#([^"]+)"', answer.text))
    assert links <= anchors, links - anchors
    for declared in endpoints():
        assert declared.name in anchors
        for kind in refusals_of(declared):
            assert kind.code in anchors


def test_health_says_ok_without_a_key(api: Any) -> None:
    api.headers = {}
    assert api.get("/health").json == {"status": "ok", "now": "2026-11-16T08:00:00Z"}
