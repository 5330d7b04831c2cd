"""What is a partner told? Events with an id, a time and a sequence number per object."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID = re.compile(r"evt_(?P<milliseconds>[0-9a-f]{12})[0-9a-f]{20}")
_MILLISECONDS_MAX = 32_503_680_000_000  # the year 3000: keeps a forged id inside the calendar


@dataclass(frozen=True, slots=True)
class Event:
    """`sequence` counts the events of one object from 1, so that a reader sees a gap or a swap."""

    id: str
    partner_id: PartyId
    type: str  # "<noun>.<what happened>", e.g. session.billed
    object_id: str
    sequence: int
    at: datetime
    data: Mapping[str, Any]


def event_id(partner_id: PartyId, cause: str, at: datetime) -> str:
    """The public id of an event: its milliseconds, then a hash of its cause.

    Ids in order of their text are events in order of time, and an id says on which day its event
    lies, so that no index is written for it.
    """
    digest = sha256(f"{len(partner_id)}:{partner_id}{cause}".encode()).hexdigest()
    return f"{first_id(at)[:16]}{digest[:20]}"


def first_id(at: datetime) -> str:
    """The least id that an event of this instant can have."""
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    return f"evt_{milliseconds:012x}{'0' * 20}"


def day_of(id_: str) -> date:
    """The UTC day of the event with this id; a text that is no event's id is NotFound."""
    match = _ID.fullmatch(id_)
    milliseconds = int(match["milliseconds"], 16) if match else _MILLISECONDS_MAX
    if milliseconds >= _MILLISECONDS_MAX:
        raise NotFound("event", id_, "event_id")
    return (_EPOCH + timedelta(milliseconds=milliseconds)).date()


def message(event: Event) -> dict[str, Any]:
    """The event as partners see it, in the feed and in a webhook's body alike."""
    return {
        "id": event.id,
        "type": event.type,
        "timestamp": instant_text(event.at),
        "object_id": event.object_id,
        "sequence": event.sequence,
        "data": dict(event.data),
    }
