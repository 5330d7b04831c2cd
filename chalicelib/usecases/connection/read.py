"""Which OCPI connection is meant?"""

from hashlib import sha256

from chalicelib.domain.codec import from_plain
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, load

_PAGE = 100


def connection_of(ports: Ports, peer_id: PeerId) -> Connection:
    """The connection of a peer; NotFound when there is none."""
    return connection_record(ports, peer_id).value


def connection_record(ports: Ports, peer_id: PeerId) -> Record[Connection]:
    return load(ports.store, keys.peer(peer_id), Connection, "connection")


def connections(ports: Ports) -> list[Connection]:
    """Every CPO's registered connection, in order of its id."""
    return [one for one in _registered(ports) if not one.emsp]


def emsps(ports: Ports) -> list[Connection]:
    """Every registered connection of a partner that speaks OCPI, in order of its id."""
    return [one for one in _registered(ports) if one.emsp]


def all_connections(ports: Ports) -> list[Connection]:
    """Whatever their state and whoever the peer, in order of their ids."""
    ids: list[str] = []
    while True:
        rows = ports.store.query(keys.peers(), after=ids[-1] if ids else "", limit=_PAGE)
        ids.extend(row.key.sk for row in rows)
        if len(rows) < _PAGE:
            break
    found = ports.store.get_many([keys.peer(PeerId(id_)) for id_ in ids])
    all_ = [from_plain(Connection, item.body) for item in found.values()]
    return sorted(all_, key=lambda one: one.id)


def _registered(ports: Ports) -> list[Connection]:
    return [one for one in all_connections(ports) if one.state is ConnectionState.REGISTERED]


def token_hash(token: str) -> str:
    """How a peer's token is kept: 256 random bits need no salt and no slow hash."""
    return sha256(token.encode()).hexdigest()
