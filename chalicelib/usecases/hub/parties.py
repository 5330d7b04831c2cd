"""Which CPOs stand behind us, and do they answer? A hub's word to a partner that speaks OCPI.

By what the pulls see: they are our test whether a CPO is alive. Behind another hub its word counts.
"""

from datetime import datetime

from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.health import PeerHealth
from chalicelib.domain.ids import PartyId
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import EVERY_CPO
from chalicelib.usecases.connection.health import healths
from chalicelib.usecases.connection.read import all_connections
from chalicelib.usecases.hub.reach import agreed_cpos
from chalicelib.usecases.records import find

_BEST_FIRST = tuple(ConnectionStatus)
_ROLE = "CPO"


def parties(ports: Ports, partner_id: PartyId, identity: str = "") -> list[ClientInfo]:
    """All in order of their names, with `identity` (`CC*PID`) that one; each by its best way.

    Whoever was never connected is not told of.
    """
    agreed = agreed_cpos(ports, partner_id)
    begun = [one for one in all_connections(ports) if not one.emsp and one.registered_at]
    known = healths(ports, [one.id for one in begun])
    found: dict[str, list[ClientInfo]] = {}
    for connection in begun:
        for name, cpo_id in connection.identities.items():
            if identity in {"", name} and not agreed.isdisjoint({cpo_id, EVERY_CPO}):
                told = _told(ports, connection, name, known[connection.id])
                found.setdefault(name, []).append(told)
    return [min(found[name], key=_rank) for name in sorted(found)]


def _rank(info: ClientInfo) -> int:
    return _BEST_FIRST.index(info.status)


def _told(ports: Ports, connection: Connection, identity: str, health: PeerHealth) -> ClientInfo:
    country, _, party = identity.partition("*")
    since = connection.registered_at
    assert since is not None, "it was registered"
    if connection.state is not ConnectionState.REGISTERED:
        at = connection.closed_at or since
        return ClientInfo(country, party, _ROLE, ConnectionStatus.SUSPENDED, at)
    key = keys.client_info(connection.id, country, party)
    record = find(ports.store, key, ClientInfo) if connection.hub else None
    said = None if record is None else record.value
    times: list[datetime] = [since]
    times += [health.turned_at] if health.turned_at else []
    times += [said.last_updated] if said else []
    status = ConnectionStatus.CONNECTED if said is None else said.status
    if status is ConnectionStatus.CONNECTED and not health.reachable:
        status = ConnectionStatus.OFFLINE
    return ClientInfo(country, party, _ROLE, status, max(times))
