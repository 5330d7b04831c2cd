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
    gone,
)
from chalicelib.domain.event.endpoint import EndpointState, WebhookEndpoint
from chalicelib.domain.event.event import Event, day_of, message
from chalicelib.domain.event.signature import headers
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.event.tell import due_row
from chalicelib.usecases.records import Record, find

_TIMEOUT_S = 15  # Standard Webhooks asks for 15 to 30; a receiver answers first and works later


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
    endpoint = find(
        ports.store,
        keys.endpoint(record.value.partner_id, record.value.endpoint_id),
        WebhookEndpoint,
    )
    after = _attempt(ports, record.value, endpoint)
    with suppress(WriteConflict):  # another runner was here, or a replay: theirs stands
        ports.store.write(*_writes(record, after))
    if gone(after) and endpoint is not None:
        disabled = replace(endpoint.value, state=EndpointState.DISABLED, reason="answered_410")
        with suppress(WriteConflict):  # it was changed meanwhile: the next 410 decides
            ports.store.write(endpoint.put(disabled))


def _attempt(
    ports: Ports, delivery: Delivery, endpoint: Record[WebhookEndpoint] | None
) -> Delivery:
    if endpoint is None:
        return closed(delivery, DeliveryState.CANCELLED, "endpoint_deleted")
    if endpoint.value.state is EndpointState.DISABLED:
        return closed(delivery, DeliveryState.CANCELLED, "endpoint_disabled")
    day = day_of(delivery.event_id).isoformat()
    event = find(ports.store, keys.event(delivery.partner_id, day, delivery.event_id), Event)
    if event is None:
        return closed(delivery, DeliveryState.CANCELLED, "event_expired")
    body = canonical_bytes(message(event.value))
    try:
        known = ports.secrets.read(endpoint.value.secret_name).split()
    except KeyError:  # deleted a moment ago, its secret with it
        return closed(delivery, DeliveryState.CANCELLED, "endpoint_deleted")
    secrets = endpoint.value.signing(known, ports.clock.now())
    signed = headers(event.value.id, ports.clock.wall(), body, secrets)
    try:
        status = ports.web.post(
            endpoint.value.url, body, {"content-type": "application/json", **signed}, _TIMEOUT_S
        )
    except Rejected as refused:  # the name leads into our own network
        return closed(delivery, DeliveryState.FAILED, refused.code)
    return answered(delivery, status, ports.clock.now())


def _writes(record: Record[Delivery], after: Delivery) -> list[Write]:
    # Not pending: a retry is due later, and the sweeper's row is what brings it back.
    writes: list[Write] = [record.put(after)]
    if after.next_at is not None:
        writes.append(due_row(after.next_at, record.key))
    return writes
