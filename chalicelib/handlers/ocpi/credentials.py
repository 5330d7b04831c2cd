"""How does a peer register, renew its credentials and leave? (credentials 7.2)"""

from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.connection.refusals import NotRegistered
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.envelope.authorization import candidates
from chalicelib.ocpi.v2_2_1.credentials import read_credentials, write_credentials
from chalicelib.ocpi.v2_2_1.versions import versions_url
from chalicelib.usecases.connection.close import close
from chalicelib.usecases.connection.read import token_hash
from chalicelib.usecases.connection.register import accept_registration, accept_renewal


def show(call: Call) -> Reply:
    """The token is the one just shown: only its hash is kept."""
    shown = candidates(call.request.headers.get("authorization", ""))
    token = next(text for text in shown if token_hash(text) == call.connection.token_hash)
    return _ours(call, token)


def register(call: Call) -> Reply:
    theirs = read_credentials(call.body)
    peer = call.connection.id
    token = accept_registration(call.ports, peer, theirs.token, theirs.url, theirs.identities)
    return _ours(call, token)


def renew(call: Call) -> Reply:
    if call.connection.state is not ConnectionState.REGISTERED:
        raise NotRegistered(call.connection.id)
    theirs = read_credentials(call.body)
    peer = call.connection.id
    token = accept_renewal(call.ports, peer, theirs.token, theirs.url, theirs.identities)
    return _ours(call, token)


def leave(call: Call) -> Reply:
    close(call.ports, call.connection.id)
    return Reply()


def _ours(call: Call, token: str) -> Reply:
    return Reply(write_credentials(token, versions_url(call.ports.public_url)))


serve(
    "/ocpi/2.2.1/credentials",
    {"GET": show, "POST": register, "PUT": renew, "DELETE": leave},
    configuration=True,
)
