"""Can a CPO that joined talk with us, and one that left no more? By the tokens that it holds."""

from chalicelib.domain.connection.refusals import Unauthenticated
from chalicelib.usecases import keys
from chalicelib.usecases.connection import authenticate as authentication
from chalicelib.usecases.connection.authenticate import authenticate
from sandbox.simulation.joining import BEGINS_AGAIN, JoiningCpo, registered
from sandbox.simulation.judging.found import Found, Lines


def peers_can_talk(found: Found) -> Lines:
    elbe = found.history.acts.joining
    if elbe is None:
        return
    authentication.forget()
    yield from (f"it could not fetch our versions while {when}" for when in elbe.shut_out)
    let_in = _is_let_in(found, elbe)
    if not elbe.wanted and let_in:
        yield "a CPO that left may still come in"
    if elbe.wanted and elbe.invited < BEGINS_AGAIN:
        yield from _talks(found, elbe, let_in=let_in)
    yield from _parties(found, elbe)


def _talks(found: Found, elbe: JoiningCpo, *, let_in: bool) -> Lines:
    ports = found.history.ports
    known = registered(ports)
    if len(known) != 1:
        yield f"it joined, and has {len(known)} connections"
        return
    if not let_in:
        yield "it joined, and the token that it has is good for nothing"
    if ports.secrets.read(known[0].their_token_secret) != elbe.token:
        yield "it joined, and what we show it is not its token"


def _is_let_in(found: Found, elbe: JoiningCpo) -> bool:
    try:
        authenticate(found.history.ports, [elbe.shows])
    except Unauthenticated:
        return False
    return True


def _parties(found: Found, elbe: JoiningCpo) -> Lines:
    """What a hub tells is kept; a token that was good for nothing meanwhile is the one excuse."""
    for one in registered(found.history.ports) if elbe.parties else ():
        item = found.history.table.get(keys.client_info(one.id, "DE", "ELB"))
        said = elbe.parties[-1].status.value
        if elbe.invited == 1 and (item is None or item.body["status"] != said):
            yield f"its hub says {said}, we have {item and item.body['status']}"
