"""How is an endpoint declared? Once: its route, shapes, scope and refusals, for code and docs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.domain.access.idempotency import IdempotencyKeyMissing, check_key
from chalicelib.domain.access.key import Caller, Scope, Unauthenticated
from chalicelib.domain.canonical import content_hash
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import DomainError, NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.handlers.partner_api.problem import Headers, docs_url, problem, request_id
from chalicelib.handlers.partner_api.reading import (
    MalformedJson,
    check_media_type,
    fit,
    read_json,
    read_query,
)
from chalicelib.handlers.partner_api.shapes import Answer, CsvFile, Nothing
from chalicelib.handlers.routing import Ids, answers
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.access.authenticate import authenticate
from chalicelib.usecases.access.once import once

BodyT = TypeVar("BodyT", covariant=True)  # noqa: PLC0105 - B and Q would say less
QueryT = TypeVar("QueryT", covariant=True)  # noqa: PLC0105
View = Callable[..., Any]
_PATH_ID_LENGTH_MAX = 100
_PATH_ID_SIGNS = set("_-.")


class Repeat(StrEnum):
    """What becomes of a request that is sent twice."""

    HARMLESS = "harmless"  # reading, or a change that is the same twice
    KEPT = "kept"  # Idempotency-Key is optional; the answer is kept under it for 24 hours
    BY_VIEW = "by_view"  # Idempotency-Key is optional; the use case makes the id from it
    KEY_NEEDED = "key_needed"  # Idempotency-Key is required; the use case makes the id from it


@dataclass(frozen=True, slots=True)
class Call(Generic[BodyT, QueryT]):
    """A request that was authenticated, read and found well-formed."""

    ports: Ports
    caller: Caller
    body: BodyT
    query: QueryT
    idempotency_key: str
    request_hash: str

    @property
    def partner_id(self) -> PartyId:
        return self.caller.partner_id


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A declaration. Shapes come from the view's own annotations, so they cannot differ."""

    method: str
    path: str
    name: str
    summary: str
    description: str
    scope: Scope
    body: type[Any]
    query: type[Any]
    answer: type[Any]
    status: int
    repeat: Repeat
    location: str
    refusals: tuple[type[DomainError], ...]

    @property
    def reads_body(self) -> bool:
        return self.body is not Nothing

    @property
    def media_type(self) -> str:
        return "text/csv; charset=utf-8" if self.answer is CsvFile else "application/json"


# By method and path, of the modules imported so far; `openapi.endpoints()` has all of them.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {}


def endpoint(
    method: str,
    path: str,
    *,
    scope: Scope,
    refusals: tuple[type[DomainError], ...] = (),
    status: int = 200,
    repeat: Repeat = Repeat.HARMLESS,
    location: str = "",
) -> Callable[[View], View]:
    """Declare a view `(call: Call[Body, Query], **path ids) -> Answer` as an endpoint of /v1.

    `location` is the path of what was made, with the answer's fields in braces.
    """

    def declare(view: View) -> View:
        hints = get_type_hints(view)
        body, query = get_args(hints["call"])
        declared = Endpoint(
            method,
            path,
            *_said(view),
            scope,
            body,
            query,
            hints["return"],
            status,
            repeat,
            location,
            refusals,
        )
        ENDPOINTS[method, path] = declared
        answers(path, method)(lambda request, ids: _serve(declared, view, request, ids))
        return view

    return declare


def _said(view: View) -> tuple[str, str, str]:
    """Name, summary and description, from the view itself."""
    summary, _, description = (view.__doc__ or "").partition("\n")
    return view.__name__, summary.strip().rstrip("."), " ".join(description.split())


def _serve(declared: Endpoint, view: View, request: Request, ids: Ids) -> Response:
    ports = wiring.ports()
    try:
        call = _read(declared, ports, request)
        _check_ids(ids)

        def do() -> tuple[int, str]:
            answer = view(call, **ids)
            return declared.status, _text(answer)

        if declared.repeat is Repeat.KEPT and call.idempotency_key:
            status, text, replayed = once(
                ports,
                call.partner_id,
                declared.name,
                call.idempotency_key,
                request_hash=call.request_hash,
                do=do,
            )
        else:
            (status, text), replayed = do(), False
    except DomainError as refusal:
        # Here and not in a middleware: Chalice makes a 500 of it before a middleware runs.
        return problem(refusal, docs_url=docs_url(ports), request_id=request_id(request))
    return Response(text, _headers(declared, text, replayed=replayed), status)


def _read(declared: Endpoint, ports: Ports, request: Request) -> Call[Any, Any]:
    """Who, may they, and what: in this order, so that a stranger learns nothing of the rest."""
    caller = authenticate(ports, _bearer(request.headers.get("authorization", "")))
    caller.require(declared.scope)
    key = request.headers.get("idempotency-key", "")
    if key:
        check_key(key)
    elif declared.repeat is Repeat.KEY_NEEDED:
        raise IdempotencyKeyMissing
    query = fit(declared.query, read_query(_parameters(request)))
    value = _body(declared, request)
    body = fit(declared.body, value)
    hashed = content_hash([declared.name, to_plain(value)])
    return Call(ports, caller, body, query, key, hashed)


def _parameters(request: Request) -> dict[str, list[str]]:
    sent = request.query_params
    return {} if sent is None else {name: sent.getlist(name) for name in sent}


def _bearer(header: str) -> str:
    kind, _, text = header.partition(" ")
    if kind.lower() != "bearer":
        raise Unauthenticated
    return text.strip()


def _body(declared: Endpoint, request: Request) -> Any:  # noqa: ANN401 - JSON
    raw = request.raw_body
    assert isinstance(raw, bytes), "Chalice encodes a text body"
    if not declared.reads_body:
        return read_json(raw) if raw.strip() else {}  # `{}` is what many clients send
    if not raw.strip():
        raise MalformedJson("there is none")
    check_media_type(request.headers.get("content-type", ""))
    return read_json(raw)


def _check_ids(ids: Ids) -> None:
    """An id goes into a key of the table: only signs that ours have may pass."""
    for name, id_ in ids.items():
        signs = (sign.isascii() and (sign.isalnum() or sign in _PATH_ID_SIGNS) for sign in id_)
        if len(id_) > _PATH_ID_LENGTH_MAX or not all(signs):
            raise NotFound(name.removesuffix("_id").replace("_", " "), id_, name)


def _text(answer: Answer | None) -> str:
    if answer is None:
        return ""
    if isinstance(answer, CsvFile):
        return answer.text
    return answer.model_dump_json(exclude_none=True, by_alias=True)


def _headers(declared: Endpoint, text: str, *, replayed: bool) -> Headers:
    headers: Headers = {"Cache-Control": "no-store"}
    if text:
        headers["Content-Type"] = declared.media_type
    if declared.location:
        headers["Location"] = declared.location.format(**json.loads(text))
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return headers
