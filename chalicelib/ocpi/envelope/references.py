"""Where is a driver who asks to charge, as a CPO tells it? (mod_tokens, LocationReferences)"""

from dataclasses import dataclass
from typing import Annotated, Any

from chalicelib.ocpi.envelope.fields import Id, Listed, Wire, read


@dataclass(frozen=True, slots=True)
class LocationReferences:
    location_id: str
    evse_uids: tuple[str, ...] = ()


class _References(Wire):
    location_id: Id
    evse_uids: Annotated[tuple[Id, ...], Listed] = ()


def read_references(value: Any) -> LocationReferences:  # noqa: ANN401 - any JSON
    """LocationReferences of an authorization request. Raises Invalid."""
    wire = read(_References, value, [])
    return LocationReferences(wire.location_id, wire.evse_uids)


def write_references(references: LocationReferences) -> dict[str, Any]:
    return {"location_id": references.location_id, "evse_uids": list(references.evse_uids)}
