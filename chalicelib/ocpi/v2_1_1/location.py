"""What does an OCPI 2.1.1 Location, EVSE or Connector say? (mod_locations.md 3)"""

from collections.abc import Mapping

from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import Location
from chalicelib.ocpi.lenient.location import location_of
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.tariff import Owner
from chalicelib.ocpi.v2_1_1.tariff import UNKNOWN


def read_location(
    value: object,
    peer_id: PeerId,
    identities: Mapping[str, PartyId],
    owner: Owner = UNKNOWN,
) -> tuple[Location, tuple[str, ...]]:
    """A Location of an owner, and what was mended in it. Raises Invalid."""
    place = Place.whole(value)
    return location_of(place, peer_id, identities, owner), place.notes.told()
