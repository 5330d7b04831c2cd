"""How does an eMSP start and stop a charge? As Receiver (mod_commands 13.2.1).

A command that we understand is answered by a CommandResponse, also when it is refused.
"""

from hashlib import sha256

from chalicelib.domain.errors import DomainError, NotFound, NotYet
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve_emsps
from chalicelib.handlers.ocpi.refusal import told
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.envelope.command import CANCEL, RESERVE, START, STOP
from chalicelib.ocpi.v2_2_1.emsp_command import (
    ACCEPTED,
    NOT_SUPPORTED,
    REJECTED,
    UNKNOWN_SESSION,
    read_start,
    read_stop,
    write_response,
)
from chalicelib.usecases.hub.command import Wanted, start_for_emsp, stop_for_emsp

_OTHERS = {RESERVE, CANCEL, "UNLOCK_CONNECTOR"}


def command(call: Call) -> Reply:
    name = call.ids["command"]
    if name == START:
        return _start(call)
    if name == STOP:
        return _stop(call)
    if name in _OTHERS:
        return Reply(write_response(NOT_SUPPORTED, f"{name} is not supported here"))
    raise NotFound("command", name, "command")


def _start(call: Call) -> Reply:
    text = call.text
    asked = read_start(parse_object(text))
    wanted = Wanted(
        token=asked.token,
        location_id=asked.location_id,
        evse_uid=asked.evse_uid,
        connector_id=asked.connector_id,
        response_url=asked.response_url,
        reference=asked.reference,
        hash=sha256(text.encode()).hexdigest(),
    )
    try:
        start_for_emsp(call.ports, call.connection, call.to, wanted)
    except NotYet:
        raise  # it may be sent again, and is no refusal
    except DomainError as refusal:
        return Reply(write_response(REJECTED, told(refusal)))
    return Reply(write_response(ACCEPTED))


def _stop(call: Call) -> Reply:
    session_id, response_url = read_stop(call.body)
    try:
        stop_for_emsp(call.ports, call.connection, session_id, response_url)
    except NotFound as unknown:
        return Reply(write_response(UNKNOWN_SESSION, told(unknown)))
    except NotYet:
        raise
    except DomainError as refusal:
        return Reply(write_response(REJECTED, told(refusal)))
    return Reply(write_response(ACCEPTED))


serve_emsps("/commands/{command}", {"POST": command})
