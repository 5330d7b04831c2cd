"""How does a partner make a webhook endpoint, and how is its signing secret replaced?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.event.endpoint import (
    ENDPOINTS_MAX,
    TooManyEndpoints,
    WebhookEndpoint,
    check_subscriptions,
    check_url,
)
from chalicelib.domain.event.signature import new_secret
from chalicelib.domain.ids import PartyId, external_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.records import create, find
from chalicelib.usecases.webhook_endpoint.read import every, record

_SECRETS_KEPT = 2  # the present one and the one before it, while receivers change over


@dataclass(frozen=True, slots=True)
class MadeEndpoint:
    """An endpoint and its signing secret, which is shown here and never again."""

    endpoint: WebhookEndpoint
    secret: str


def make(
    ports: Ports,
    partner_id: PartyId,
    url: str,
    events: Sequence[str],
    *,
    description: str = "",
    idempotency_key: str = "",
) -> MadeEndpoint:
    """Register a URL for some events; the same key and request gives the same endpoint.

    Answers are not kept for repeats here, because the answer holds a secret: the endpoint's id is
    made from the key instead.
    """
    check_url(url, https_only=ports.public_url.startswith("https:"))
    wanted = check_subscriptions(events)
    id_ = ports.ids.new("whe")
    if idempotency_key:
        id_ = external_id("whe", partner_id, idempotency_key)
        first = find(ports.store, keys.endpoint(partner_id, id_), WebhookEndpoint)
        if first is not None:
            return _same(ports, first.value, url, wanted, description)
    if len(every(ports, partner_id)) >= ENDPOINTS_MAX:
        raise TooManyEndpoints
    # A name of its own: of two requests at once the loser does not overwrite the winner's secret.
    name = f"webhook-endpoint/{ports.ids.new('whs')}"
    made = WebhookEndpoint(id_, partner_id, url, wanted, name, ports.clock.now(), description)
    secret = new_secret(ports.ids.secret())
    ports.secrets.write(name, secret)
    try:
        ports.store.write(create(keys.endpoint(partner_id, id_), made))
    except WriteConflict:
        ports.secrets.delete(name)
        winner = record(ports, partner_id, id_).value
        return _same(ports, winner, url, wanted, description)
    return MadeEndpoint(made, secret)


def rotate_secret(ports: Ports, partner_id: PartyId, endpoint_id: str) -> MadeEndpoint:
    """A new signing secret. For a day messages are signed with the old one as well."""
    found = record(ports, partner_id, endpoint_id)
    secret = new_secret(ports.ids.secret())
    known = [secret, *ports.secrets.read(found.value.secret_name).split()][:_SECRETS_KEPT]
    ports.secrets.write(found.value.secret_name, " ".join(known))
    rotated = replace(found.value, rotated_at=ports.clock.now())
    ports.store.write(found.put(rotated))
    return MadeEndpoint(rotated, secret)


def _same(
    ports: Ports, first: WebhookEndpoint, url: str, events: tuple[str, ...], description: str
) -> MadeEndpoint:
    if (first.url, first.events, first.description) != (url, events, description):
        raise IdempotencyKeyReused
    return MadeEndpoint(first, ports.secrets.read(first.secret_name).split()[0])
