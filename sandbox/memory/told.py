"""What does the provider in memory list of what happened? Events, sent or not."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.ports.clock import Clock
from chalicelib.ports.payment_events import EventPage, ListedEvent, PaymentEvent

PAGE = 3  # few, so that a test sees several


class Told:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._events: list[tuple[datetime, PaymentEvent]] = []

    def add(self, event: PaymentEvent) -> None:
        self._events.append((self._clock.now(), event))

    def every(self) -> list[PaymentEvent]:
        return [event for _, event in self._events]

    def page(self, types: Sequence[str], since: datetime, until: datetime, after: str) -> EventPage:
        first, end = since.replace(microsecond=0), until.replace(microsecond=0)
        found = [
            event
            for at, event in reversed(self._events)
            if event.type in types and first <= at.replace(microsecond=0) < end
        ]
        ids = [event.id for event in found]
        found = found[ids.index(after) + 1 :] if after in ids else found
        listed = (ListedEvent(event, event.id.encode()) for event in found[:PAGE])
        return EventPage(tuple(listed), len(found) > PAGE)
