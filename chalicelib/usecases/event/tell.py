"""How is a partner told of what happened? A row in its feed, and a message to each endpoint."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.event import delivery as deliveries
from chalicelib.domain.event.endpoint import WebhookEndpoint
from chalicelib.domain.event.event import Event, day_of
from chalicelib.domain.event.event import event_id as public_id
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.event.deliver import deliver_first
from chalicelib.usecases.records import create, due_row

_ENDPOINT = "endpoint#"


def tell(
    ports: Ports,
    partner_id: PartyId,
    event_id: str,
    type_: str,
    sequence: int,
    at: datetime,
    object_id: str,
    data: Mapping[str, Any],
) -> Event:
    """Put an event into the partner's feed and send it to each endpoint that wants it, once.

    `event_id` names the cause and is unique for the partner; the public id (`Event.id`) is made
    from it and `at`. The caller repeats until this returns: every put is its own duplicate check,
    which costs half of what a transaction would. Of two tellings the first one stands.
    """
    id_ = public_id(partner_id, event_id, at)
    told = Event(id_, partner_id, type_, object_id, sequence, at, data)
    event, is_new = recorded(ports, told)
    for endpoint in endpoints(ports, partner_id):
        if endpoint.wants(type_):
            deliver_first(ports, endpoint, event, is_new=is_new)
    return event


def recorded(ports: Ports, event: Event) -> tuple[Event, bool]:
    """The event in its partner's feed, and True; or the one that stands there under its id."""
    key = keys.event(event.partner_id, day_of(event.id).isoformat(), event.id)
    try:
        ports.store.write(create(key, event))
    except WriteConflict:
        stored = ports.store.get(key)
        assert stored is not None, "an event is never deleted while it is being told"
        return from_plain(Event, stored.body), False
    return event, True


def endpoints(ports: Ports, partner_id: PartyId) -> list[WebhookEndpoint]:
    """A partner's endpoints in the order of their ids."""
    pk = keys.endpoint(partner_id, "").pk
    items = ports.store.query(pk, prefix=_ENDPOINT)
    return [from_plain(WebhookEndpoint, item.body) for item in items]


def send_once(ports: Ports, endpoint: WebhookEndpoint, id_: str) -> None:
    """Put a delivery of an event to an endpoint on its way, unless it is or was already.

    For those who may not call outside themselves: the table's stream makes the first attempt.
    """
    now = ports.clock.now()
    key = keys.delivery(id_, endpoint.id)
    delivery = deliveries.first(endpoint.partner_id, endpoint.id, id_, now)
    # The sweeper's row comes first: alone it is harmless, a delivery without it might be lost.
    ports.store.write(due_row(now, key.pk))
    try:
        ports.store.write(Put(key, to_plain(delivery), pending=len(delivery.effects)))
    except WriteConflict:
        return  # an earlier telling got as far as this
