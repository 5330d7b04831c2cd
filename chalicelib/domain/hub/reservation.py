"""What is an eMSP told of what it reserved? The result of its RESERVE_NOW or CANCEL_RESERVATION."""

from chalicelib.domain.event.event import Event
from chalicelib.domain.hub.session import CommandResult, ResultType
from chalicelib.domain.session.reservation import Commanded, Reservation

_LATE = "too_late"  # the CPO was silent until there was nothing left to reserve
_NO_COMMAND = "cpo_status_3003"  # 2.1.1 has no CANCEL_RESERVATION
_BY_CPO = "cancelled_by_cpo"


def results_of(reservation: Reservation, event: Event) -> list[CommandResult]:
    """What an event of the reservation answers; nothing once it was commanded anew."""
    command = reservation.command
    if command is None or event.sequence <= command.since:
        return []
    url, reason = command.response_url, str(event.data.get("reason", ""))
    match event.type.partition(".")[2]:
        case "held":
            return [CommandResult(url, ResultType.ACCEPTED)]
        case "refused":
            return [CommandResult(url, _no(reason), reason)]
        case _ if command.cancel_url:
            return _cancelled(command, reason)
        case _:  # the CPO took it back, or the partner gave it back by its API
            return [CommandResult(url, ResultType.CANCELED_RESERVATION, reason)]


def _cancelled(command: Commanded, reason: str) -> list[CommandResult]:
    said = "" if reason == _BY_CPO else reason
    result = _no(said) if said else ResultType.ACCEPTED
    found = [CommandResult(command.cancel_url, result, said)]
    if command.overtaken:
        gone = CommandResult(command.response_url, ResultType.REJECTED, "cancelled")
        found.append(gone)
    return found


def _no(reason: str) -> ResultType:
    """Of the CPO's or charger's own word, which is kept in small letters."""
    if reason == _LATE:
        return ResultType.TIMEOUT
    if reason == "unknown_session":  # CommandResponseType has no other word for it
        return ResultType.UNKNOWN_RESERVATION
    if reason == _NO_COMMAND:
        return ResultType.NOT_SUPPORTED
    return ResultType.__members__.get(reason.upper(), ResultType.FAILED)
