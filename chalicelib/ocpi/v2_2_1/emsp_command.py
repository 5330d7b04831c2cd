"""What does an eMSP command, and what is it answered? (mod_commands 13.3)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.hub.token import EmspToken
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.v2_2_1.emsp_token import read_emsp_token

ACCEPTED, REJECTED = "ACCEPTED", "REJECTED"
NOT_SUPPORTED, UNKNOWN_SESSION = "NOT_SUPPORTED", "UNKNOWN_SESSION"
TIMEOUT_S = 300  # a charger on a slow network; a start that nobody answers is looked for longer
_REFERENCE_MAX = 36


@dataclass(frozen=True, slots=True)
class StartSession:
    token: EmspToken
    location_id: str
    response_url: str
    evse_uid: str = ""
    connector_id: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ReserveNow:
    token: EmspToken
    until: datetime
    reservation_id: str
    location_id: str
    response_url: str
    evse_uid: str = ""


def read_start(value: Mapping[str, Any]) -> StartSession:
    """Raises Invalid naming the member to blame."""
    place = Place.whole(value)
    told = _token(place, value)
    reference = place.maybe_id("authorization_reference") or ""
    if len(reference) > _REFERENCE_MAX:
        raise place.invalid("authorization_reference", f"is longer than {_REFERENCE_MAX}")
    return StartSession(
        token=told,
        location_id=place.id("location_id"),
        response_url=place.text("response_url"),
        evse_uid=place.maybe_id("evse_uid") or "",
        connector_id=place.maybe_id("connector_id") or "",
        reference=reference,
    )


def read_reserve(value: Mapping[str, Any]) -> ReserveNow:
    """Raises Invalid naming the member to blame."""
    place = Place.whole(value)
    return ReserveNow(
        token=_token(place, value),
        until=place.instant("expiry_date"),
        reservation_id=place.id("reservation_id"),
        location_id=place.id("location_id"),
        response_url=place.text("response_url"),
        evse_uid=place.maybe_id("evse_uid") or "",
    )


def read_cancel(value: Mapping[str, Any]) -> tuple[str, str]:
    """(reservation id, response URL). Raises Invalid."""
    place = Place.whole(value)
    return place.id("reservation_id"), place.text("response_url")


def read_stop(value: Mapping[str, Any]) -> tuple[str, str]:
    """(session id, response URL). Raises Invalid."""
    place = Place.whole(value)
    return place.id("session_id"), place.text("response_url")


def _token(place: Place, value: Mapping[str, Any]) -> EmspToken:
    token = value.get("token")
    if not isinstance(token, dict):
        raise place.invalid("token", "is missing")
    try:
        return read_emsp_token(token)
    except Invalid as error:
        raise Invalid(f"token.{error.field}", error.reason) from error


def write_response(result: str, message: str = "") -> dict[str, Any]:
    """A CommandResponse."""
    said = [{"language": "en", "text": message}] if message else []
    timeout = TIMEOUT_S if result == ACCEPTED else 0
    return {"result": result, "timeout": timeout, **({"message": said} if said else {})}
