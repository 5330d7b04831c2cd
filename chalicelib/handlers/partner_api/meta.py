"""/health, /v1/openapi.json and /v1/docs: is it up, and what can it do? Open to everybody."""

import json

from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import NotYet
from chalicelib.handlers.partner_api.docs_page import page
from chalicelib.handlers.partner_api.openapi import document
from chalicelib.handlers.partner_api.problem import Headers, docs_url, problem, request_id
from chalicelib.handlers.routing import Ids, answers
from chalicelib.ports.store import Key

_KEPT_FOR: Headers = {"Cache-Control": "public, max-age=300"}
# The page has no scripts, and nothing from elsewhere.
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@answers("/health", "GET")
def health(request: Request, _ids: Ids) -> Response:
    """Whether requests can be served: the table answers, and the clock tells the time."""
    ports = wiring.ports()
    try:
        ports.store.get(Key("health"))
        now = ports.clock.now()
    except NotYet as down:
        return problem(down, docs_url=docs_url(ports), request_id=request_id(request))
    body = json.dumps({"status": "ok", "now": instant_text(now)})
    return Response(body, {"Content-Type": "application/json", "Cache-Control": "no-store"})


@answers("/v1/openapi.json", "GET")
def openapi(_request: Request, _ids: Ids) -> Response:
    text = json.dumps(document(wiring.ports().public_url), ensure_ascii=False)
    return Response(text, {"Content-Type": "application/json", **_KEPT_FOR})


@answers("/v1/docs", "GET")
def docs(_request: Request, _ids: Ids) -> Response:
    headers: Headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _PAGE_POLICY,
        "X-Content-Type-Options": "nosniff",
        **_KEPT_FOR,
    }
    return Response(page(wiring.ports().public_url), headers)
