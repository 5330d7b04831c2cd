"""What do a CPO and its charger answer to a command, in any version? (mod_commands 13.3)"""

from typing import Any

from chalicelib.ocpi.lenient.place import Place

START, STOP = "START_SESSION", "STOP_SESSION"
RESERVE, CANCEL = "RESERVE_NOW", "CANCEL_RESERVATION"
UNLOCK = "UNLOCK_CONNECTOR"


def write_stop(charger_session_id: str, response_url: str) -> dict[str, Any]:
    return {"response_url": response_url, "session_id": charger_session_id}


def write_unlock(
    location_id: str, evse_uid: str, connector_id: str, response_url: str
) -> dict[str, Any]:
    return {
        "response_url": response_url,
        "location_id": location_id,
        "evse_uid": evse_uid,
        "connector_id": connector_id,
    }


def write_cancel(reservation_id: str, response_url: str) -> dict[str, Any]:
    return {"response_url": response_url, "reservation_id": reservation_id}


def read_answer(value: Any) -> str:  # noqa: ANN401 - any JSON
    """The `result` of a CommandResponse or CommandResult, upper-cased. Raises Invalid."""
    return Place.answer(value).upper("result")
