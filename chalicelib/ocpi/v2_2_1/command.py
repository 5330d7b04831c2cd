"""How is a charger told to start, or to stay free? (mod_commands 13.3)"""

from datetime import datetime
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.token.token import Token
from chalicelib.ocpi.v2_2_1.token import write_token


def write_start(
    token: Token,
    location_id: str,
    evse_uid: str,
    connector_id: str,
    authorization_reference: str,
    response_url: str,
) -> dict[str, Any]:
    """A StartSession. The connector is named whenever we know it: some EVSEs demand it."""
    body: dict[str, Any] = {
        "response_url": response_url,
        "token": write_token(token),
        "location_id": location_id,
        "authorization_reference": authorization_reference,
    }
    if evse_uid:
        body["evse_uid"] = evse_uid
        if connector_id:  # allowed only together with its EVSE
            body["connector_id"] = connector_id
    return body


def write_reserve(
    token: Token,
    reservation_id: str,
    location_id: str,
    evse_uid: str,
    until: datetime,
    response_url: str,
) -> dict[str, Any]:
    """A ReserveNow. Its sessions and CDRs come back with the reservation's id as reference."""
    return {
        "response_url": response_url,
        "token": write_token(token),
        "expiry_date": instant_text(until),
        "reservation_id": reservation_id,
        "location_id": location_id,
        "evse_uid": evse_uid,
        "authorization_reference": reservation_id,
    }
