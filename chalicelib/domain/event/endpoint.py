"""Where does a partner want to be told, and of what? Webhook endpoints and their subscriptions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from chalicelib.domain.errors import Invalid, Rejected
from chalicelib.domain.ids import PartyId, PeerId

ENDPOINTS_MAX = 5  # each costs a delivery an event
URL_LENGTH_MAX = 2000
OLD_SECRET_LIFE = timedelta(hours=24)
_SUBSCRIPTION = re.compile(r"\*|[a-z_]{1,40}\.(\*|[a-z_]{1,40})")


class EndpointState(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"  # it answered 410 Gone: nothing is sent until it is made anew


class TooManyEndpoints(Rejected):
    code = "too_many_webhook_endpoints"
    how_to_fix = "Delete an endpoint that is not needed, or fan out behind one of yours."

    def __init__(self) -> None:
        super().__init__(f"a partner has at most {ENDPOINTS_MAX} webhook endpoints")


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """`secret_name` is where its signing secret lies; `events` are exact types, `noun.*` or `*`."""

    id: str
    partner_id: PartyId
    url: str
    events: tuple[str, ...]
    secret_name: str
    made_at: datetime
    description: str = ""
    state: EndpointState = EndpointState.ENABLED
    reason: str = ""
    rotated_at: datetime | None = None  # when the secret before the present one was replaced
    # Of a partner whose eMSP speaks OCPI: the connection that is told, in place of a signed POST.
    peer_id: PeerId | None = None

    def wants(self, type_: str) -> bool:
        noun = type_.partition(".")[0]
        asked = not {"*", type_, f"{noun}.*"}.isdisjoint(self.events)
        return asked and self.state is EndpointState.ENABLED

    def signing(self, secrets: Sequence[str], now: datetime) -> Sequence[str]:
        """Of the kept secrets (newest first) those to sign with: the old one too for a day."""
        both = self.rotated_at is not None and now - self.rotated_at < OLD_SECRET_LIFE
        return secrets if both else secrets[:1]


def check_url(url: str, *, https_only: bool) -> None:
    """Refuse what can never be delivered to, so that the mistake shows when it is made.

    Whether the name leads to a private address is checked at every delivery, when it is resolved.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as malformed:
        raise Invalid("url", "is not a URL") from malformed
    if parts.scheme not in ({"https"} if https_only else {"https", "http"}):
        raise Invalid("url", "must begin with https://", "Serve the endpoint over TLS.")
    if not host or len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable():
        raise Invalid("url", f"must name a host, in at most {URL_LENGTH_MAX} ASCII characters")
    if parts.username or parts.password or parts.fragment:
        raise Invalid("url", "must have no user, password or fragment")
    if https_only and not _public(host):
        raise Invalid("url", f"{host} is not on the public internet", "Use a public host name.")


def _public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:  # a name
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


def check_subscriptions(events: Sequence[str]) -> tuple[str, ...]:
    """The subscriptions without repeats, or Invalid naming the one that has no reading."""
    for index, text in enumerate(events):
        if not _SUBSCRIPTION.fullmatch(text):
            raise Invalid(
                f"events[{index}]",
                f"{text!r} is no event type",
                "Use a type such as session.billed, all of a noun with session.*, or *.",
            )
    return tuple(dict.fromkeys(events))
