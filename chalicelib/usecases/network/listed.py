"""Which locations are there, and about when did each change? One row a location, for OCPI's lists.

A row tells the hour of the last change, so that most changes of a status write none: whoever wants
the instant reads the location.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ids import PeerId
from chalicelib.domain.network.location import Location
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Listed:
    """`hour` is a text that sorts by time; the location changed last within it."""

    identity: str
    id: str
    hour: str
    publish: bool


def listed(location: Location, before: Location | None) -> list[Put]:
    """The row that a changed location needs; none where it stands already.

    It is written first and alone: one that leads to an older state is read and does no harm.
    """
    row = _body(location)
    if before is not None and _body(before) == row:
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
            yield Listed(identity, name, str(item.body["hour"]), bool(item.body["publish"]))
        if len(found) < _PAGE:
            return
        after = found[-1].key.sk


def hour_of(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H}"


def _body(location: Location) -> dict[str, str | bool]:
    return {"hour": hour_of(location.last_updated), "publish": location.publish}
