"""Does an endpoint work? A test message, told and delivered like any event but to it alone."""

from chalicelib.domain.errors import Rejected
from chalicelib.domain.event.endpoint import EndpointState
from chalicelib.domain.event.event import Event, event_id
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.event.tell import recorded, send_once
from chalicelib.usecases.webhook_endpoint.read import read

PING = "test.ping"


class EndpointDisabled(Rejected):
    code = "webhook_endpoint_disabled"
    how_to_fix = "Delete the endpoint and make it anew."

    def __init__(self, endpoint_id: str, reason: str) -> None:
        super().__init__(f"{endpoint_id} is disabled: {reason}")
        self.endpoint_id, self.reason = endpoint_id, reason


def ping(ports: Ports, partner_id: PartyId, endpoint_id: str) -> Event:
    """Send a test message, whatever the endpoint subscribes to. Raises NotFound."""
    endpoint = read(ports, partner_id, endpoint_id)
    if endpoint.state is EndpointState.DISABLED:
        raise EndpointDisabled(endpoint_id, endpoint.reason)
    now = ports.clock.now()
    id_ = event_id(partner_id, ports.ids.new("ping"), now)
    event, _ = recorded(ports, Event(id_, partner_id, PING, endpoint_id, 1, now, {}))
    send_once(ports, endpoint, event.id)
    return event
