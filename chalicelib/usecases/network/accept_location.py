"""What happens when a CPO tells of a location? It is kept, and found on the map."""

import json
from decimal import Decimal

from chalicelib.domain.codec import from_plain, instant_text, to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.refusals import UpdateOutdated
from chalicelib.domain.errors import Rejected
from chalicelib.domain.network.location import Location
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.connection.health import doubt
from chalicelib.usecases.network.listed import listed, shown
from chalicelib.usecases.network.on_the_map import moved

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
    ports: Ports,
    connection: Connection,
    location: Location,
    raw: str,
    *mended: str,
    pulled: bool = False,
) -> bool:
    """Keep a location as it now is; True when it was news.

    A push with the `last_updated` that is known may have been overtaken: the last word counts until
    the next list, which is asked for it again. Raises IdentityNotBound, LocationTooLarge, and
    UpdateOutdated when ours is newer.
    """
    speaks_for(connection, location.country_code, location.party_id)
    size = len(raw.encode())
    if size > RAW_BYTES_MAX:
        raise LocationTooLarge(size)
    for _ in range(_TRIES - 1):
        try:
            return _accept(ports, location, raw, mended, pulled=pulled)
        except WriteConflict:
            continue
    return _accept(ports, location, raw, mended, pulled=pulled)


def _accept(
    ports: Ports, location: Location, raw: str, mended: tuple[str, ...], *, pulled: bool
) -> bool:
    key = keys.location(location.peer_id, location.country_code, location.party_id, location.id)
    item, known = ports.store.get(key), None
    if item is not None:
        known = from_plain(Location, item.body)
        if known.last_updated > location.last_updated:
            raise UpdateOutdated("location", location.id, instant_text(known.last_updated))
        if known == location and _says_the_same(str(item.body.get("raw")), raw):
            return False
        if known.last_updated == location.last_updated and not pulled:
            doubt(ports, location.peer_id, "locations", location.last_updated)
    body = {**to_plain(location), "raw": raw, "mended": list(mended)}
    if not location.publish and shown(location, item):
        body["shown"] = True
    expects = 0 if item is None else item.version
    for row in listed(location, item):
        ports.store.write(row)
    ports.store.write(Put(key, body, expects=expects), *moved(key, location, known))
    return True


def _says_the_same(known: str, raw: str) -> bool:
    """Ours may be merged from PATCHes: as JSON then, since a pull writes it in its own way."""
    if known == raw:
        return True
    try:
        one, other = (json.loads(text, parse_float=Decimal) for text in (known, raw))
    except ValueError:
        return False
    return bool(one == other)
