"""What does an OCPI 2.2.1 Location, EVSE or Connector say? (mod_locations 8.3 and 8.4)

2.3.0 says the same: what it adds (parking places, help_phone) is kept with the raw object.
"""

from collections.abc import Mapping

from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import Location
from chalicelib.ocpi.lenient.location import location_of
from chalicelib.ocpi.lenient.place import Place


def read_location(
    value: object, peer_id: PeerId, identities: Mapping[str, PartyId]
) -> tuple[Location, tuple[str, ...]]:
    """A Location, and what was mended in it. Raises Invalid."""
    place = Place.whole(value)
    return location_of(place, peer_id, identities), place.notes.told()
