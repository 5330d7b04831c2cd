"""How do we change tokens with a peer, or speak a newer version with it? We PUT our credentials.

The peer fetches our versions during the PUT, and may show our new token from then on, whether its
answer reaches us or not: so both tokens are good until the answer is there.
"""

from dataclasses import replace

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import NotRegistered, PeerUnusable
from chalicelib.domain.ids import PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused
from chalicelib.ports.store import Delete, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import connection_record, token_hash
from chalicelib.usecases.connection.register import UNUSABLE, agreed, discovered, ours
from chalicelib.usecases.records import Record


def renew(ports: Ports, peer_id: PeerId, version: str = "") -> Connection:
    """New tokens both ways, in a version or in the newest mutual one.

    Raises NotRegistered, PeerUnusable when the peer says no (all is as before), and
    CpoUnavailable when it does not answer: then either token is good, and it can be repeated.
    """
    record = connection_record(ports, peer_id)
    before = record.value
    if before.state is not ConnectionState.REGISTERED:
        raise NotRegistered(peer_id)
    shown = ports.secrets.read(before.their_token_secret)
    peer, raw = discovered(ports, before.versions_url, shown, before, version)
    token = ports.ids.secret()
    _offer(ports, record, token_hash(token))
    try:
        theirs = ports.cpos.register(
            peer, shown, ours(ports, before, token), renewing=True, raw_token=raw
        )
    except CpoRefused as refusal:
        _offer(ports, connection_record(ports, peer_id), "")
        raise PeerUnusable(UNUSABLE, refusal.message) from refusal
    record = connection_record(ports, peer_id)
    known = agreed(ports, record.value, theirs, peer)
    after = replace(known, token_hash=token_hash(token), raw_token=raw)
    ports.store.write(record.put(after), Delete(keys.ocpi_token(before.token_hash)))
    return after


def _offer(ports: Ports, record: Record[Connection], hash_: str) -> None:
    """Let a token be good beside the present one; none when empty."""
    before = record.value.next_token_hash
    writes: list[Write] = [record.put(replace(record.value, next_token_hash=hash_))]
    if before:
        writes.append(Delete(keys.ocpi_token(before)))
    if hash_:
        writes.append(Put(keys.ocpi_token(hash_), {"peer_id": record.value.id}))
    ports.store.write(*writes)
