"""How does a peer register, renew its credentials and leave? (credentials 7.2)"""

from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.connection.refusals import NotRegistered
from chalicelib.handlers.ocpi.endpoint import Call, Kind, Reply, serve
from chalicelib.ocpi.envelope.authorization import candidates
from chalicelib.ports.cpo import Theirs
from chalicelib.usecases.connection.close import close
from chalicelib.usecases.connection.read import token_hash
from chalicelib.usecases.connection.register import (
    accept_registration,
    accept_renewal,
    check_version,
    ours,
)


def show(call: Call) -> Reply:
    """The token is the one just shown: only its hash is kept."""
    check_version(call.connection, call.version)
    shown = candidates(call.request.headers.get("authorization", ""))
    known = {call.connection.token_hash, call.connection.next_token_hash}
    token = next(text for text in shown if token_hash(text) in known)
    return _ours(call, token)


def register(call: Call) -> Reply:
    peer, theirs = call.connection.id, _theirs(call)
    return _ours(call, accept_registration(call.ports, peer, theirs, call.version))


def renew(call: Call) -> Reply:
    if call.connection.state is not ConnectionState.REGISTERED:
        raise NotRegistered(call.connection.id)
    peer, theirs = call.connection.id, _theirs(call)
    return _ours(call, accept_renewal(call.ports, peer, theirs, call.version))


def leave(call: Call) -> Reply:
    close(call.ports, call.connection.id)
    return Reply()


def _theirs(call: Call) -> Theirs:
    check_version(call.connection, call.version)
    told = call.language.read_credentials(call.body)
    return Theirs(told.token, told.url, told.identities, told.hub, told.emsps)


def _ours(call: Call, token: str) -> Reply:
    told = ours(call.ports, call.connection, token)
    return Reply(call.language.write_credentials(token, told["url"], told.get("cpos")))


serve(
    "/credentials",
    {"GET": show, "POST": register, "PUT": renew, "DELETE": leave},
    Kind.HANDSHAKE,
)
