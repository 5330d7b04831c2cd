"""Which peer is calling, by the token that it shows, and may it call this?"""

from collections.abc import Sequence

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import IdentityNotBound, Unauthenticated
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import token_hash
from chalicelib.usecases.records import find


def authenticate(ports: Ports, candidates: Sequence[str], *, registered: bool = True) -> Connection:
    """The connection whose token is one of the candidates (a header has several readings).

    A peer that is only invited may use versions and credentials, with `registered` False; anywhere
    else its token is not good. Raises Unauthenticated.
    """
    if not candidates:
        raise Unauthenticated("the Authorization header shows no credentials token")
    wanted = [keys.ocpi_token(token_hash(token)) for token in candidates]
    found = ports.store.get_many(wanted)
    for key in wanted:
        if key in found:
            peer_id = PeerId(str(found[key].body["peer_id"]))
            return _good(ports, peer_id, key.pk, registered=registered)
    raise Unauthenticated("this credentials token is not known")


def _good(ports: Ports, peer_id: PeerId, key: str, *, registered: bool) -> Connection:
    record = find(ports.store, keys.peer(peer_id), Connection)
    # The token's row and the connection are two items: the connection has the last word.
    if record is None or key not in _rows(record.value):
        raise Unauthenticated("this credentials token is not known")
    connection = record.value
    if connection.state is ConnectionState.CLOSED:
        raise Unauthenticated("this connection was closed")
    if registered and connection.state is not ConnectionState.REGISTERED:
        raise Unauthenticated("this token is for versions and credentials only: register first")
    return connection


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
