"""What can this API do? OpenAPI 3.1, made from the same declarations that serve the requests."""

from collections import defaultdict
from functools import cache

from chalicelib.domain.access.key import Scope, ScopeMissing, Unauthenticated
from chalicelib.domain.errors import DomainError
from chalicelib.domain.event.types import EVENT_TYPES
from chalicelib.handlers.limits import BodyTooLarge, MediaTypeUnsupported
from chalicelib.handlers.openapi import REF, Json, clean, parameters_of, reference, schemas_of
from chalicelib.handlers.partner_api.endpoint import ENDPOINTS, Endpoint, Repeat
from chalicelib.handlers.partner_api.openapi_text import ABOUT, PROBLEM_SCHEMA, WEBHOOK_HEADERS
from chalicelib.handlers.partner_api.problem import MEDIA_TYPE, how_to_fix, status_of, title_of
from chalicelib.handlers.partner_api.reading import (
    MalformedJson,
    RequestInvalid,
)
from chalicelib.handlers.partner_api.routes import PARTNER_API
from chalicelib.handlers.partner_api.shapes import CsvFile, Nothing
from chalicelib.handlers.routing import import_all
from chalicelib.ports.store import StoreUnavailable

# In the order in which a partner's engineer meets them.
_NOUNS = (
    "locations",
    "quotes",
    "tokens",
    "payment-methods",
    "reservations",
    "sessions",
    "disputes",
    "events",
    "webhook-endpoints",
    "statements",
    "balance",
    "top-ups",
    "invoices",
    "agreements",
)
_NO_SCHEMA = (type(None), CsvFile)


@cache
def document(public_url: str) -> Json:
    """The whole OpenAPI document, for the address at which we are reached."""
    paths: defaultdict[str, Json] = defaultdict(dict)
    for declared in sorted(endpoints(), key=lambda each: _NOUNS.index(tag_of(each.path))):
        paths[declared.path][declared.method.lower()] = _operation(declared)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plugrail Partner API", "version": "1.0.0", "description": ABOUT},
        "servers": [{"url": public_url}],
        "security": [{"key": []}],
        "tags": [{"name": noun} for noun in _NOUNS],
        "paths": dict(paths),
        "webhooks": {type_: _webhook(type_, text) for type_, text in EVENT_TYPES.items()},
        "components": {
            "schemas": {**_schemas(), "Problem": PROBLEM_SCHEMA},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"An API key. Scopes: {', '.join(Scope)}.",
                }
            },
        },
    }


def endpoints() -> list[Endpoint]:
    """Every endpoint that there is, in the order of the map."""
    import_all(PARTNER_API)
    routed = ((method, route.path) for route in PARTNER_API for method in route.methods)
    return [ENDPOINTS[each] for each in routed if each in ENDPOINTS]


def tag_of(path: str) -> str:
    """The noun of a path: `/v1/sessions/{id}/stop` is about sessions."""
    return path.split("/")[2]


def refusals_of(declared: Endpoint) -> list[type[DomainError]]:
    """All that an endpoint may refuse with, its own and those that any endpoint has."""
    common: list[type[DomainError]] = [Unauthenticated, ScopeMissing, StoreUnavailable]
    if declared.query is not Nothing or declared.reads_body:
        common.append(RequestInvalid)
    if declared.reads_body:
        common += [MalformedJson, MediaTypeUnsupported, BodyTooLarge]
    return list({kind.code: kind for kind in (*common, *declared.refusals)}.values())


def _operation(declared: Endpoint) -> Json:
    operation: Json = {
        "operationId": declared.name,
        "tags": [tag_of(declared.path)],
        "summary": declared.summary,
        "description": declared.description or declared.summary,
        "security": [{"key": [declared.scope.value]}],
        "parameters": _parameters(declared),
        "responses": {str(declared.status): _success(declared), **_refused(declared)},
    }
    if declared.reads_body:
        schema = reference(declared.body)
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _parameters(declared: Endpoint) -> list[Json]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in parameters_of(declared.path)
    ]
    schema = declared.query.model_json_schema()
    in_query = [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": part.get("description", ""),
            "schema": clean(_of_text(part, schema.get("$defs", {}))),
        }
        for name, part in schema.get("properties", {}).items()
    ]
    return [*in_path, *in_query, *_idempotency(declared)]


def _of_text(part: Json, kinds: Json) -> Json:
    """A query parameter has no null: it is there or not. An enum of `kinds` is written out."""
    if "$ref" in part:
        kind = kinds[part["$ref"].rpartition("/")[2]]
        part = {name: value for name, value in part.items() if name != "$ref"} | kind
    kept = {name: value for name, value in part.items() if name not in {"description", "anyOf"}}
    for choice in part.get("anyOf", ()):
        if choice != {"type": "null"}:
            kept |= choice
    return kept


def _idempotency(declared: Endpoint) -> list[Json]:
    if declared.repeat is Repeat.HARMLESS:
        return []
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": declared.repeat is Repeat.KEY_NEEDED,
            "description": "A fresh UUID for a new request; the same one when it is repeated.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    ]


def _success(declared: Endpoint) -> Json:
    if declared.answer is type(None):
        return {"description": "Done."}
    schema = {"type": "string"} if declared.answer is CsvFile else reference(declared.answer)
    response: Json = {
        "description": (declared.answer.__doc__ or "").partition("\n")[0],
        "content": {declared.media_type.partition(";")[0]: {"schema": schema}},
    }
    if declared.location:
        response["headers"] = {
            "Location": {"description": "Where it can be read.", "schema": {"type": "string"}}
        }
    return response


def _refused(declared: Endpoint) -> Json:
    by_status: defaultdict[int, list[type[DomainError]]] = defaultdict(list)
    for kind in refusals_of(declared):
        by_status[status_of(kind)].append(kind)
    return {
        str(status): {
            "description": " or ".join(f"`{kind.code}`" for kind in kinds),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": f"{REF}Problem"},
                    "examples": {kind.code: {"value": _example(kind)} for kind in kinds},
                }
            },
        }
        for status, kinds in sorted(by_status.items())
    }


def _example(kind: type[DomainError]) -> Json:
    title = title_of(kind.code)
    return {
        "type": f"/v1/docs#{kind.code}",
        "title": title,
        "status": status_of(kind),
        "code": kind.code,
        "detail": title,
        "how_to_fix": how_to_fix(kind),
        "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    }


def _webhook(type_: str, text: str) -> Json:
    return {
        "post": {
            "operationId": "on_" + type_.replace(".", "_"),
            "summary": text,
            "security": [],
            "parameters": WEBHOOK_HEADERS,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": f"{REF}Event"}}},
            },
            "responses": {
                "2XX": {"description": "Received; anything else is repeated for three days."},
                "410": {"description": "The endpoint is gone for good: it is disabled."},
            },
        }
    }


def _schemas() -> Json:
    inputs = [(e.body, "validation") for e in endpoints() if e.reads_body]
    answers = [(e.answer, "serialization") for e in endpoints() if e.answer not in _NO_SCHEMA]
    return schemas_of([*inputs, *answers])
