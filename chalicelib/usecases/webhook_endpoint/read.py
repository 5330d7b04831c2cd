"""Which webhook endpoints does a partner have, and how is one removed?"""

from chalicelib.domain.errors import NotFound
from chalicelib.domain.event.endpoint import WebhookEndpoint
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete
from chalicelib.usecases import keys
from chalicelib.usecases.event.tell import endpoints
from chalicelib.usecases.records import Record, find


def record(ports: Ports, partner_id: PartyId, endpoint_id: str) -> Record[WebhookEndpoint]:
    found = find(ports.store, keys.endpoint(partner_id, endpoint_id), WebhookEndpoint)
    if found is None or found.value.peer_id is not None:
        raise NotFound("webhook endpoint", endpoint_id, "endpoint_id")
    return found


def read(ports: Ports, partner_id: PartyId, endpoint_id: str) -> WebhookEndpoint:
    """The partner's own endpoint, or NotFound."""
    return record(ports, partner_id, endpoint_id).value


def every(ports: Ports, partner_id: PartyId) -> list[WebhookEndpoint]:
    """All of a partner's endpoints: few, so there are no pages. An OCPI connection is none."""
    return [one for one in endpoints(ports, partner_id) if one.peer_id is None]


def delete(ports: Ports, partner_id: PartyId, endpoint_id: str) -> None:
    """Remove an endpoint and its secret; what is still on its way to it is cancelled."""
    found = record(ports, partner_id, endpoint_id)
    ports.store.write(Delete(found.key, expects=found.version))
    ports.secrets.delete(found.value.secret_name)
