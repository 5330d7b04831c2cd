"""How do two platforms exchange credentials, whoever begins? (credentials 7.1.1 to 7.1.4)

A handshake calls the peer before it writes: what is recorded was seen working, and new tokens are
good, and old ones dead, from one write on.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.codec import to_plain
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.ours import HUB_VERSIONS
from chalicelib.domain.connection.refusals import (
    AlreadyRegistered,
    IdentityNotBound,
    NotRegistered,
    PeerUnusable,
)
from chalicelib.domain.errors import Invalid
from chalicelib.domain.event.endpoint import WebhookEndpoint
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable, Peer, Theirs
from chalicelib.ports.store import Delete, Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.connection.invite import checked_identities, creation
from chalicelib.usecases.connection.read import connection_record, token_hash
from chalicelib.usecases.hub.news import parties_changed
from chalicelib.usecases.hub.reach import identities as reached
from chalicelib.usecases.records import Record

UNUSABLE, UNSUPPORTED_VERSION, NO_ENDPOINTS = 3001, 3002, 3003
_TOKEN_REFUSED = {401, 403, *range(2000, 3000)}  # over HTTP, or in an envelope
TOLD_TO_EMSPS = (
    *("session.started", "session.ended", "session.receipt"),
    *("session.refunded", "session.refused", "session.abandoned"),
    *("reservation.held", "reservation.refused", "reservation.cancelled"),
)


def accept_registration(ports: Ports, peer_id: PeerId, theirs: Theirs, version: str) -> str:
    """A peer POSTs its credentials: the token it shall show from now on (CREDENTIALS_TOKEN_C).

    `version` is that of the endpoint it came to, which is the one agreed. Raises
    AlreadyRegistered, IdentityNotBound, or PeerUnusable when its side does not answer.
    """
    record = connection_record(ports, peer_id)
    if record.value.state is not ConnectionState.INVITED:
        raise AlreadyRegistered(peer_id)
    token = _take(ports, record, theirs, version)
    parties_changed(ports, record.value)
    return token


def accept_renewal(ports: Ports, peer_id: PeerId, theirs: Theirs, version: str) -> str:
    """A peer PUTs new credentials: endpoints are fetched again and its token changes.

    At another version's endpoint than before, this is the change to that version.
    """
    record = connection_record(ports, peer_id)
    if record.value.state is not ConnectionState.REGISTERED:
        raise NotRegistered(peer_id)
    return _take(ports, record, theirs, version)


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

    Our token works from before the POST, since the CPO fetches our versions during it. Raises
    IdentityNotBound when all is kept, for staff to hear whom the CPO announced beside.
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
    peer, raw = discovered(ports, versions_url, token_a, connection)
    connection = replace(connection, raw_token=raw)
    ports.store.write(*creation(connection))
    theirs = ports.cpos.register(peer, token_a, ours(ports, connection, token_b), raw_token=raw)
    record = connection_record(ports, connection.id)
    registered = agreed(ports, record.value, theirs, peer)
    ports.store.write(record.put(registered))
    parties_changed(ports, registered)
    bound(registered, theirs)
    return registered


def _take(ports: Ports, record: Record[Connection], theirs: Theirs, version: str) -> str:
    before = record.value
    bound(before, theirs)
    peer, raw = discovered(ports, theirs.url, theirs.token, before, version)
    token_c = ports.ids.secret()
    known = agreed(ports, before, theirs, peer)
    after = replace(known, token_hash=token_hash(token_c), raw_token=raw)
    row = Put(keys.ocpi_token(after.token_hash), {"peer_id": before.id})
    ports.store.write(record.put(after), row, *forgotten(before), *_listening(ports, after))
    return token_c


def _listening(ports: Ports, connection: Connection) -> tuple[Write, ...]:
    """An eMSP is told of its sessions as a partner's webhook endpoint is, with the same retries."""
    if not connection.emsp:
        return ()
    endpoint = WebhookEndpoint(
        id=emsp_endpoint(connection).sk.partition("#")[2],
        partner_id=connection.partner,
        url=connection.versions_url,
        events=TOLD_TO_EMSPS,
        secret_name="",
        made_at=ports.clock.now(),
        peer_id=connection.id,
    )
    return (Put(emsp_endpoint(connection), to_plain(endpoint), expects=None),)


def emsp_endpoint(connection: Connection) -> Key:
    return keys.endpoint(connection.partner, f"ocpi_{connection.id}")


def ours(ports: Ports, connection: Connection, token: str) -> dict[str, Any]:
    """What we tell a peer: the token that it shall show, and where our versions are.

    An eMSP is also told of the CPOs that we stand for.
    """
    told = {"token": token, "url": f"{ports.public_url}/ocpi/versions"}
    if connection.emsp:
        return {**told, "cpos": reached(ports, connection.partner)}
    return told


def agreed(ports: Ports, before: Connection, theirs: Theirs, peer: Peer) -> Connection:
    """The connection after a handshake; their token is kept as a secret.

    A new secret each time: were the write that follows to fail, the old token would be in place.
    Whom the answer to our own call announces beside those who are bound is not heard; refused, the
    peer's new token would be lost, and the old one is dead.
    """
    announced = heard(before, theirs) or before.announced
    side = "ocpi/emsp" if before.emsp else "ocpi"  # the API asks eMSPs itself, and no CPO
    secret = f"{side}/{before.id}/{before.renewals + 1}"
    ports.secrets.write(secret, theirs.token)
    return replace(
        before,
        state=ConnectionState.REGISTERED,
        their_token_secret=secret,
        versions_url=theirs.url,
        version=peer.version,
        endpoints=peer.endpoints,
        registered_at=ports.clock.now(),
        renewals=before.renewals + 1,
        announced=announced,
        hub=theirs.hub.upper(),
        next_token_hash="",
    )


def bound(connection: Connection, theirs: Theirs) -> tuple[str, ...]:
    """Whom the peer announces of those that it may speak for. Raises IdentityNotBound.

    A peer may announce any identity (ocpi issue 284): one that is not bound is refused. A hub
    announces all who are reached through it; whoever is not bound to it is not heard.
    """
    roles = _roles(connection, theirs)
    if not roles and (connection.emsp or not theirs.hub):
        wanted = "an eMSP" if connection.emsp else "a CPO or a hub"
        raise Invalid("roles", f"do not name {wanted}, as was agreed for these credentials")
    unbound = [identity for identity in roles if identity not in connection.identities]
    if unbound and (connection.emsp or not theirs.hub):
        raise IdentityNotBound(unbound[0])
    return heard(connection, theirs)


def heard(connection: Connection, theirs: Theirs) -> tuple[str, ...]:
    """Whom the peer announces of those that it may speak for."""
    roles = _roles(connection, theirs)
    return tuple(identity for identity in roles if identity in connection.identities)


def _roles(connection: Connection, theirs: Theirs) -> list[str]:
    roles = theirs.emsps if connection.emsp else theirs.identities
    return [identity.upper() for identity in roles]


def forgotten(connection: Connection) -> tuple[Write, ...]:
    """The deletion of every token that a peer could show so far."""
    hashes = {connection.token_hash, connection.next_token_hash} - {""}
    return tuple(Delete(keys.ocpi_token(one)) for one in sorted(hashes))


def check_version(connection: Connection, version: str) -> None:
    """Refuse an eMSP a version in which we are no CPOs: PeerUnusable."""
    if connection.emsp and version not in HUB_VERSIONS:
        spoken = " and ".join(HUB_VERSIONS)
        raise PeerUnusable(UNSUPPORTED_VERSION, f"we are CPOs in OCPI {spoken} only")


def discovered(
    ports: Ports, url: str, token: str, connection: Connection, version: str = ""
) -> tuple[Peer, bool]:
    """Their endpoints in a version, or in the newest mutual one; and whether our token goes raw.

    An eMSP keeps its own version. Raises PeerUnusable.
    """
    emsp = connection.emsp
    spoken = version or (connection.version if emsp else "")
    check_version(connection, spoken)

    def ask(*, raw: bool) -> tuple[Peer, bool]:
        return ports.cpos.discover(url, token, version=spoken, raw_token=raw, emsp=emsp), raw

    try:
        return _in_either_form(ask, raw=connection.raw_token)
    except CpoUnavailable as error:
        raise PeerUnusable(UNUSABLE, f"your versions could not be fetched: {error}") from error
    except CpoRefused as error:
        known = error.status in {UNSUPPORTED_VERSION, NO_ENDPOINTS}
        raise PeerUnusable(error.status if known else UNUSABLE, error.message) from error


def _in_either_form(ask: Callable[..., tuple[Peer, bool]], *, raw: bool) -> tuple[Peer, bool]:
    """Base64 is the standard; many peers of 2.1.1 and 2.2 take the token as it is.

    Nobody can know beforehand. Fetching versions changes nothing, so that it may be tried twice.
    """
    try:
        return ask(raw=raw)
    except CpoRefused as refusal:
        if refusal.status not in _TOKEN_REFUSED:
            raise
        try:
            return ask(raw=not raw)
        except CpoRefused as again:
            raise (refusal if again.status in _TOKEN_REFUSED else again) from again
