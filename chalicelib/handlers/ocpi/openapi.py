"""What can be called by OCPI? OpenAPI 3.1 of all versions and roles, made from what is served."""

from collections import defaultdict
from functools import cache
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.connection.ours import COUNTRY_CODE, PARTY_ID
from chalicelib.handlers.ocpi.declared import DECLARED, OLD, Declared
from chalicelib.handlers.ocpi.endpoint import SERVED, Served
from chalicelib.handlers.ocpi.routes import OCPI
from chalicelib.handlers.ocpi.shapes import (
    CountryCode,
    Described,
    Id,
    Instant,
    OcpiParty,
    Reference,
    TokenUid,
)
from chalicelib.handlers.openapi import REF, Json, name_of, parameters_of, reference, schemas_of
from chalicelib.handlers.routing import import_all
from chalicelib.ocpi.envelope.command import CANCEL, RESERVE, START, STOP, UNLOCK

ABOUT = """Plugrail speaks OCPI as eMSP towards CPOs and, below `/ocpi/2.2.1/cpo`, as CPO towards
eMSPs. Every answer is OCPI's envelope: `status_code` 1000 is success, and `status_message` says
what was wrong and how to mend it, also with HTTP 200. Forms that are nearly right are read and
mended. OCPI requires more than is required here: what we can do without."""

_PATCH = "Patch"
_NOT_ROUTED = {"", "credentials", "clientinfo", "hubclientinfo"}


_COMMANDS = [START, STOP, UNLOCK, RESERVE, CANCEL]


class _Basics(Described):
    """The basic types: each stands in the document under its name."""

    CountryCode: CountryCode
    PartyId: OcpiParty
    Id: Id
    TokenUid: TokenUid
    Reference: Reference
    DateTime: Instant


def _basic(name: str) -> Json:
    return {"$ref": f"{REF}{name}"}


# What a segment of a path is; an Id where nothing is said.
_SEGMENTS: Json = {
    "country_code": _basic("CountryCode"),
    "party_id": _basic("PartyId"),
    "token_uid": _basic("TokenUid"),
    "about_id": _basic("Reference"),
    "command": {"type": "string", "enum": _COMMANDS},
}


@cache
def document(public_url: str) -> Json:
    """The whole OpenAPI document, for the address at which we are reached."""
    paths: defaultdict[str, Json] = defaultdict(dict)
    for one in sorted(all_served(), key=lambda each: each.version):
        for method in one.methods:
            paths[one.path][method.lower()] = _operation(one, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plugrail by OCPI", "version": "1.0.0", "description": ABOUT},
        "servers": [{"url": public_url}],
        "security": [{"token": []}],
        "paths": dict(paths),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Token ` and the Base64 of your token.",
                }
            },
        },
    }


def all_served() -> list[Served]:
    """Every path that there is, in the order of the map."""
    import_all(OCPI)
    return [SERVED[route.path] for route in OCPI if route.path in SERVED]


def below(served: Served) -> str:
    """A path without its version."""
    return served.path.removeprefix(f"/ocpi/{served.version}") if served.version else served.path


def declared(served: Served, method: str) -> Declared:
    return DECLARED[method, below(served)]


def _module(served: Served) -> str:
    parts = below(served).removeprefix("/cpo").split("/")
    return parts[1] if served.version and len(parts) > 1 else ""


def _operation(served: Served, method: str) -> Json:
    told, module = declared(served, method), _module(served)
    side = "eMSP" if "/cpo/" in served.path else "CPO"
    name = served.path.strip("/").translate(str.maketrans("/.-{}", "_____"))
    operation: Json = {
        "operationId": f"{method.lower()}_{name}",
        "tags": [f"{module or 'versions'} {served.version} ({side})".replace("  ", " ")],
        "summary": told.summary,
        "parameters": _parameters(served, told),
        "responses": _responses(served, method, told),
    }
    if told.body:
        operation["requestBody"] = {
            "required": not below(served).endswith("/authorize"),
            "content": {"application/json": {"schema": _body(served, method, told)}},
        }
    return operation


def _parameters(served: Served, told: Declared) -> list[Json]:
    found: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _SEGMENTS.get(name, _basic("Id")),
        }
        for name in parameters_of(served.path)
    ]
    if told.listed and served.version:
        found += _page_parameters(needs_begin=below(served) == "/cpo/sessions")
    if "{token_uid}" in served.path:
        found.append(_query("type", {"type": "string", "enum": ["RFID", "APP_USER", "OTHER"]}))
    routed = served.version != OLD and _module(served) not in _NOT_ROUTED
    return [*found, *(_routing(served) if routed else [])]


def _routing(served: Served) -> list[Json]:
    """From a party of the peer's; to us, and from an eMSP also to one of its CPOs."""
    peer = {"country-code": _basic("CountryCode"), "party-id": _basic("PartyId")}
    us: Json = {"country-code": {"const": COUNTRY_CODE}, "party-id": {"const": PARTY_ID}}
    cpo = {kind: {"type": "string", "format": f"ocpi-to-{kind}"} for kind in us}
    to = cpo if "/cpo/" in served.path else us
    return [
        {"name": f"OCPI-{side}-{kind}", "in": "header", "required": False, "schema": schema}
        for side, schemas in (("from", peer), ("to", to))
        for kind, schema in schemas.items()
    ]


def _page_parameters(*, needs_begin: bool) -> list[Json]:
    instant = _basic("DateTime")
    most = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
    return [
        _query("date_from", instant, required=needs_begin),
        _query("date_to", instant),
        _query("offset", most),
        _query("limit", {**most, "minimum": 1}),
    ]


def _query(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _body(served: Served, method: str, told: Declared) -> Json:
    found = [reference(shapes[served.version]) for shapes in told.body]
    if method == "PATCH":
        return {"$ref": f"{found[0]['$ref']}{_PATCH}"}
    return found[0] if len(found) == 1 else {"anyOf": found}


def _responses(served: Served, method: str, told: Declared) -> Json:
    good: Json = {
        "description": "The envelope; `status_code` says whether it was accepted.",
        "content": {"application/json": {"schema": _envelope(_data(served, told))}},
    }
    if told.listed and served.version:
        good["headers"] = {
            "X-Total-Count": {"schema": {"type": "integer"}},
            "X-Limit": {"schema": {"type": "integer"}},
            "Link": {"description": "The next page.", "schema": {"type": "string"}},
        }
    made = {"201": {**good, "description": "It is new here."}} if told.made else {}
    refused = {str(status): _refused(words) for status, words in _refusals(served, method, told)}
    return {"200": good, **made, **refused}


def _data(served: Served, told: Declared) -> Json | None:
    if told.as_told:
        return {"type": "object"}
    if told.data is None:
        return None
    one = reference(told.data[served.version])
    return {"type": "array", "items": one} if told.listed else one


def _envelope(data: Json | None) -> Json:
    base: Json = _basic("Envelope")
    if data is None:
        return base
    good = {"properties": {"status_code": {"const": 1000}}}
    whole = {"properties": {"data": data}, "required": ["data"]}
    return {"allOf": [base, {"if": good, "then": whole}]}


def _refused(words: str) -> Json:
    return {
        "description": words,
        "content": {"application/json": {"schema": _basic("Envelope")}},
    }


def _refusals(served: Served, method: str, told: Declared) -> list[tuple[int, str]]:
    found = [(401, "The token is missing or unknown.")]
    if told.body:
        found += [
            (400, "The body is not a JSON object."),
            (413, "The body has more than a million bytes."),
            (415, "The body is not JSON."),
        ]
    if served.version and below(served) and _module(served) != "credentials":
        found.append((403, "A CPO's endpoint for an eMSP, or the reverse."))
    named = "{token_uid}" in served.path and method != "PUT"
    if named or ("{" in served.path and method == "GET"):
        found.append((404, "Nothing is known by this id."))
    if below(served).endswith("/charging_preferences"):
        found.append((404, "The EVSE takes no charging preferences."))
    if _module(served) == "credentials" and method != "GET":
        found.append((405, "Registered already, or not registered."))
    return found


def _schemas() -> Json:
    used = {shape for told in DECLARED.values() for shape in _shapes(told)}
    models = sorted(used | {_Basics}, key=lambda model: model.__name__)
    found = schemas_of((model, "validation") for model in models)
    found |= found.pop("_Basics")["properties"] | {
        "Envelope": {
            "type": "object",
            "required": ["status_code", "status_message", "timestamp"],
            "properties": {
                "status_code": {"type": "integer", "minimum": 1000, "maximum": 4999},
                "status_message": {"type": "string"},
                "timestamp": {"type": "string", "format": "date-time"},
            },
        },
    }
    return {**found, **_patches(found)}


def _shapes(told: Declared) -> set[type[BaseModel]]:
    return {shape for shapes in (*told.body, told.data or {}) for shape in shapes.values()}


def _patches(schemas: dict[str, Any]) -> Json:
    """What a PATCH may say: any members, since 2.2 with the date of the change."""
    found: Json = {}
    for one in all_served():
        if "PATCH" in one.methods:
            (shapes,) = declared(one, "PATCH").body
            name = name_of(shapes[one.version].__name__)
            dated = [] if one.version == OLD else ["last_updated"]
            found[f"{name}{_PATCH}"] = {**schemas[name], "required": dated}
    return found
