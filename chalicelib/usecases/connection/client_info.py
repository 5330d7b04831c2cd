"""What does a hub tell of the parties behind it, and may one of them be sent anything now?

It is information only: who may speak for whom is what staff bound, whatever a hub says.
"""

from contextlib import suppress

from chalicelib.domain.codec import instant_text, to_plain
from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus, NotAHub
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.dates import is_older
from chalicelib.domain.connection.refusals import UpdateOutdated
from chalicelib.domain.errors import NotFound, NotYet
from chalicelib.domain.ids import PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.connection.health import doubt
from chalicelib.usecases.hub.news import party_changed
from chalicelib.usecases.records import find


def accept_client_info(
    ports: Ports, connection: Connection, info: ClientInfo, *, pulled: bool = False
) -> bool:
    """Keep what the hub says; True when it was news. Raises NotAHub, UpdateOutdated.

    Of two pushes with one `last_updated` the next list tells which holds.
    """
    if not connection.hub:
        raise NotAHub(connection.id)
    key = keys.client_info(connection.id, info.country_code, info.party_id)
    record = find(ports.store, key, ClientInfo)
    if record is not None and record.value == info:
        return False
    known_at = info.last_updated if record is None else record.value.last_updated
    if is_older(info.last_updated, known_at, ports.clock.now()):
        known = instant_text(known_at)
        raise UpdateOutdated("client info", f"{info.country_code}*{info.party_id}", known)
    if record is not None and info.last_updated == record.value.last_updated and not pulled:
        doubt(ports, connection.id, "hubclientinfo", info.last_updated)
    expects = 0 if record is None else record.version
    ports.store.write(Put(key, to_plain(info), expects=expects))
    if info.id in connection.identities:
        with suppress(NotYet, WriteConflict):  # it is kept: eMSPs may read it
            party_changed(ports, info.id)
    return True


def client_info(ports: Ports, peer_id: PeerId, country_code: str, party_id: str) -> ClientInfo:
    """What a hub last said of a party. Raises NotFound."""
    record = find(ports.store, keys.client_info(peer_id, country_code, party_id), ClientInfo)
    if record is None:
        raise NotFound("client info", f"{country_code}*{party_id}", "party_id")
    return record.value


def reachable(ports: Ports, connection: Connection, identity: str) -> bool:
    """False when its hub says that a party (`CC*PID`) takes no requests now; else it may try."""
    if not connection.hub or not identity:
        return True
    country, _, party = identity.partition("*")
    record = find(ports.store, keys.client_info(connection.id, country, party), ClientInfo)
    return record is None or record.value.status is ConnectionStatus.CONNECTED
