"""How does Stripe reach us? POST /webhooks/stripe: proven, kept, and answered at once.

2xx ends Stripe's retries (three days), so it is said only when the event is in the table. Refusals
are RFC 9457 problems like the partner API's.
"""

from aws_lambda_powertools import Logger
from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.errors import DomainError
from chalicelib.handlers.limits import MediaTypeUnsupported, check_size
from chalicelib.handlers.partner_api.problem import MethodNotAllowed, problem
from chalicelib.usecases.payment.receive_event import receive_event

stripe_webhooks = Blueprint(__name__)
log = Logger(service="webhooks")
PATH = "/webhooks/stripe"
BODY_BYTES_MAX = 256_000  # an event is a few KB


@stripe_webhooks.route(PATH, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], content_types=[])
def receive() -> Response:
    """Any method and media type arrives here, so that each refusal is ours and has a code."""
    request = stripe_webhooks.current_request
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
    docs = f"{ports.public_url}/v1/docs"
    response = problem(refusal, docs_url=docs, request_id=ports.ids.new("req"))
    if isinstance(refusal, MethodNotAllowed):
        response.headers["Allow"] = "POST"
    log.warning("refused", extra={"code": refusal.code})
    return response
