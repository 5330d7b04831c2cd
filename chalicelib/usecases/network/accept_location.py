"""What happens when a CPO tells of a location? It is kept, and found on the map."""

from chalicelib.domain.codec import from_plain, instant_text, to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.refusals import UpdateOutdated
from chalicelib.domain.errors import Rejected
from chalicelib.domain.network.location import Location
from chalicelib.domain.network.place import Point, cell_of, public_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Item, Key, Put, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.connection.authenticate import speaks_for

# The one body that is not moved to a file: it changes with every status, and files are for ever.
RAW_BYTES_MAX = 150_000
_TRIES = 5


class LocationTooLarge(Rejected):
    code = "location_too_large"
    how_to_fix = "Split the location: it lists more EVSEs than one place has."

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes are more than {RAW_BYTES_MAX}")
        self.size = size


def accept_location(
    ports: Ports, connection: Connection, location: Location, raw: str, *mended: str
) -> bool:
    """Keep a location as it now is; True when it was news.

    Raises IdentityNotBound, LocationTooLarge, and UpdateOutdated when ours is newer.
    """
    speaks_for(connection, location.country_code, location.party_id)
    size = len(raw.encode())
    if size > RAW_BYTES_MAX:
        raise LocationTooLarge(size)
    for _ in range(_TRIES - 1):
        try:
            return _accept(ports, location, raw, mended)
        except WriteConflict:
            continue
    return _accept(ports, location, raw, mended)


def _accept(ports: Ports, location: Location, raw: str, mended: tuple[str, ...]) -> bool:
    key = keys.location(location.peer_id, location.country_code, location.party_id, location.id)
    item = ports.store.get(key)
    if item is not None:
        known = from_plain(Location, item.body)
        if known.last_updated > location.last_updated:
            raise UpdateOutdated("location", location.id, instant_text(known.last_updated))
        if known == location and item.body.get("raw") == raw:
            return False
    body = {**to_plain(location), "raw": raw, "mended": list(mended)}
    expects = 0 if item is None else item.version
    ports.store.write(Put(key, body, expects=expects), *_on_the_map(key, location, item))
    return True


def _on_the_map(key: Key, location: Location, before: Item | None) -> list[Write]:
    """Rows by which a location is found; none when it is where it was."""
    id_ = public_id(location)
    here = Point(location.latitude, location.longitude)
    writes: list[Write] = []
    if before is not None:
        known = from_plain(Location, before.body)
        there = Point(known.latitude, known.longitude)
        if here == there:
            return []
        if cell_of(here) != cell_of(there):
            writes.append(Delete(Key(keys.grid(cell_of(there)), id_)))
    row = {"pk": key.pk, "latitude": str(here.latitude), "longitude": str(here.longitude)}
    writes.append(Put(Key(keys.grid(cell_of(here)), id_), row, expects=None))
    writes.append(Put(keys.location_id(id_), {"pk": key.pk}, expects=None))
    return writes
