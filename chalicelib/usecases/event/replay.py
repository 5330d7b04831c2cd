"""How is an event sent once more? Every endpoint that wants it gets a new round of attempts."""

from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Rejected
from chalicelib.domain.event import delivery as deliveries
from chalicelib.domain.event.delivery import Delivery
from chalicelib.domain.event.endpoint import WebhookEndpoint
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Key, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.event.list import read
from chalicelib.usecases.event.tell import endpoints
from chalicelib.usecases.records import due_row, find, write_rows_first

_TRIES = 5


class NobodyListens(Rejected):
    code = "no_webhook_endpoint"
    how_to_fix = "Make a webhook endpoint that subscribes to this event's type, then replay."

    def __init__(self, type_: str) -> None:
        super().__init__(f"no enabled webhook endpoint subscribes to {type_}")
        self.type = type_


def replay(ports: Ports, partner_id: PartyId, event_id: str) -> list[Delivery]:
    """Send the event again to each endpoint that wants it, also to one made since."""
    event = read(ports, partner_id, event_id)
    wanting = [e for e in endpoints(ports, partner_id) if e.wants(event.type)]
    if not wanting:
        raise NobodyListens(event.type)
    return [_replay(ports, endpoint, event_id) for endpoint in wanting]


def _replay(ports: Ports, endpoint: WebhookEndpoint, event_id: str) -> Delivery:
    key = keys.delivery(event_id, endpoint.id)
    for attempt in range(1, _TRIES + 1):
        try:
            return _put(ports, endpoint, key, event_id)
        except WriteConflict:  # an attempt was being recorded
            if attempt == _TRIES:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _put(ports: Ports, endpoint: WebhookEndpoint, key: Key, event_id: str) -> Delivery:
    now = ports.clock.now()
    record = find(ports.store, key, Delivery)
    if record is None:
        after, expects = deliveries.first(endpoint.partner_id, endpoint.id, event_id, now), ABSENT
    else:
        after, expects = deliveries.again(record.value, now), record.version
    put = Put(key, to_plain(after), expects=expects, pending=len(after.effects))
    write_rows_first(ports.store, due_row(now, key.pk), put)
    return after
