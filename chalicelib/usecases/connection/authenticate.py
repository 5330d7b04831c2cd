"""Which peer is calling, by the token that it shows, and may it call this?"""

from collections.abc import Sequence

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import IdentityNotBound, Unauthenticated
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import token_hash
from chalicelib.usecases.records import find

_SEEN_MAX = 1000
_seen: dict[str, PeerId] = {}  # whose a token's row was: its connection is asked each time


def forget() -> None:
    """What a process that begins does not know."""
    _seen.clear()


def authenticate(ports: Ports, candidates: Sequence[str], *, registered: bool = True) -> Connection:
    """The connection whose token is one of the candidates (a header has several readings).

    A peer that is only invited may use versions and credentials, with `registered` False; anywhere
    else its token is not good. Raises Unauthenticated.

    The token's row and the connection are two items. The row says whose a token is, which is
    remembered; the connection has the last word, and is read each time: a token that was renewed
    or a connection that was closed is refused at once.
    """
    if not candidates:
        raise Unauthenticated("the Authorization header shows no credentials token")
    wanted = [keys.ocpi_token(token_hash(token)).pk for token in candidates]
    connection = _remembered(ports, wanted) or _looked_up(ports, wanted)
    if connection is None:
        raise Unauthenticated("this credentials token is not known")
    if connection.state is ConnectionState.CLOSED:
        raise Unauthenticated("this connection was closed")
    if registered and connection.state is not ConnectionState.REGISTERED:
        raise Unauthenticated("this token is for versions and credentials only: register first")
    return connection


def _remembered(ports: Ports, wanted: Sequence[str]) -> Connection | None:
    for row in wanted:
        if row in _seen:
            return _of(ports, _seen[row], row)
    return None


def _looked_up(ports: Ports, wanted: Sequence[str]) -> Connection | None:
    found = {key.pk: item for key, item in ports.store.get_many([Key(pk) for pk in wanted]).items()}
    for row in wanted:
        if row in found:
            peer_id = PeerId(str(found[row].body["peer_id"]))
            if len(_seen) >= _SEEN_MAX:
                _seen.clear()
            _seen[row] = peer_id
            return _of(ports, peer_id, row)
    return None


def _of(ports: Ports, peer_id: PeerId, row: str) -> Connection | None:
    record = find(ports.store, keys.peer(peer_id), Connection)
    return None if record is None or row not in _rows(record.value) else record.value


def _rows(connection: Connection) -> set[str]:
    """Where its tokens stand: the present one, and the one of a renewal that is under way."""
    hashes = {connection.token_hash, connection.next_token_hash} - {""}
    return {keys.ocpi_token(one).pk for one in hashes}


def speaks_for(connection: Connection, country_code: str, party_id: str) -> PartyId:
    """Whose objects a peer may send as `country_code` and `party_id`; IdentityNotBound if none."""
    identity = f"{country_code.upper()}*{party_id.upper()}"
    party = connection.identities.get(identity)
    if party is None:
        raise IdentityNotBound(identity)
    return party
