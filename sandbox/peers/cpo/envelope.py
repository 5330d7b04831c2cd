"""How does OCPI wrap what it carries: the envelope, the token header, ids, exact numbers?"""

import base64
import binascii
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

SUCCESS = 1000
CLIENT_ERROR = 2000
INVALID_PARAMETERS = 2001
UNKNOWN_LOCATION = 2003
UNABLE_TO_USE_API = 3001
UNSUPPORTED_VERSION = 3002
MISSING_ENDPOINTS = 3003

IDS = ("X-Request-ID", "X-Correlation-ID")


class Refusal(Exception):
    """Answered as it stands: HTTP status, OCPI status, message."""

    def __init__(self, http: int, status: int, message: str) -> None:
        super().__init__(message)
        self.http, self.status, self.message = http, status, message


def dumps(body: object) -> bytes:
    """Compact JSON. A Decimal becomes the number that it spells (up to 15 digits)."""
    return json.dumps(body, default=_number, separators=(",", ":")).encode()


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value)} is not JSON")
    return int(value) if value == value.to_integral_value() else float(value)


def loads(content: bytes) -> Any:  # noqa: ANN401 - JSON
    """JSON with exact numbers; Refusal 400 when it is none."""
    try:
        return json.loads(content, parse_float=Decimal)
    except ValueError as error:
        raise Refusal(400, CLIENT_ERROR, f"not JSON: {error}") from error


def member(body: object, name: str) -> Any:  # noqa: ANN401 - JSON
    """A required member of an object; Refusal 2001 names it."""
    if not isinstance(body, Mapping) or body.get(name) in (None, ""):
        raise Refusal(200, INVALID_PARAMETERS, f"missing required field: {name}")
    return body[name]


def reply(
    request: Request,
    now: str,
    data: object = None,
    *,
    http: int = 200,
    status: int = SUCCESS,
    message: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response format, with the request's ids given back."""
    body: dict[str, Any] = {"status_code": status, "timestamp": now}
    if data is not None:
        body["data"] = data
    if message:
        body["status_message"] = message
    ids = {name: request.headers[name] for name in IDS if name in request.headers}
    return Response(dumps(body), http, {**ids, **(headers or {})}, "application/json")


def token_header(token: str, *, raw: bool = False) -> str:
    return f"Token {token if raw else base64.b64encode(token.encode()).decode()}"


def shown_token(header: str) -> tuple[str, str]:
    """(the token as decoded, the token as it stood): peers send either."""
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "token":
        return "", ""
    try:
        return base64.b64decode(text, validate=True).decode(), text
    except (binascii.Error, UnicodeDecodeError):
        return "", text


def new_ids() -> dict[str, str]:
    return {name: str(uuid4()) for name in IDS}
