"""/health, /v1/openapi.json and /v1/docs: is it up, and what can it do? Open to everybody."""

import json
from collections.abc import Callable
from http import HTTPStatus

from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import NotYet
from chalicelib.handlers.partner_api.docs_page import page
from chalicelib.handlers.partner_api.endpoint import docs_url, partner_api, request_id
from chalicelib.handlers.partner_api.openapi import document
from chalicelib.handlers.partner_api.problem import (
    MEDIA_TYPE,
    Headers,
    InternalError,
    MethodNotAllowed,
    problem,
)
from chalicelib.ports.store import Key

_OURS = ("/v1/", "/health")
_KEPT_FOR: Headers = {"Cache-Control": "public, max-age=300"}
# The page has no scripts, and nothing from elsewhere.
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@partner_api.route("/health", content_types=[])
def health() -> Response:
    """Whether requests can be served: the table answers, and the clock tells the time."""
    ports = wiring.ports()
    try:
        ports.store.get(Key("health"))
        now = ports.clock.now()
    except NotYet as down:
        request = partner_api.current_request
        return problem(down, docs_url=docs_url(ports), request_id=request_id(request))
    body = json.dumps({"status": "ok", "now": instant_text(now)})
    return Response(body, {"Content-Type": "application/json", "Cache-Control": "no-store"})


@partner_api.route("/v1/openapi.json", content_types=[])
def openapi() -> Response:
    text = json.dumps(document(wiring.ports().public_url), ensure_ascii=False)
    return Response(text, {"Content-Type": "application/json", **_KEPT_FOR})


@partner_api.route("/v1/docs", content_types=[])
def docs() -> Response:
    headers: Headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _PAGE_POLICY,
        "X-Content-Type-Options": "nosniff",
        **_KEPT_FOR,
    }
    return Response(page(wiring.ports().public_url), headers)


@partner_api.middleware("http")
def in_our_form(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice answers a wrong method and a bug in a form of its own: give them ours."""
    response = get_response(request)
    ours = request.path.startswith(_OURS)
    headers = {name.lower(): value for name, value in response.headers.items()}
    if not ours or response.status_code < HTTPStatus.BAD_REQUEST:
        return response
    if headers.get("content-type") == MEDIA_TYPE:
        return response
    where = {"docs_url": docs_url(wiring.ports()), "request_id": request_id(request)}
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        refused = MethodNotAllowed(f"{request.method} is not a method of {request.path}")
        answer = problem(refused, **where)
        answer.headers["Allow"] = headers.get("allow", "")
        return answer
    return problem(InternalError("the request met a mistake of ours"), **where)
