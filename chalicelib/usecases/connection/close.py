"""How does a connection end? Its tokens are good for nothing from one write on."""

from dataclasses import replace

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import NotRegistered
from chalicelib.domain.ids import PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable
from chalicelib.ports.store import Delete
from chalicelib.usecases.connection.read import connection_record
from chalicelib.usecases.connection.register import emsp_endpoint, forgotten
from chalicelib.usecases.hub.news import parties_changed


def close(ports: Ports, peer_id: PeerId) -> Connection:
    """Forget the peer's token; its sessions and CDRs stay in the books. Raises NotRegistered."""
    record = connection_record(ports, peer_id)
    if record.value.state is not ConnectionState.REGISTERED:
        raise NotRegistered(peer_id)
    closed = replace(
        record.value,
        state=ConnectionState.CLOSED,
        closed_at=ports.clock.now(),
        endpoints={},
        token_hash="",
        next_token_hash="",
    )
    told = (Delete(emsp_endpoint(closed)),) if closed.emsp else ()
    ports.store.write(record.put(closed), *forgotten(record.value), *told)
    parties_changed(ports, closed)
    return closed


def leave(ports: Ports, peer_id: PeerId) -> bool:
    """We end it: the peer is told, if it listens, and is let in no more either way.

    True when it knows. Raises NotRegistered.
    """
    connection = connection_record(ports, peer_id).value
    if connection.state is not ConnectionState.REGISTERED:
        raise NotRegistered(peer_id)
    try:
        ports.cpos.leave(connection)
    except (CpoRefused, CpoUnavailable):
        told = False
    else:
        told = True
    close(ports, peer_id)
    return told
