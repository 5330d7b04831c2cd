"""What does the CPO do with a command? (mod_commands)"""

from collections.abc import Mapping
from typing import Any

from sandbox.peers.cpo.envelope import INVALID_PARAMETERS, UNKNOWN_LOCATION, Refusal, member
from sandbox.peers.cpo.plan import Fault
from sandbox.peers.cpo.state import Operator
from sandbox.peers.cpo.visit import Visit, timeout_s

COMMANDS = (
    "START_SESSION",
    "STOP_SESSION",
    "RESERVE_NOW",
    "CANCEL_RESERVATION",
    "UNLOCK_CONNECTOR",
)
_CDR_TOKEN = ("country_code", "party_id", "uid", "type", "contract_id")
_TOKEN = (*_CDR_TOKEN, "issuer", "valid", "whitelist", "last_updated")
_ID_LENGTH_MAX = 36


def obey(operator: Operator, command: str, body: object) -> dict[str, Any]:
    """The CommandResponse; the charger's own result follows later. Refusal where OCPI has one."""
    url = member(body, "response_url")
    match command:
        case "START_SESSION":
            result = _start(operator, url, body)
        case "STOP_SESSION":
            result = _stop(operator, url, member(body, "session_id"))
        case "RESERVE_NOW":
            result = _reserve(operator, url, body)
        case "CANCEL_RESERVATION":
            known = operator.reservations.pop(str(member(body, "reservation_id")), None)
            operator.later(url, "ACCEPTED" if known else "UNKNOWN_RESERVATION")
            result = "ACCEPTED"
        case _:
            result = _unlock(operator, url, body)
    return {"result": result, "timeout": timeout_s()}


def _start(operator: Operator, url: str, body: Any) -> str:  # noqa: ANN401 - JSON
    token = member(body, "token")
    names = {
        "location_id": member(body, "location_id"),
        "evse_uid": member(body, "evse_uid"),
        "token_uid": member(token, "uid"),
        "authorization_reference": body.get("authorization_reference") or "",
    }
    for name, value in names.items():
        if not isinstance(value, str) or len(value) > _ID_LENGTH_MAX:
            raise Refusal(200, INVALID_PARAMETERS, f"{name}: a string of 36 characters at most")
    for name in _TOKEN:
        if token.get(name) is None:
            operator.complain(f"START_SESSION: token without {name}")
    visit = _plug_in(operator, url, names, {n: member(token, n) for n in _CDR_TOKEN}, body)
    if visit.has(Fault.START_ANSWER_LOST):
        raise Refusal(500, 3000, "the answer was lost")
    return "REJECTED" if visit.has(Fault.START_REJECTED) else "ACCEPTED"


def plug_in(
    operator: Operator, token: Mapping[str, Any], reference: str, at: Mapping[str, Any]
) -> None:
    """A driver whose card was allowed at an EVSE begins without a command."""
    names = {
        "location_id": at["location_id"],
        "evse_uid": at["evse_uid"],
        "token_uid": token["uid"],
        "authorization_reference": reference,
    }
    cdr_token = {name: token.get(name, "") for name in _CDR_TOKEN}
    _plug_in(operator, "", names, cdr_token, {"connector_id": at.get("connector_id", "1")})


def _reserve(operator: Operator, url: str, body: Any) -> str:  # noqa: ANN401 - JSON
    """The same id replaces a reservation; a charger that is taken says so afterwards."""
    location_id, evse_uid = member(body, "location_id"), member(body, "evse_uid")
    id_, until = str(member(body, "reservation_id")), member(body, "expiry_date")
    if location_id not in operator.network.locations:
        raise Refusal(200, UNKNOWN_LOCATION, f"unknown location: {location_id}")
    if operator.network.connector(location_id, evse_uid, "") is None:
        raise Refusal(200, INVALID_PARAMETERS, f"no such EVSE: {evse_uid}")
    obstacle = _obstacle(operator, location_id, evse_uid)
    if not obstacle:
        operator.reservations[id_] = {"evse_uid": evse_uid, "until": until}
    operator.later(url, obstacle or "ACCEPTED")
    return "ACCEPTED"


def _unlock(operator: Operator, url: str, body: Any) -> str:  # noqa: ANN401 - JSON
    location_id, evse_uid = member(body, "location_id"), member(body, "evse_uid")
    if operator.network.connector(location_id, evse_uid, member(body, "connector_id")) is None:
        raise Refusal(200, INVALID_PARAMETERS, f"no such EVSE or connector: {evse_uid}")
    operator.later(url, "FAILED" if operator.occupied(location_id, evse_uid) else "ACCEPTED")
    return "ACCEPTED"


def _plug_in(
    operator: Operator,
    url: str,
    names: Mapping[str, str],
    token: Mapping[str, Any],
    body: Mapping[str, Any],
) -> Visit:
    network = operator.network
    location_id, evse_uid = names["location_id"], names["evse_uid"]
    if location_id not in network.locations:
        raise Refusal(200, UNKNOWN_LOCATION, f"unknown location: {location_id}")
    connector = network.connector(location_id, evse_uid, member(body, "connector_id"))
    if connector is None:
        raise Refusal(200, INVALID_PARAMETERS, f"no such EVSE or connector: {evse_uid}")
    return operator.begin(
        names,
        connector["max_electric_power"],
        response_url=url,
        authorization_reference=names["authorization_reference"],
        token=token,
        place=network.place(location_id, evse_uid, connector),
        time_zone=network.locations[location_id]["time_zone"],
        tariff=network.tariffs[connector["tariff_ids"][0]],
        obstacle=_obstacle(operator, location_id, evse_uid),
    )


def _obstacle(operator: Operator, location_id: str, evse_uid: str) -> str:
    """Why the charger will say no, if it will."""
    status, _ = operator.network.statuses.get((location_id, evse_uid), ("AVAILABLE", ""))
    if status in {"INOPERATIVE", "OUTOFORDER", "BLOCKED"}:
        return "EVSE_INOPERATIVE"
    return "EVSE_OCCUPIED" if operator.occupied(location_id, evse_uid) else ""


def _stop(operator: Operator, url: str, session_id: str) -> str:
    visit = operator.visits.get(session_id)
    if visit is None or not visit.begins or visit.charge.start > operator.now:
        return "UNKNOWN_SESSION"
    if operator.now >= visit.charge.end:
        return "REJECTED"
    operator.stop(visit, url)
    return "ACCEPTED"
