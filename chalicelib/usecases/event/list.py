"""What was a partner told? Its feed, oldest first, for those who poll or who missed a webhook."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import NotFound
from chalicelib.domain.event.delivery import Delivery
from chalicelib.domain.event.event import Event, day_of, first_id
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.event.tell import endpoints
from chalicelib.usecases.records import find

_DAYS_MAX = 31  # partitions that one page looks through


@dataclass(frozen=True, slots=True)
class EventPage:
    """`after` is where the next page begins; there may be one even when `more` is False."""

    events: tuple[Event, ...]
    after: str
    more: bool


def page(ports: Ports, partner_id: PartyId, after: str, limit: int) -> EventPage:
    """Up to `limit` events beyond the id `after` (see `beginning`), in order of time."""
    today = ports.clock.now().date()
    day = day_of(after)
    last_day = min(today, day + timedelta(days=_DAYS_MAX - 1))
    events: list[Event] = []
    while day <= last_day and len(events) < limit:
        rows = ports.store.query(
            keys.events(partner_id, day.isoformat()), after=after, limit=limit - len(events)
        )
        events.extend(from_plain(Event, row.body) for row in rows)
        day += timedelta(days=1)
    if len(events) == limit:
        return EventPage(tuple(events), events[-1].id, more=True)
    if last_day < today:  # more days than one page looks through
        return EventPage(tuple(events), _start_of(last_day + timedelta(days=1)), more=True)
    return EventPage(tuple(events), events[-1].id if events else after, more=False)


def beginning(since: datetime) -> str:
    """The `after` of the first page of events from an instant on."""
    return first_id(since)


def read(ports: Ports, partner_id: PartyId, event_id: str) -> Event:
    """The partner's own event, or NotFound."""
    key = keys.event(partner_id, day_of(event_id).isoformat(), event_id)
    found = find(ports.store, key, Event)
    if found is None:
        raise NotFound("event", event_id, "event_id")
    return found.value


def deliveries(ports: Ports, partner_id: PartyId, event_id: str) -> list[Delivery]:
    """How the event fares on its way to each of the partner's present endpoints."""
    wanted = [keys.delivery(event_id, endpoint.id) for endpoint in endpoints(ports, partner_id)]
    items = ports.store.get_many(wanted) if wanted else {}
    return [from_plain(Delivery, items[key].body) for key in wanted if key in items]


def _start_of(day: date) -> str:
    # The id that sorts just before the day's first one: the year 1970 has no events either.
    return first_id(datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00"))
