"""/v1/events: what was a partner told, how did it arrive, and how is it sent again?"""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.event.delivery import Delivery, DeliveryState
from chalicelib.domain.event.event import message
from chalicelib.handlers.partner_api import cursor as cursors
from chalicelib.handlers.partner_api.endpoint import Call, endpoint
from chalicelib.handlers.partner_api.shapes import (
    Answer,
    Instant,
    Maybe,
    Nothing,
    Page,
    PageQuery,
)
from chalicelib.usecases.event.list import beginning, deliveries, page, read
from chalicelib.usecases.event.replay import NobodyListens, replay

_SINCE_DEFAULT = timedelta(days=7)
_SINCE_MAX = timedelta(days=366)


class EventShape(Answer):
    """What happened. The same in the feed and in a webhook's body."""

    id: Annotated[str, Field(description="Also the `webhook-id`: know a repeat by it.")]
    type: str
    timestamp: Instant
    object_id: str
    sequence: Annotated[
        int, Field(description="Counts the object's events from 1; a gap means one is to come.")
    ]
    data: dict[str, Any]


class DeliveryShape(Answer):
    """How the event fares on its way to one endpoint."""

    endpoint_id: str
    state: DeliveryState
    attempts: int
    last_status: Annotated[
        Maybe[int], Field(description="HTTP status of the last attempt; 0: no answer.")
    ] = None
    last_attempt_at: Maybe[Instant] = None
    next_attempt_at: Maybe[Instant] = None
    reason: Maybe[str] = None


class EventDetailShape(EventShape):
    """An event, and what became of it at each present endpoint."""

    deliveries: list[DeliveryShape]


class EventPage(Page[EventShape]):
    """Events in the order in which things happened. `next_cursor` is there on every page."""


class DeliveryList(Answer):
    data: list[DeliveryShape]


class EventQuery(PageQuery):
    since: Annotated[
        Instant | None,
        Field(description="Without a cursor: begin here. Default: seven days ago."),
    ] = None


@endpoint(
    "GET",
    "/v1/events",
    scope=Scope.EVENTS_READ,
    refusals=(cursors.CursorInvalid, Invalid),
)
def list_events(call: Call[Nothing, EventQuery]) -> EventPage:
    """List events, oldest first.

    The last page has a `next_cursor` too: keep it and ask again later. An event may take its place
    a little late after a failure on our side, so a reader that needs every event looks back some
    minutes with `since`, and knows repeats by `id`.
    """
    asked, now = call.query, call.ports.clock.now()
    since = asked.since or now - _SINCE_DEFAULT
    if since < now - _SINCE_MAX:
        raise Invalid("since", "is more than a year ago", "Begin later.")
    after = beginning(since)
    if asked.cursor:
        (after,) = cursors.decode("events", asked.cursor, "after")
    found = page(call.ports, call.partner_id, after, asked.limit)
    return EventPage(
        data=[EventShape(**message(event)) for event in found.events],
        has_more=found.more,
        next_cursor=cursors.encode("events", after=found.after),
    )


@endpoint("GET", "/v1/events/{event_id}", scope=Scope.EVENTS_READ, refusals=(NotFound,))
def read_an_event(call: Call[Nothing, Nothing], event_id: str) -> EventDetailShape:
    """Read an event, with how it fares on its way to each endpoint."""
    event = read(call.ports, call.partner_id, event_id)
    sent = deliveries(call.ports, call.partner_id, event_id)
    return EventDetailShape(**message(event), deliveries=[_shape(each) for each in sent])


@endpoint(
    "POST",
    "/v1/events/{event_id}/replay",
    scope=Scope.EVENTS_WRITE,
    status=202,
    refusals=(NotFound, NobodyListens),
)
def replay_an_event(call: Call[Nothing, Nothing], event_id: str) -> DeliveryList:
    """Send an event again, to every endpoint that subscribes to it now.

    The message has the same `webhook-id` as before.
    """
    sent = replay(call.ports, call.partner_id, event_id)
    return DeliveryList(data=[_shape(each) for each in sent])


def _shape(delivery: Delivery) -> DeliveryShape:
    return DeliveryShape(
        endpoint_id=delivery.endpoint_id,
        state=delivery.state,
        attempts=delivery.attempts,
        last_status=delivery.last_status,
        last_attempt_at=delivery.last_at,
        next_attempt_at=delivery.next_at,
        reason=delivery.reason or None,
    )
