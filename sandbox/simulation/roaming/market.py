"""What is there before a history with eMSPs begins? The market, told by OCPI, and two eMSPs of it.

One speaks for the partner that pays from a balance, one for the fleet that pays by invoice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.network.location import Connector, Location
from chalicelib.domain.session.preferences import CAPABILITY as WISHES
from chalicelib.domain.session.reservation import CAPABILITY as RESERVABLE
from chalicelib.ports.cpo import Theirs
from chalicelib.ports.store import Delete
from chalicelib.usecases import keys
from chalicelib.usecases.connection.invite import invite_emsp
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.connection.register import accept_registration
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.accept_tariff import accept_tariff
from sandbox.memory.plain import MemoryClock, MemoryIds
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import PARTNERS
from sandbox.simulation.market import Market, Place, market_of
from sandbox.simulation.table import SimulatedTable

IDENTITIES = {PaymentMethod.PREPAID: "NL*INS", PaymentMethod.INVOICE: "NL*FLT"}
_VERSION = "2.2.1"


@dataclass(frozen=True, slots=True)
class RoamingMarket:
    """`files` are the tariffs as they were published; `ids` gives none that was given before."""

    market: Market
    personal: SimulatedTable
    files: Mapping[str, bytes]
    emsps: Mapping[PaymentMethod, Connection]
    ids: MemoryIds


@cache
def roaming_market_of(day: datetime, cpos: int) -> RoamingMarket:
    """Made by the use cases; histories fork its tables."""
    market = market_of(day, cpos)
    table, personal = market.table.fork(), SimulatedTable()
    clock = MemoryClock(day - timedelta(hours=1))
    ports = MemoryPorts(clock=clock, store=table, personal=personal)
    for place in market.places:
        _told(ports, place)
    emsps = {method: _joined(ports, method) for method in IDENTITIES}
    table.stream.clear()
    files = dict(ports.files.content)
    return RoamingMarket(replace(market, table=table), personal, files, emsps, ports.ids)


def _told(ports: MemoryPorts, place: Place) -> None:
    """The CPO publishes what the market knew without OCPI."""
    pk = keys.tariff_versions(place.peer, *place.party, place.tariff.id)
    for row in ports.store.query(pk):
        ports.store.write(Delete(row.key))
    accept_tariff(ports, place.connection, place.tariff, raw_of(place.tariff.id))
    accept_location(ports, place.connection, priced(place), raw_of(place.location.id))


def priced(place: Place) -> Location:
    """The place as its CPO tells it: its connectors name its own tariff, its chargers can more."""
    evses = tuple(
        replace(
            evse,
            connectors=tuple(_by(plug, place.tariff.id) for plug in evse.connectors),
            capabilities=(RESERVABLE, WISHES),
        )
        for evse in place.location.evses
    )
    return replace(place.location, evses=evses)


def _by(plug: Connector, tariff_id: str) -> Connector:
    return replace(plug, tariff_ids=(tariff_id,))


def raw_of(name: str) -> str:
    """An object's JSON; what else is in it does not matter here."""
    return f'{{"id":"{name}"}}'


def _joined(ports: MemoryPorts, method: PaymentMethod) -> Connection:
    """Staff invites the eMSP, and it registers."""
    identity = IDENTITIES[method]
    invitation = invite_emsp(ports, PARTNERS[method], [identity])
    theirs = Theirs("theirs", f"https://{method.value}.example/versions", (), emsps=(identity,))
    accept_registration(ports, invitation.connection.id, theirs, _VERSION)
    return connection_of(ports, invitation.connection.id)
