"""What happened at the provider that no webhook told us? Its own list of events, read every hour.

Each one is kept by the very path of a webhook, once by its id. Only what nothing else looks for:
holds, captures and debits are looked up by their effects, payouts by the sweep of the rail.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import DomainError
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.records import find

TYPES = (
    *(f"charge.dispute.{what}" for what in ("created", "updated", "closed")),
    *(f"charge.dispute.funds_{what}" for what in ("withdrawn", "reinstated")),
    "refund.failed",
    *(f"setup_intent.{what}" for what in ("succeeded", "setup_failed", "canceled")),
)
EVERY = timedelta(hours=1)
_OVERLAP = timedelta(minutes=10)  # what happened is listed a little later, and clocks differ
_LISTED = timedelta(days=30)  # for so long: https://docs.stripe.com/api/events
_PAGES = 10  # a run, of a hundred events


@dataclass(frozen=True, slots=True)
class Reached:
    """All before `since` is kept; of what is before `until`, all that is newer than `after`."""

    since: datetime
    until: datetime | None = None
    after: str = ""


def pull_events(ports: Ports, provider: str = "stripe") -> dict[str, int]:
    """Once an hour: how many events no webhook had brought, and how old what was not asked for is.

    The place moves only behind what is kept, so that whoever dies leaves nothing out. A provider
    that does not answer is asked again by the next sweep, and `events_lag_s` grows.
    """
    key, now = keys.provider_events_reached(provider), ports.clock.now()
    record = find(ports.store, key, Reached)
    reached = record.value if record else Reached(now - _LISTED)
    version, news, pages = record.version if record else 0, 0, 0
    try:
        while pages < _PAGES and (reached.until or now >= reached.since + EVERY):
            found, reached = _page(ports, provider, reached, now)
            ports.store.write(Put(key, to_plain(reached), expects=version))
            version, news, pages = version + 1, news + found, pages + 1
    except DomainError:
        pass  # no answer, an unreadable one, or another sweep is at it: the lag tells if it lasts
    return {"events_lost": news, "events_lag_s": int((now - reached.since).total_seconds())}


def _page(ports: Ports, provider: str, reached: Reached, now: datetime) -> tuple[int, Reached]:
    """How many of the next page's events are new, and the place behind it."""
    since, until = max(reached.since, now - _LISTED), reached.until or now
    page = ports.payments.events(TYPES, since - _OVERLAP, until, reached.after)
    told = [keys.provider_event(provider, one.event.id) for one in page.events]
    known = ports.store.get_many(told) if told else {}  # else a long one was sealed once more
    missed = (one for key, one in zip(told, page.events, strict=True) if key not in known)
    news = sum(receive_event(ports, provider, one.event, one.body) for one in missed)
    if page.more:
        return news, replace(reached, until=until, after=page.events[-1].event.id)
    return news, Reached(until)
