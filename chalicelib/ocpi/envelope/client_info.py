"""How does a hub tell who is reachable through it? (mod_hub_client_info, since 2.2)"""

from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.ocpi.lenient.place import Place


def read_client_info(value: object) -> ClientInfo:
    """Raises Invalid."""
    place = Place.whole(value)
    name = place.upper("status")
    try:
        status = ConnectionStatus(name)
    except ValueError as error:
        raise place.invalid("status", f"{name!r} is not a ConnectionStatus") from error
    return ClientInfo(
        place.upper("country_code"),
        place.upper("party_id"),
        place.upper("role"),
        status,
        place.instant("last_updated"),
    )


def write_client_info(info: ClientInfo) -> dict[str, Any]:
    return {
        "country_code": info.country_code,
        "party_id": info.party_id,
        "role": info.role,
        "status": info.status.value,
        "last_updated": instant_text(info.last_updated),
    }
