"""How does a connection end? Its token is good for nothing from one write on."""

from dataclasses import replace

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import NotRegistered
from chalicelib.domain.ids import PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import connection_record


def close(ports: Ports, peer_id: PeerId) -> Connection:
    """Forget the peer's token; its sessions and CDRs stay in the books. Raises NotRegistered."""
    record = connection_record(ports, peer_id)
    if record.value.state is not ConnectionState.REGISTERED:
        raise NotRegistered(peer_id)
    closed = replace(record.value, state=ConnectionState.CLOSED, endpoints={}, token_hash="")
    old = keys.ocpi_token(record.value.token_hash)
    ports.store.write(record.put(closed), Delete(old))
    return closed
