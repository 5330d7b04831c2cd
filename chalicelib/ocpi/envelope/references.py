"""Where is a driver who asks to charge, as a CPO tells it? (mod_tokens, LocationReferences)"""

from dataclasses import dataclass
from typing import Any

from chalicelib.ocpi.lenient.basic import id_of
from chalicelib.ocpi.lenient.place import Place

_EVSES_MAX = 1000


@dataclass(frozen=True, slots=True)
class LocationReferences:
    location_id: str
    evse_uids: tuple[str, ...] = ()


def read_references(value: Any) -> LocationReferences:  # noqa: ANN401 - any JSON
    """LocationReferences of an authorization request. Raises Invalid."""
    place = Place.answer(value)
    uids = (uid for _, uid in place.each("evse_uids", _EVSES_MAX, id_of))
    return LocationReferences(place.id("location_id"), tuple(uids))


def write_references(references: LocationReferences) -> dict[str, Any]:
    return {"location_id": references.location_id, "evse_uids": list(references.evse_uids)}
