"""/v1/webhook-endpoints: where is a partner told, of what, and signed with which secret?"""

from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.event.endpoint import (
    URL_LENGTH_MAX,
    EndpointState,
    TooManyEndpoints,
    WebhookEndpoint,
)
from chalicelib.domain.event.event import message
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.events import EventShape
from chalicelib.handlers.partner_api.shapes import Answer, Body, Instant, Line, Maybe, Nothing
from chalicelib.usecases.webhook_endpoint.make import MadeEndpoint, make, rotate_secret
from chalicelib.usecases.webhook_endpoint.ping import EndpointDisabled, ping
from chalicelib.usecases.webhook_endpoint.read import delete, every, read


class EndpointRequest(Body):
    """Where to, and of what."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://partner.example/plugrail", "events": ["session.*"]}]
        }
    )

    url: Annotated[str, Field(min_length=1, max_length=URL_LENGTH_MAX)]
    events: Annotated[
        list[Line],
        Field(
            min_length=1,
            max_length=50,
            description="Event types, all of a noun (`session.*`), or everything (`*`).",
        ),
    ] = ["*"]  # noqa: RUF012 - pydantic copies defaults
    description: Line | None = None


class EndpointShape(Answer):
    """An endpoint. `disabled`: it answered 410 Gone; delete it and make it anew."""

    id: str
    url: str
    events: list[str]
    description: Maybe[str] = None
    state: EndpointState
    reason: Maybe[str] = None
    made_at: Instant


class EndpointSecretShape(EndpointShape):
    """An endpoint with its signing secret, which is shown in this answer only."""

    secret: Annotated[
        str, Field(description="`whsec_…`: feed it to any Standard Webhooks library.")
    ]


class EndpointList(Answer):
    """All of them: there are at most five."""

    data: list[EndpointShape]


@endpoint(
    "POST",
    "/v1/webhook-endpoints",
    scope=Scope.WEBHOOKS_WRITE,
    status=201,
    repeat=Repeat.BY_VIEW,
    location="/v1/webhook-endpoints/{id}",
    refusals=(Invalid, TooManyEndpoints, IdempotencyKeyReused),
)
def make_a_webhook_endpoint(call: Call[EndpointRequest, Nothing]) -> EndpointSecretShape:
    """Register a URL for events.

    Messages are signed as Standard Webhooks prescribes and repeated for three days until the
    endpoint answers 2xx within 15 seconds. Keep the secret: it is not shown again.
    """
    made = make(
        call.ports,
        call.partner_id,
        call.body.url,
        call.body.events,
        description=call.body.description or "",
        idempotency_key=call.idempotency_key,
    )
    return _with_secret(made)


@endpoint("GET", "/v1/webhook-endpoints", scope=Scope.WEBHOOKS_READ)
def list_webhook_endpoints(call: Call[Nothing, Nothing]) -> EndpointList:
    """List all webhook endpoints."""
    return EndpointList(data=[_shape(each) for each in every(call.ports, call.partner_id)])


@endpoint(
    "GET",
    "/v1/webhook-endpoints/{endpoint_id}",
    scope=Scope.WEBHOOKS_READ,
    refusals=(NotFound,),
)
def read_a_webhook_endpoint(call: Call[Nothing, Nothing], endpoint_id: str) -> EndpointShape:
    """Read a webhook endpoint, without its secret."""
    return _shape(read(call.ports, call.partner_id, endpoint_id))


@endpoint(
    "DELETE",
    "/v1/webhook-endpoints/{endpoint_id}",
    scope=Scope.WEBHOOKS_WRITE,
    status=204,
    refusals=(NotFound,),
)
def delete_a_webhook_endpoint(call: Call[Nothing, Nothing], endpoint_id: str) -> None:
    """Delete a webhook endpoint and its secret. What is on its way to it is cancelled."""
    delete(call.ports, call.partner_id, endpoint_id)


@endpoint(
    "POST",
    "/v1/webhook-endpoints/{endpoint_id}/rotate-secret",
    scope=Scope.WEBHOOKS_WRITE,
    refusals=(NotFound,),
)
def rotate_a_secret(call: Call[Nothing, Nothing], endpoint_id: str) -> EndpointSecretShape:
    """Replace an endpoint's signing secret.

    For 24 hours each message carries two signatures, so that receivers can change over without
    losing one.
    """
    return _with_secret(rotate_secret(call.ports, call.partner_id, endpoint_id))


@endpoint(
    "POST",
    "/v1/webhook-endpoints/{endpoint_id}/ping",
    scope=Scope.WEBHOOKS_WRITE,
    status=202,
    refusals=(NotFound, EndpointDisabled),
)
def ping_a_webhook_endpoint(call: Call[Nothing, Nothing], endpoint_id: str) -> EventShape:
    """Send a test message.

    A `test.ping` event goes to this endpoint, whatever it subscribes to; read the event to see how
    it was answered.
    """
    return EventShape(**message(ping(call.ports, call.partner_id, endpoint_id)))


def _shape(made: WebhookEndpoint) -> EndpointShape:
    return EndpointShape(
        id=made.id,
        url=made.url,
        events=list(made.events),
        description=made.description or None,
        state=made.state,
        reason=made.reason or None,
        made_at=made.made_at,
    )


def _with_secret(made: MadeEndpoint) -> EndpointSecretShape:
    return EndpointSecretShape(**_shape(made.endpoint).model_dump(), secret=made.secret)
