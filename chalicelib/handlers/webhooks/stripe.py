"""How does Stripe reach us? POST /webhooks/stripe: proven, kept, and answered at once.

2xx ends Stripe's retries (three days), so it is said only when the event is in the table. Refusals
are RFC 9457 problems like the partner API's.
"""

from aws_lambda_powertools import Logger
from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.domain.errors import DomainError
from chalicelib.handlers.limits import MediaTypeUnsupported, check_size
from chalicelib.handlers.partner_api.problem import MethodNotAllowed, docs_url, problem
from chalicelib.handlers.routing import METHODS, Ids, answers
from chalicelib.usecases.payment.receive_event import receive_event

log = Logger(service="webhooks")
PATH = "/webhooks/stripe"
BODY_BYTES_MAX = 256_000  # an event is a few KB


@answers(PATH, *METHODS)
def receive(request: Request, _ids: Ids) -> Response:
    """Any method and media type arrives here, so that each refusal is ours and has a code."""
    try:
        return _received(request)
    except DomainError as refusal:
        # Here and not in a middleware: Chalice makes a 500 of it before a middleware runs.
        return _refused(refusal)


def _received(request: Request) -> Response:
    if request.method != "POST":
        raise MethodNotAllowed(f"{PATH} takes POST only")
    raw = request.raw_body
    body = raw if isinstance(raw, bytes) else raw.encode()
    check_size(body, BODY_BYTES_MAX)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise MediaTypeUnsupported(media_type)
    event = wiring.payment_events().read(body, request.headers.get("stripe-signature", ""))
    new = receive_event(wiring.ports(), "stripe", event, body)
    log.info("event", extra={"event": event.id, "type": event.type, "new": new})
    return Response({"received": event.id, "new": new}, status_code=200)


def _refused(refusal: DomainError) -> Response:
    ports = wiring.ports()
    response = problem(refusal, docs_url=docs_url(ports), request_id=ports.ids.new("req"))
    if isinstance(refusal, MethodNotAllowed):
        response.headers["Allow"] = "POST"
    log.warning("refused", extra={"code": refusal.code})
    return response
