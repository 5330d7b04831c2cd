"""How does a charger's own answer to a command come back? (mod_commands 13.2.2)"""

from chalicelib.domain.errors import NotFound
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.envelope.command import (
    CANCEL,
    RESERVE,
    START,
    STOP,
    UNLOCK,
    read_answer,
)
from chalicelib.usecases.effect.unlocking import unlock_result
from chalicelib.usecases.reservation.run import reservation_result
from chalicelib.usecases.session.start_result import command_result


def result(call: Call) -> Reply:
    """To the `response_url` of one command, which names what it is about; another's is not found.

    CANCEL_RESERVATION needs no result: what was given back is given back.
    """
    command, about = call.ids["command"], call.ids["about_id"]
    if command not in {START, STOP, RESERVE, CANCEL, UNLOCK}:
        raise NotFound("command", command, "command")
    answer = read_answer(call.body)
    if command == RESERVE:
        reservation_result(call.ports, call.connection.id, about, answer, call.ids["nonce"])
    elif command == UNLOCK:
        unlock_result(call.ports, call.connection.id, about, call.ids["nonce"], answer)
    elif command in {START, STOP}:
        command_result(call.ports, call.connection.id, command, about, answer)
    return Reply()


serve("/commands/{command}/{about_id}/{nonce}", {"POST": result})
