"""Which location is meant, by the id that partners know or by the one that its CPO gave it?"""

from chalicelib.domain.connection.refusals import LocationUnknown
from chalicelib.domain.ids import PeerId
from chalicelib.domain.network.location import Location
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key
from chalicelib.usecases import keys
from chalicelib.usecases.network.told_again import Known, known
from chalicelib.usecases.records import find


def location_by_id(ports: Ports, location_id: str) -> Location:
    """The location of a public id `loc_…`. Raises LocationUnknown (a NotFound)."""
    pointer = ports.store.get(keys.location_id(location_id))
    record = None
    if pointer is not None:
        record = find(ports.store, Key(str(pointer.body["pk"])), Location)
    if record is None:
        raise LocationUnknown(location_id)
    return record.value


def location_of(
    ports: Ports, peer_id: PeerId, country_code: str, party_id: str, ocpi_id: str
) -> Location | None:
    """The location of a CPO's own id."""
    key = keys.location(peer_id, country_code.upper(), party_id.upper(), ocpi_id)
    found = known(ports, key)
    return None if found is None else found.location


def location_raw(
    ports: Ports, peer_id: PeerId, country_code: str, party_id: str, ocpi_id: str
) -> str | None:
    """The location's JSON text as it last changed, PATCHes merged."""
    key = keys.location(peer_id, country_code.upper(), party_id.upper(), ocpi_id)
    item = ports.store.get(key)
    return None if item is None else str(item.body["raw"])


def location_told(
    ports: Ports, peer_id: PeerId, country_code: str, party_id: str, ocpi_id: str
) -> Known | None:
    """The location with what is known of when it was told, as its own CPO is shown it."""
    return known(ports, keys.location(peer_id, country_code.upper(), party_id.upper(), ocpi_id))
