"""How does a webhook get out? One signed POST an attempt; its answer decides what follows."""

from contextlib import suppress
from dataclasses import replace

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.errors import Rejected
from chalicelib.domain.event.delivery import (
    Delivery,
    DeliveryState,
    answered,
    closed,
    first,
    gone,
)
from chalicelib.domain.event.endpoint import EndpointState, WebhookEndpoint
from chalicelib.domain.event.event import Event, day_of, message
from chalicelib.domain.event.signature import headers
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.hub.push import push
from chalicelib.usecases.records import Record, create, due_row, find, write_rows_first

_TIMEOUT_S = 15  # Standard Webhooks asks for 15 to 30; a receiver answers first and works later
_FIRST_TIMEOUT_S = 5  # the first attempt is made while the session that tells waits for it


def deliver_first(
    ports: Ports, endpoint: WebhookEndpoint, event: Event, *, is_new: bool = False
) -> None:
    """Send an event at once, and record what came of it: a delivery that succeeds is one write.

    Nothing is recorded before: who tells repeats until the record is there. Of an event that
    nobody has told before there is no record yet.
    """
    key = keys.delivery(event.id, endpoint.id)
    if not is_new and ports.store.get(key) is not None:
        return  # an earlier telling got as far as this
    delivery = first(endpoint.partner_id, endpoint.id, event.id, ports.clock.now())
    after = _sent(ports, delivery, endpoint, event, _FIRST_TIMEOUT_S)
    with suppress(WriteConflict):
        write_rows_first(ports.store, *_rows(key, after), create(key, after))
    _disable(ports, after)


def run_delivery(ports: Ports, pk: str) -> None:
    """Make the attempt that is due for the delivery `pk`, if one is.

    Two runners may both send: the receiver knows a repeat by its webhook-id. Only one of them
    records what came of it.
    """
    record = find(ports.store, Key(pk), Delivery)
    if record is None or not record.value.effects:
        return
    if record.value.effects[0].due > ports.clock.now():
        return
    after = _attempt(ports, record.value)
    # Not pending: a retry is due later, and the sweeper's row is what brings it back.
    with suppress(WriteConflict):  # another runner was here, or a replay: theirs stands
        write_rows_first(ports.store, *_rows(record.key, after), record.put(after))
    _disable(ports, after)


def _attempt(ports: Ports, delivery: Delivery) -> Delivery:
    endpoint = _endpoint(ports, delivery)
    if endpoint is None:
        return closed(delivery, DeliveryState.CANCELLED, "endpoint_deleted")
    if endpoint.value.state is EndpointState.DISABLED:
        return closed(delivery, DeliveryState.CANCELLED, "endpoint_disabled")
    day = day_of(delivery.event_id).isoformat()
    event = find(ports.store, keys.event(delivery.partner_id, day, delivery.event_id), Event)
    if event is None:
        return closed(delivery, DeliveryState.CANCELLED, "event_expired")
    return _sent(ports, delivery, endpoint.value, event.value, _TIMEOUT_S)


def _sent(
    ports: Ports, delivery: Delivery, endpoint: WebhookEndpoint, event: Event, timeout_s: int
) -> Delivery:
    """The delivery after one signed POST, or what OCPI has in its place."""
    if endpoint.peer_id is not None:
        return answered(delivery, push(ports, endpoint.peer_id, event), ports.clock.now())
    body = canonical_bytes(message(event))
    try:
        known = ports.secrets.read(endpoint.secret_name).split()
    except KeyError:  # deleted a moment ago, its secret with it
        return closed(delivery, DeliveryState.CANCELLED, "endpoint_deleted")
    secrets = endpoint.signing(known, ports.clock.now())
    signed = headers(event.id, ports.clock.wall(), body, secrets)
    try:
        status = ports.web.post(
            endpoint.url, body, {"content-type": "application/json", **signed}, timeout_s
        )
    except Rejected as refused:  # the name leads into our own network
        return closed(delivery, DeliveryState.FAILED, refused.code)
    return answered(delivery, status, ports.clock.now())


def _rows(key: Key, after: Delivery) -> list[Write]:
    return [] if after.next_at is None else [due_row(after.next_at, key.pk)]


def _endpoint(ports: Ports, delivery: Delivery) -> Record[WebhookEndpoint] | None:
    key = keys.endpoint(delivery.partner_id, delivery.endpoint_id)
    return find(ports.store, key, WebhookEndpoint)


def _disable(ports: Ports, after: Delivery) -> None:
    """An endpoint that says that it is gone gets nothing more."""
    endpoint = _endpoint(ports, after) if gone(after) else None
    if endpoint is not None:
        disabled = replace(endpoint.value, state=EndpointState.DISABLED, reason="answered_410")
        with suppress(WriteConflict):  # it was changed meanwhile: the next 410 decides
            ports.store.write(endpoint.put(disabled))
