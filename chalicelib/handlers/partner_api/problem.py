"""How is a request refused? RFC 9457 problem details: status, code, field and how to fix it."""

import json
from http import HTTPStatus
from typing import Any

from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.domain.errors import Conflict, DomainError, Forbidden, NotFound, NotYet, Rejected
from chalicelib.handlers.limits import sentence
from chalicelib.handlers.partner_api.reading import RequestInvalid
from chalicelib.ports.bundle import Ports

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
Headers = dict[str, str | list[str]]  # as Chalice types them

# Refusals whose status their family does not give.
_STATUSES = {
    "malformed_json": 400,
    "idempotency_key_missing": 400,
    "unauthenticated": 401,
    "method_not_allowed": 405,
    "evidence_not_sealed": 409,
    "body_too_large": 413,
    "unsupported_media_type": 415,
    "internal_error": 500,
}
_FAMILIES: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Rejected, 422),
    (Conflict, 409),
    (NotYet, 503),
)
_HOW_TO_FIX = {
    403: "Use a key or an object that this partner may use.",
    404: "Use an id that this API gave you; ids of other partners are unknown to you.",
    409: "Read the object again, then decide again.",
    422: "Change the request: the same one is always refused.",
    503: "Send the same request again after `Retry-After` seconds; nothing was done by halves.",
}


class MethodNotAllowed(Rejected):
    code = "method_not_allowed"
    how_to_fix = "Use one of the methods in the `Allow` header."


class InternalError(NotYet):
    code = "internal_error"
    how_to_fix = "This is our mistake. Send it again once; if it stays, tell us the request id."


def status_of(error: DomainError | type[DomainError]) -> int:
    """The HTTP status of a refusal, or of a kind of refusals."""
    kind = error if isinstance(error, type) else type(error)
    by_family = next(status for family, status in _FAMILIES if issubclass(kind, family))
    return _STATUSES.get(kind.code, by_family)


def how_to_fix(error: DomainError | type[DomainError]) -> str:
    """What the refusal says, or what its family always says."""
    said: object = error.how_to_fix  # of a class whose instances make it: not text
    text = said if isinstance(said, str) and said else _HOW_TO_FIX.get(status_of(error), "")
    return sentence(text)


def title_of(code: str) -> str:
    return code.replace("_", " ").capitalize()


def problem(error: DomainError, *, docs_url: str, request_id: str) -> Response:
    """The refusal as a response."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": f"{docs_url}#{error.code}",
        "title": title_of(error.code),
        "status": status,
        "code": error.code,
        "detail": str(error),
        "how_to_fix": how_to_fix(error),
        "request_id": request_id,
    }
    if error.field:
        body["field"] = error.field
    if isinstance(error, RequestInvalid):
        body["errors"] = [
            {"field": part.field, "code": part.code, "detail": part.detail} for part in error.errors
        ]
    return Response(json.dumps(body, ensure_ascii=False), _headers(error, status), status)


def chalices_own(request: Request, response: Response) -> Response:
    """A refusal of /v1 in our form, also where Chalice has met a wrong method or a bug."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    if headers.get("content-type") == MEDIA_TYPE:
        return response
    where = {"docs_url": docs_url(wiring.ports()), "request_id": request_id(request)}
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        refused = MethodNotAllowed(f"{request.method} is not a method of {request.path}")
        answer = problem(refused, **where)
        answer.headers["Allow"] = headers.get("allow", "")
        return answer
    return problem(InternalError("the request met a mistake of ours"), **where)


def docs_url(ports: Ports) -> str:
    return f"{ports.public_url}/v1/docs"


def request_id(request: Request) -> str:
    """API Gateway's id of the request; without a gateway that of the Lambda call."""
    given = request.context.get("requestId", "")
    return str(given or getattr(request.lambda_context, "aws_request_id", ""))


def _headers(error: DomainError, status: int) -> Headers:
    headers: Headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
    if status == 401:  # noqa: PLR2004 - RFC 9110 15.5.2 asks for a challenge
        headers["WWW-Authenticate"] = 'Bearer realm="plugrail"'
    if isinstance(error, NotYet) or error.code == "request_in_flight":
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return headers
