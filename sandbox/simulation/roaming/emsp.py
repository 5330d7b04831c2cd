"""What does an eMSP do? It keeps what it is told, and answers for its drivers as trips say."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.hub.card import Answer, AtCharger
from chalicelib.domain.hub.offered import Offered
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import PeerId
from chalicelib.domain.token.authorization import Allowed
from chalicelib.domain.token.token import RFID
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable
from sandbox.memory.emsp import MemoryEmsp
from sandbox.simulation.roams import SILENT, UNKNOWN, Roams
from sandbox.simulation.trip import Trip

_UNKNOWN_TOKEN = 2004


@dataclass
class SimulatedEmsp(MemoryEmsp):
    """`drivers` are the tokens that it lists, each of one trip."""

    connection: Connection = field(kw_only=True)
    trips: dict[str, Trip] = field(default_factory=dict)  # by its token's uid

    offered: list[Offered] = field(default_factory=list)
    issued: dict[int, EmspToken] = field(default_factory=dict)  # by trip

    @property
    def identity(self) -> str:
        (identity,) = self.connection.identities
        return identity

    def issue(self, trip: Trip, roams: Roams, at: datetime) -> EmspToken:
        """A driver's token; it is listed from now on, unless only a command will name it."""
        country, _, party = self.identity.partition("*")
        uid = f"CARD{trip.number}"
        token = EmspToken(
            country_code=country,
            party_id=party,
            uid=uid,
            type=RFID if roams.by_card else "APP_USER",
            contract_id=f"{country}-{party}-C{trip.number}",
            valid=True,
            last_updated=at,
            raw="{}",
            whitelist=roams.whitelist,
        )
        self.trips[uid], self.issued[trip.number] = trip, token
        if roams.token:
            self.drivers.append(token)
        return token

    def block(self, token: EmspToken, at: datetime) -> EmspToken:
        blocked = replace(token, valid=False, last_updated=at)
        self.drivers[self.drivers.index(token)] = blocked
        return blocked

    def session_of(self, token: EmspToken) -> str:
        """Our id of a driver's charge, as far as it was told of it; "": not yet."""
        told = [one.id for one in self.sessions if one.token.uid == token.uid]
        return told[-1] if told else ""

    def put_location(self, connection: Connection, told: Offered, evse_uid: str) -> None:
        super().put_location(connection, told, evse_uid)
        self.offered.append(told)

    def authorize(self, connection: Connection, token: EmspToken, where: AtCharger) -> Answer:
        super().authorize(connection, token, where)
        roams = self.trips[token.uid].roams
        assert roams is not None, "it is an eMSP's driver"
        if roams.says == SILENT:
            raise CpoUnavailable("the eMSP does not answer")
        if roams.says == UNKNOWN:
            raise CpoRefused(_UNKNOWN_TOKEN, "no such token")
        return Answer(Allowed(roams.says), reference=f"theirs-{token.uid}")


class SimulatedEmsps:
    """All of them as one port: whom a connection leads to."""

    def __init__(self, emsps: Mapping[PeerId, SimulatedEmsp]) -> None:
        self._emsps = emsps

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of the port
        def call(connection: Connection, *args: Any) -> Any:  # noqa: ANN401
            return getattr(self._emsps[connection.id], name)(connection, *args)

        return call
