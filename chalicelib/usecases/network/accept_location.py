"""What happens when a CPO tells of a location? It is kept, and found on the map."""

from datetime import timedelta
from typing import Any

from chalicelib.domain.codec import from_plain, instant_text, to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.dates import is_older
from chalicelib.domain.connection.refusals import UpdateOutdated
from chalicelib.domain.errors import Rejected
from chalicelib.domain.network.location import Location
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Key, Put, Require, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.connection.health import doubt
from chalicelib.usecases.network.listed import heard, listed, shown
from chalicelib.usecases.network.on_the_map import moved
from chalicelib.usecases.network.told_again import Known, known, told_again

# The one body that is not moved to a file: it changes with every status, and files are for ever.
RAW_BYTES_MAX = 150_000
_TRIES = 5
_LATE = timedelta(minutes=10)  # within what each pull reads again


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
    over: tuple[int, int] | None = None,
    pulled: bool = False,
) -> bool:
    """Keep a location as it now is; True when it changed, not where it is only told again.

    A push with the `last_updated` that is known may have been overtaken: the last word counts until
    the next list, which is asked for it again. `over`: what it was merged from (`Known.seen`); a
    WriteConflict where something else is there by now. Raises IdentityNotBound, LocationTooLarge,
    and UpdateOutdated when ours is newer.
    """
    speaks_for(connection, location.country_code, location.party_id)
    size = len(raw.encode())
    if size > RAW_BYTES_MAX:
        raise LocationTooLarge(size)
    for _ in range(_TRIES - 1 if over is None else 0):
        try:
            return _accept(ports, location, raw, mended, pulled=pulled)
        except WriteConflict:
            continue
    return _accept(ports, location, raw, mended, over, pulled=pulled)


def _accept(
    ports: Ports,
    location: Location,
    raw: str,
    mended: tuple[str, ...],
    over: tuple[int, int] | None = None,
    *,
    pulled: bool,
) -> bool:
    key = keys.location(location.peer_id, location.country_code, location.party_id, location.id)
    before = known(ports, key)
    if over is not None and (before is None or before.seen != over):
        raise WriteConflict([key])
    body = {**to_plain(location), "raw": raw, "mended": list(mended)}
    if before is None:
        _write(ports, key, location, body)
        return True
    newest = before.location.last_updated
    if is_older(location.last_updated, newest, ports.clock.now()):
        raise UpdateOutdated("location", location.id, instant_text(newest))
    again = told_again(before, location, raw)
    if again is not None:
        for put in again:
            ports.store.write(put)
        return False
    if newest == location.last_updated and not pulled:
        doubt(ports, location.peer_id, "locations", newest)
    if not location.publish and shown(location, before.item):
        body["shown"] = True
    _write(ports, key, location, body, before)
    return True


def _write(
    ports: Ports, key: Key, location: Location, body: dict[str, Any], before: Known | None = None
) -> None:
    item = None if before is None else before.item
    expects = ABSENT if item is None else item.version
    put = Put(key, heard(body, ports.clock.now()), expects=expects)
    for row in listed(location, put.body, item):
        ports.store.write(row)
    writes = [put, *_unless_told_again(ports, key, location, before)]
    old = None if item is None else from_plain(Location, item.body)
    ports.store.write(*writes, *moved(key, location, old))


def _unless_told_again(
    ports: Ports, key: Key, location: Location, before: Known | None
) -> list[Write]:
    """What comes so late that no pull reads it again must not pass by a newer date."""
    if before is None or ports.clock.now() - location.last_updated < _LATE:
        return []
    return [Require(keys.location_dates(key), before.seen[1])]
