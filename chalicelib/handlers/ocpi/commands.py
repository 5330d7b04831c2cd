"""How does a charger's own answer to a command come back? (mod_commands 13.2.2)"""

from chalicelib.domain.errors import NotFound
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.v2_2_1.command import START, STOP, read_answer
from chalicelib.usecases.session.start_result import command_result


def result(call: Call) -> Reply:
    """To the `response_url` of one command, which names the session; another's is not found."""
    command = call.ids["command"]
    if command not in {START, STOP}:
        raise NotFound("command", command, "command")
    answer = read_answer(call.body)
    command_result(call.ports, call.connection.id, command, call.ids["session_id"], answer)
    return Reply()


serve("/ocpi/2.2.1/commands/{command}/{session_id}/{nonce}", {"POST": result})
