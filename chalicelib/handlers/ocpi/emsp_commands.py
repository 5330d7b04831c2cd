"""How does an eMSP start, stop and reserve a charge? As Receiver (mod_commands 13.2.1).

A command that we understand is answered by a CommandResponse, also when it is refused.
"""

from collections.abc import Callable
from hashlib import sha256

from chalicelib.domain.errors import DomainError, NotFound, NotYet
from chalicelib.domain.session.reservation import NotReservable
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve_emsps
from chalicelib.handlers.ocpi.refusal import told
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.envelope.command import CANCEL, RESERVE, START, STOP, UNLOCK
from chalicelib.ocpi.v2_2_1.emsp_command import (
    ACCEPTED,
    NOT_SUPPORTED,
    REJECTED,
    UNKNOWN_SESSION,
    StartSession,
    read_cancel,
    read_reserve,
    read_start,
    read_stop,
    write_response,
)
from chalicelib.usecases.hub.command import Wanted, start_for_emsp, stop_for_emsp
from chalicelib.usecases.hub.reserve import Wanted as Reservation
from chalicelib.usecases.hub.reserve import cancel_for_emsp, reserve_for_emsp

Act = Callable[[], object]


def command(call: Call) -> Reply:
    name = call.ids["command"]
    if name == UNLOCK:  # it names no session: whose cable would it be?
        return Reply(write_response(NOT_SUPPORTED, f"{name} is not supported here"))
    if name not in _COMMANDS:
        raise NotFound("command", name, "command")
    act = _COMMANDS[name](call)  # what has no reading is refused before
    try:
        act()
    except NotYet:
        raise  # it may be sent again, and is no refusal
    except DomainError as refusal:
        return Reply(write_response(_answer(name, refusal), told(refusal)))
    return Reply(write_response(ACCEPTED))


def _answer(name: str, refusal: DomainError) -> str:
    """CommandResponseType, which has no word for an unknown reservation."""
    if name == STOP and isinstance(refusal, NotFound):
        return UNKNOWN_SESSION
    return NOT_SUPPORTED if isinstance(refusal, NotReservable) else REJECTED


def _start(call: Call) -> Act:
    text = call.text
    asked = read_start(parse_object(text))
    wanted = Wanted(
        token=asked.token,
        location_id=asked.location_id,
        evse_uid=asked.evse_uid,
        connector_id=asked.connector_id,
        response_url=asked.response_url,
        reference=asked.reference,
        hash=_named(asked, text),
        correlation_id=call.correlation_id,
    )
    return lambda: start_for_emsp(call.ports, call.connection, call.to, wanted)


def _named(asked: StartSession, text: str) -> str:
    """What makes two of them one start: the eMSP's reference to its authorisation, or the body.

    One that repeats itself may name another `response_url`.
    """
    if not asked.reference:
        return sha256(text.encode()).hexdigest()
    token, reference = asked.token.reference, asked.reference.lower()
    where = asked.location_id.lower(), asked.evse_uid.lower(), asked.connector_id.lower()
    return sha256("\n".join(("start", reference, token, *where)).encode()).hexdigest()


def _stop(call: Call) -> Act:
    session_id, response_url = read_stop(call.body)
    return lambda: stop_for_emsp(call.ports, call.connection, session_id, response_url)


def _reserve(call: Call) -> Act:
    text = call.text
    asked = read_reserve(parse_object(text))
    wanted = Reservation(
        token=asked.token,
        location_id=asked.location_id,
        evse_uid=asked.evse_uid,
        until=asked.until,
        reservation_id=asked.reservation_id,
        response_url=asked.response_url,
        hash=sha256(text.encode()).hexdigest(),
    )
    return lambda: reserve_for_emsp(call.ports, call.connection, call.to, wanted)


def _cancel(call: Call) -> Act:
    reservation_id, response_url = read_cancel(call.body)
    return lambda: cancel_for_emsp(call.ports, call.connection, reservation_id, response_url)


_COMMANDS: dict[str, Callable[[Call], Act]] = {
    START: _start,
    STOP: _stop,
    RESERVE: _reserve,
    CANCEL: _cancel,
}
serve_emsps("/commands/{command}", {"POST": command})
