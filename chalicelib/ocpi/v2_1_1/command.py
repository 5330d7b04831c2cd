"""How is a 2.1.1 charger told to start? (mod_commands.md 3.3)

The version has no authorization_reference. What comes back in Session and CDR is the token's
`auth_id`: so the start's token carries our reference there, unique to this one session.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.token.token import Token
from chalicelib.ocpi.v2_1_1.token import write_token


def write_start(
    token: Token,
    location_id: str,
    evse_uid: str,
    _connector_id: str,
    authorization_reference: str,
    response_url: str,
) -> dict[str, Any]:
    """A StartSession, whose connector the version cannot name."""
    body: dict[str, Any] = {
        "response_url": response_url,
        "token": write_token(token, auth_id=authorization_reference),
        "location_id": location_id,
    }
    if evse_uid:
        body["evse_uid"] = evse_uid
    return body


def write_reserve(
    token: Token,
    reservation_id: str,
    location_id: str,
    evse_uid: str,
    until: datetime,
    response_url: str,
) -> dict[str, Any]:
    """A ReserveNow, whose id is a number here: the same id always makes the same one."""
    return {
        "response_url": response_url,
        "token": write_token(token),
        "expiry_date": instant_text(until),
        "reservation_id": int.from_bytes(sha256(reservation_id.encode()).digest()[:4]) >> 1,
        "location_id": location_id,
        "evse_uid": evse_uid,
    }
