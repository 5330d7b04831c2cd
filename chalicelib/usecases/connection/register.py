"""How do two platforms exchange credentials, whoever begins? (credentials 7.1.1 to 7.1.4)

A handshake calls the peer before it writes: what is recorded was seen working, and new tokens are
good, and old ones dead, from one write on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import (
    AlreadyRegistered,
    IdentityNotBound,
    NotRegistered,
    PeerUnusable,
)
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable, Peer
from chalicelib.ports.store import Delete, Put
from chalicelib.usecases import keys
from chalicelib.usecases.connection.invite import checked_identities, creation
from chalicelib.usecases.connection.read import connection_record, token_hash
from chalicelib.usecases.records import Record

UNUSABLE, UNSUPPORTED_VERSION, NO_ENDPOINTS = 3001, 3002, 3003


def accept_registration(
    ports: Ports, peer_id: PeerId, their_token: str, url: str, announced: Sequence[str]
) -> str:
    """A peer POSTs its credentials: the token it shall show from now on (CREDENTIALS_TOKEN_C).

    Raises AlreadyRegistered, IdentityNotBound, or PeerUnusable when its side does not answer.
    """
    record = connection_record(ports, peer_id)
    if record.value.state is not ConnectionState.INVITED:
        raise AlreadyRegistered(peer_id)
    return _take(ports, record, their_token, url, announced)


def accept_renewal(
    ports: Ports, peer_id: PeerId, their_token: str, url: str, announced: Sequence[str]
) -> str:
    """A peer PUTs new credentials: endpoints are fetched again and its token changes."""
    record = connection_record(ports, peer_id)
    if record.value.state is not ConnectionState.REGISTERED:
        raise NotRegistered(peer_id)
    return _take(ports, record, their_token, url, announced)


def register(
    ports: Ports,
    cpo_id: PartyId,
    identities: Mapping[str, PartyId],
    versions_url: str,
    token_a: str,
    *,
    raw_token: bool = False,
) -> Connection:
    """We begin: with the token that the CPO gave us, we POST ours and store theirs.

    Our token works from before the POST, since the CPO fetches our versions during it.
    """
    token_b = ports.ids.secret()
    connection = Connection(
        id=PeerId(ports.ids.new("peer")),
        state=ConnectionState.INVITED,
        cpo_id=cpo_id,
        identities=checked_identities(identities),
        token_hash=token_hash(token_b),
        versions_url=versions_url,
        raw_token=raw_token,
    )
    peer = _discovered(ports, versions_url, token_a, raw_token=raw_token)
    ports.store.write(*creation(connection))
    ours = {"token": token_b, "url": f"{ports.public_url}/ocpi/versions"}
    theirs = ports.cpos.register(peer, token_a, ours, raw_token=raw_token)
    _check_announced(connection, theirs["identities"])
    secret = _secret_name(connection.id, 1)
    ports.secrets.write(secret, theirs["token"])
    record = connection_record(ports, connection.id)
    registered = replace(
        record.value,
        state=ConnectionState.REGISTERED,
        their_token_secret=secret,
        version=peer.version,
        endpoints=peer.endpoints,
        registered_at=ports.clock.now(),
        renewals=1,
    )
    ports.store.write(record.put(registered))
    return registered


def _take(
    ports: Ports, record: Record[Connection], their_token: str, url: str, announced: Sequence[str]
) -> str:
    before = record.value
    _check_announced(before, announced)
    peer = _discovered(ports, url, their_token, raw_token=before.raw_token)
    # A new name each time: were the write below to fail, the old token would still be in place.
    secret = _secret_name(before.id, before.renewals + 1)
    ports.secrets.write(secret, their_token)
    token_c = ports.ids.secret()
    after = replace(
        before,
        state=ConnectionState.REGISTERED,
        token_hash=token_hash(token_c),
        their_token_secret=secret,
        versions_url=url,
        version=peer.version,
        endpoints=peer.endpoints,
        registered_at=ports.clock.now(),
        renewals=before.renewals + 1,
    )
    ports.store.write(
        record.put(after),
        Put(keys.ocpi_token(after.token_hash), {"peer_id": before.id}),
        Delete(keys.ocpi_token(before.token_hash)),
    )
    return token_c


def _secret_name(peer_id: PeerId, number: int) -> str:
    return f"ocpi/{peer_id}/{number}"


def _check_announced(connection: Connection, announced: Sequence[str]) -> None:
    """A peer may announce any identity (ocpi issue 284); one that is not bound is refused."""
    for identity in announced:
        if identity.upper() not in connection.identities:
            raise IdentityNotBound(identity)


def _discovered(ports: Ports, url: str, token: str, *, raw_token: bool) -> Peer:
    try:
        return ports.cpos.discover(url, token, raw_token=raw_token)
    except CpoUnavailable as error:
        raise PeerUnusable(UNUSABLE, f"your versions could not be fetched: {error}") from error
    except CpoRefused as error:
        known = error.status in {UNSUPPORTED_VERSION, NO_ENDPOINTS}
        raise PeerUnusable(error.status if known else UNUSABLE, error.message) from error
