"""How is a charger told to start and stop, and how do its answers read? (mod_commands 13.3)"""

from typing import Any

from chalicelib.domain.token.token import Token
from chalicelib.ocpi.envelope.fields import Upper, Wire, read
from chalicelib.ocpi.v2_2_1.token import write_token

START, STOP = "START_SESSION", "STOP_SESSION"


class _Answer(Wire):
    result: Upper


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


def write_stop(charger_session_id: str, response_url: str) -> dict[str, Any]:
    return {"response_url": response_url, "session_id": charger_session_id}


def read_answer(value: Any) -> str:  # noqa: ANN401 - any JSON
    """The `result` of a CommandResponse or CommandResult, upper-cased. Raises Invalid."""
    return read(_Answer, value, []).result
