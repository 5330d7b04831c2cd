"""Which locations are there, and about when did each change? One row a location, for OCPI's lists.

What we heard of late changed when we heard of it: to who asks for what is new since then, its CPO's
older date would hide it for ever. A row tells the hour, so that most changes of a status write
none: whoever wants the instant reads the location.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.ids import PeerId
from chalicelib.domain.network.location import Location
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item, Key, Put
from chalicelib.usecases import keys

_PAGE = 1000
_HEARD = "heard"


@dataclass(frozen=True, slots=True)
class Listed:
    """`hour` is a text that sorts by time; the location changed last within it, or came to us.

    `shown`: it is public, or was once. Whoever knows it from then must learn that it is private.
    """

    identity: str
    id: str
    hour: str
    shown: bool


def shown(location: Location, before: Item | None) -> bool:
    """Whether it is public, or was at any time before."""
    return location.publish or (before is not None and was_shown(before))


def was_shown(item: Item) -> bool:
    """Of a location as it is kept: a private one says whether it was public before."""
    return bool(item.body["publish"] or item.body.get("shown"))


def heard(body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The location's item, which says when it came to be as it is."""
    return {**body, _HEARD: instant_text(at)}


def changed_at(body: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """When a location changed by its CPO's date, and when we heard of it."""
    told = str(body["last_updated"])
    return datetime.fromisoformat(told), datetime.fromisoformat(str(body.get(_HEARD, told)))


def listed(location: Location, body: Mapping[str, Any], before: Item | None) -> list[Put]:
    """The row that a changed location needs, as it is from now on; none where it stands already.

    It is written first and alone: one that leads to an older state is read and does no harm.
    """
    row = _row(body, shown=shown(location, before))
    if before is not None and row == _row(before.body, shown=was_shown(before)):
        return []
    identity = f"{location.country_code}*{location.party_id}"
    key = Key(keys.locations_listed(location.peer_id), f"{identity}#{location.id.lower()}")
    return [Put(key, row, expects=None)]


def rows(ports: Ports, peer_id: PeerId, identity: str) -> Iterator[Listed]:
    """A CPO's locations by one connection, in order of their ids."""
    prefix, after = f"{identity}#", ""
    while True:
        found = ports.store.query(
            keys.locations_listed(peer_id), prefix=prefix, after=after, limit=_PAGE
        )
        for item in found:
            name = item.key.sk.removeprefix(prefix)
            yield Listed(identity, name, str(item.body["hour"]), bool(item.body["shown"]))
        if len(found) < _PAGE:
            return
        after = found[-1].key.sk


def hour_of(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H}"


def _row(body: Mapping[str, Any], *, shown: bool) -> dict[str, str | bool]:
    return {"hour": hour_of(max(changed_at(body))), "shown": shown}
