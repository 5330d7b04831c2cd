"""On what does the contract of ChargePoints run? A CPO in memory, and OCPI over real HTTP.

A rig is the port, what opens it, and what a test may do at the CPO behind it. At each of them
lie L1 to L5, each with an EVSE `L1-1` …, and a charge is over within a quarter of an hour.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import httpx

from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import PartyId, PeerId, TokenId
from chalicelib.domain.money import currency
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.domain.session.charged import ChargerStatus, Cost, ReceivedCdr, ReportedSession
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Tariff, TariffElement
from chalicelib.domain.token.token import Token
from chalicelib.ports.cpo import ChargePoints, CommandAnswer, StartCommand
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.plain import MemorySecrets
from sandbox.peers.cpo.server import application
from tests.contract.ocpi_rig import CONFIG, served
from tests.contract.recording_emsp import EMSP, TOKEN_A, Emsp, reaching

CPO = PartyId("cpo_alf")
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
OURS = {"token": "token-b", "url": f"{EMSP}/versions"}
CHARGE = timedelta(minutes=15)
_SECRET = "ocpi/peer_alf/1"
_NOT_SHOWN = "a token that the CPO never gave"


class Rig(Protocol):
    @property
    def cpos(self) -> ChargePoints: ...
    @property
    def version(self) -> str: ...
    @property
    def versions_url(self) -> str: ...
    def keep(self, token: str) -> None:
        """Our side remembers the token that the CPO gave us."""

    def plan(self, reference: str, answer: str) -> None:
        """What the CPO does with a start: `rejected`, or `lost` (it starts and does not say so)."""

    def later(self, at: datetime) -> None:
        """Time goes on: cars charge, and CDRs are made."""

    def break_down(self, evse_uid: str) -> None:
        """Staff say that it is out of order."""

    def begun(self) -> list[str]:
        """The references of the sessions that are there."""

    def fall_silent(self) -> None:
        """No request is answered, and none has an effect, until it is well again."""

    def recover(self) -> None: ...
    def forget_us(self) -> None:
        """Our token is dead from now on."""


def registered(rig: Rig) -> Connection:
    """The connection that a handshake begun by us leads to."""
    peer = rig.cpos.discover(rig.versions_url, TOKEN_A)
    rig.keep(rig.cpos.register(peer, TOKEN_A, OURS).token)
    return Connection(
        PeerId("peer_alf"),
        ConnectionState.REGISTERED,
        CPO,
        {"DE*ALF": CPO},
        their_token_secret=_SECRET,
        version=peer.version,
        endpoints=peer.endpoints,
    )


def command(reference: str, location: str = "L1", evse: str = "") -> StartCommand:
    token = Token(TokenId("tok_1"), PartyId("par"), "U", "C", "h", valid=True, last_updated=NOW)
    uid = evse or f"{location}-1"
    return StartCommand(token, location, uid, "1", reference, f"{EMSP}/result/{reference}")


class HttpRig:
    """A new simulated CPO behind a server that many tests share; what it pushes, nobody reads."""

    def __init__(self, server: "Server", version: str) -> None:
        self.version = version
        config = {**CONFIG, "versions": [version]}
        read = json.loads(json.dumps(config), parse_float=Decimal)
        server.app = application(read, None, reaching(Emsp(version)))
        self._secrets = MemorySecrets()
        self._url, self._http = server.url, server.http
        self.cpos = OcpiClient(self._secrets, allow_private=True)

    @property
    def versions_url(self) -> str:
        return f"{self._url}/ocpi/cpo/versions"

    def keep(self, token: str) -> None:
        self._secrets.write(_SECRET, token)

    def plan(self, reference: str, answer: str) -> None:
        fault = {"rejected": "start_rejected", "lost": "start_answer_lost"}[answer]
        self._sim("plan", authorization_reference=reference, fault=fault)

    def later(self, at: datetime) -> None:
        self._sim("tick", now=at.isoformat().replace("+00:00", "Z"))

    def break_down(self, evse_uid: str) -> None:
        location = evse_uid.partition("-")[0]
        self._sim("evse", location_id=location, evse_uid=evse_uid, status="OUTOFORDER")

    def begun(self) -> list[str]:
        state = self._http.get(f"{self._url}/sim/state").json()
        return [one["authorization_reference"] for one in state["sessions"] if one["status"]]

    def fall_silent(self) -> None:
        self._sim("outage", requests=1000)

    def recover(self) -> None:
        self._sim("outage", requests=0)

    def forget_us(self) -> None:
        self._secrets.write(_SECRET, _NOT_SHOWN)

    def _sim(self, path: str, **body: Any) -> None:
        answer = self._http.post(f"{self._url}/sim/{path}", json=body)
        assert answer.status_code == 200, answer.text


class Server:
    """An ASGI application that is whatever CPO the present test has."""

    def __init__(self) -> None:
        self.app: Any = None
        self.url = ""
        self.http = httpx.Client()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    with served(server) as server.url, server.http:
        yield server


class MemoryRig:
    """Plays the chargers behind the CPO in memory."""

    version = "2.2.1"
    versions_url = "https://cpo.example/ocpi/cpo/versions"

    def __init__(self) -> None:
        self._at = NOW
        tariff = TariffElement((PriceComponent(Dimension.ENERGY, Decimal("0.49"), 1, Decimal(19)),))
        self.cpos = MemoryCpo(
            token=TOKEN_A,
            identities=["DE*ALF"],
            network=[_location(f"L{number}") for number in range(1, 6)],
            prices=[Tariff("DE", "ALF", "AC", currency("EUR"), (tariff,), NOW)],
        )

    def keep(self, token: str) -> None:
        assert token, "the CPO gave us one"

    def plan(self, reference: str, answer: str) -> None:
        assert reference
        self.cpos.loses_answer = answer == "lost"
        self.cpos.answer = CommandAnswer.REJECTED if answer == "rejected" else self.cpos.answer

    def later(self, at: datetime) -> None:
        for number, reference in enumerate(self.begun()):
            for minutes in (0, 5, 10, 15):
                report = _report(number, reference, NOW + timedelta(minutes=minutes))
                if self._at <= report.last_updated <= at:
                    self.cpos.reports.append(report)
            if self._at < NOW + CHARGE <= at:
                self.cpos.finished.append(_cdr(number, reference))
        self._at = at

    def break_down(self, evse_uid: str) -> None:
        places = self.cpos.network
        self.cpos.network = [_broken(place, evse_uid, self._at) for place in places]

    def begun(self) -> list[str]:
        if self.cpos.answer is not CommandAnswer.ACCEPTED:
            return []
        return [start.authorization_reference for start in self.cpos.starts]

    def fall_silent(self) -> None:
        self.cpos.down = True

    def recover(self) -> None:
        self.cpos.down = False

    def forget_us(self) -> None:
        self.cpos.refuses = True


def _location(id_: str) -> Location:
    plug = Connector("1", "IEC_62196_T2_COMBO", "DC", 120_000, ("AC",))
    return Location(
        peer_id=PeerId("peer_alf"),
        cpo_id=CPO,
        country_code="DE",
        party_id="ALF",
        id=id_,
        name="",
        address="Hauptstraße 1",
        city="Berlin",
        country="DE",
        latitude=Decimal("52.52"),
        longitude=Decimal("13.405"),
        time_zone="Europe/Berlin",
        evses=(Evse(f"{id_}-1", "", EvseStatus.AVAILABLE, (plug,), NOW),),
        last_updated=NOW,
    )


def _broken(place: Location, evse_uid: str, at: datetime) -> Location:
    if place.evses[0].uid != evse_uid:
        return place
    evse = replace(place.evses[0], status=EvseStatus.OUTOFORDER, last_updated=at)
    return replace(place, evses=(evse,), last_updated=at)


def _report(number: int, reference: str, at: datetime) -> ReportedSession:
    over = at >= NOW + CHARGE
    return ReportedSession(
        country_code="DE",
        party_id="ALF",
        id=f"S{number}",
        start=NOW,
        status=ChargerStatus.COMPLETED if over else ChargerStatus.ACTIVE,
        last_updated=at,
        currency=currency("EUR"),
        authorization_reference=reference,
    )


def _cdr(number: int, reference: str) -> ReceivedCdr:
    return ReceivedCdr(
        country_code="DE",
        party_id="ALF",
        id=f"C{number}",
        start=NOW,
        end=NOW + CHARGE,
        currency=currency("EUR"),
        total_cost=Cost(Decimal("4.9"), Decimal("5.831")),
        total_energy_kwh=Decimal(10),
        total_time_h=Decimal("0.25"),
        periods=(),
        last_updated=NOW + CHARGE,
        session_id=f"S{number}",
        authorization_reference=reference,
    )
