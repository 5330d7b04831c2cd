"""How is the API served fast on this machine? Chalice's own LocalGateway as a WSGI application.

Requests that API Gateway itself would refuse get the answers that infra/api.json gives it, so that
a caller meets the same words here and on AWS.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway, LocalGatewayException, RouteMatcher

from app import app
from sandbox.aws.package import ROOT

_BODY_BYTES_MAX = 10_000_000  # API Gateway's own limit
_TIMEOUT_S = 29
_PROBLEM = "application/problem+json"
_GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"

Environ = Mapping[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class ThreadSafeApp(LocalChalice, Chalice):
    """Keeps the current request per thread; Chalice's own object has one for all of them."""


app.__class__ = ThreadSafeApp
_gateway = LocalGateway(
    app,
    Config(
        chalice_stage="live",
        config_from_disk={"app_name": app.app_name, "lambda_timeout": _TIMEOUT_S},
    ),
)
_routes = RouteMatcher(list(app.routes))
_infra = json.loads((ROOT / "infra" / "api.json").read_text())
_refusals: Mapping[str, Any] = _infra["Resources"]["RestAPI"]["Properties"]["DefinitionBody"][
    _GATEWAY_RESPONSES
]


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """WSGI's entry point."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > _BODY_BYTES_MAX:
        return _refused("REQUEST_TOO_LARGE", "Request Too Long", start_response)
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    # PATH_INFO is decoded; API Gateway hands the path on as it was sent.
    path = environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0]
    if method not in _methods(path):
        return _refused("MISSING_AUTHENTICATION_TOKEN", f"{method} {path}", start_response)
    try:
        answer = _gateway.handle_request(
            method=method,
            path=f"{path}?{query}" if query else path,
            headers=_headers(environ),
            body=environ["wsgi.input"].read(length) if length else b"",
        )
    except LocalGatewayException as refusal:
        body = refusal.body or b""
        return _answered(refusal.CODE, [("Content-Type", _PROBLEM)], body, start_response)
    headers = [(name, str(value)) for name, value in answer["headers"].items()]
    for name, values in answer.get("multiValueHeaders", {}).items():
        headers += [(name, str(value)) for value in values]
    body = answer["body"] or b""
    content = body if isinstance(body, bytes) else body.encode()
    return _answered(answer["statusCode"], headers, content, start_response)


def _methods(path: str) -> Iterable[str]:
    try:
        match = _routes.match_route(path)
    except ValueError:
        return ()
    return (*app.routes[match.route], "OPTIONS")


def _headers(environ: Environ) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def _refused(kind: str, message: str, start_response: StartResponse) -> Iterable[bytes]:
    """As API Gateway: the template of infra/api.json with its message filled in."""
    said = _refusals[kind]
    template = said["responseTemplates"][_PROBLEM]
    body = template.replace("$context.error.message", json.dumps(message)[1:-1]).encode()
    headers = [("Content-Type", _PROBLEM)]
    return _answered(int(said["statusCode"]), headers, body, start_response)


def _answered(
    status: int, headers: list[tuple[str, str]], content: bytes, start_response: StartResponse
) -> Iterable[bytes]:
    phrase = HTTPStatus(status).phrase
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    start_response(f"{status} {phrase}", [*kept, ("Content-Length", str(len(content)))])
    return [content]
