"""How do our drivers' tokens look to a CPO? (mod_tokens 12.3)"""

from dataclasses import dataclass
from typing import Annotated, Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.ours import COUNTRY_CODE, NAME, PARTY_ID
from chalicelib.domain.token.token import Token
from chalicelib.ocpi.envelope.fields import Id, Listed, Wire, read

DEFAULT_TYPE = "RFID"  # of a request that names none


@dataclass(frozen=True, slots=True)
class LocationReferences:
    location_id: str
    evse_uids: tuple[str, ...] = ()


class _References(Wire):
    location_id: Id
    evse_uids: Annotated[tuple[Id, ...], Listed] = ()


def write_token(token: Token) -> dict[str, Any]:
    """App tokens are whitelist NEVER: no CPO may start them without asking."""
    return {
        "country_code": COUNTRY_CODE,
        "party_id": PARTY_ID,
        "uid": token.uid,
        "type": token.type,
        "contract_id": token.contract_id,
        "issuer": NAME,
        "valid": token.valid,
        "whitelist": "NEVER",
        "last_updated": instant_text(token.last_updated),
    }


def read_references(value: Any) -> LocationReferences:  # noqa: ANN401 - any JSON
    """LocationReferences of an authorization request. Raises Invalid."""
    wire = read(_References, value, [])
    return LocationReferences(wire.location_id, wire.evse_uids)


def write_references(references: LocationReferences) -> dict[str, Any]:
    return {"location_id": references.location_id, "evse_uids": list(references.evse_uids)}
