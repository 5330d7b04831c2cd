"""What happens in a history with eMSPs? Their drivers charge by command or by card, beside others.

A session of theirs is only known when we have made it: it is found by its driver's token.
"""

from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any

from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import SessionId, TokenId
from chalicelib.domain.session.session import Session
from chalicelib.domain.token.authorization import Allowed
from chalicelib.domain.token.token import RFID
from chalicelib.usecases import keys
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.hub.command import Wanted, start_for_emsp, stop_for_emsp
from chalicelib.usecases.hub.pull_tokens import pull_tokens
from chalicelib.usecases.hub.tokens import accept_token
from chalicelib.usecases.network import recent
from chalicelib.usecases.records import find
from chalicelib.usecases.token.authorize import authorize
from chalicelib.usecases.token.issue import token_id_of
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import PARTNERS
from sandbox.simulation.faults import Faults
from sandbox.simulation.history import Asked, History
from sandbox.simulation.market import Market
from sandbox.simulation.roaming.emsp import SimulatedEmsp, SimulatedEmsps
from sandbox.simulation.roaming.market import priced, roaming_market_of
from sandbox.simulation.roams import Roams
from sandbox.simulation.running import End, Ran
from sandbox.simulation.trip import Scenario, Trip

_COMMAND_TRIES_S = (2, 5, 20, 60, 120, 240)
_PUSH_TRIES = 2  # what it gives up it lists
_HOLDS = 3  # of a card whose charger shows nothing
_STOP_TRIES = 8  # of an app, five minutes apart, that does not know what to stop
_HOUR = timedelta(hours=1)
_BLOCKED_BEFORE = timedelta(minutes=150)
_MORNING_MIN = 1  # when tokens are told


@cache
def _market_of(day: datetime, cpos: int) -> Market:
    return roaming_market_of(day, cpos).market


class ByToken(dict[str, Trip]):
    """Trips by session; that of a session which was not seen before is asked for."""

    def __init__(self, meet: Callable[[str], Trip]) -> None:
        super().__init__()
        self._meet = meet

    def __missing__(self, session_id: str) -> Trip:
        trip = self[session_id] = self._meet(session_id)
        return trip


class RoamingHistory(History):
    """`started` are the answers to commands and cards, by trip; `stopped` those to a stop."""

    begun = staticmethod(_market_of)

    def __init__(self, scenario: Scenario, faults: Faults, random: Random) -> None:
        recent.forget()  # every process begins without
        self.tokens: dict[TokenId, Trip] = {}
        self.started: dict[int, list[Ran]] = {}
        self.stopped: dict[int, list[Ran]] = {}
        self.blocked: set[str] = set()  # uids of which we have confirmed it
        self.let_though_blocked: list[int] = []  # trips
        super().__init__(scenario, faults, random)
        self._every_hour(self.scenario.day + _HOUR)

    def sessions(self) -> list[Session]:
        for pk in self.table.partitions("session#"):
            self.trips[pk.partition("#")[2]]  # whom we did not know is met
        return super().sessions()

    def emsp_of(self, trip: Trip) -> SimulatedEmsp:
        return self.emsps[trip.method]

    # What eMSPs send.

    def tell_token(self, emsp: SimulatedEmsp, token: EmspToken, tries: int = 0) -> None:
        """A push may be lost, or given up: then it is in the list that is pulled."""

        def accept(ports: Any) -> bool:  # noqa: ANN401 - the guarded bundle
            connection = connection_of(ports, emsp.connection.id)
            speaks_for(connection, token.country_code, token.party_id)
            return accept_token(ports, connection.partner, token)

        ran = self.processes.run("accept_emsp_token", accept)
        if ran.end is End.DONE and not token.valid:
            self.blocked.add(token.uid)
        if not ran.answered and tries < _PUSH_TRIES:
            again = partial(self.tell_token, emsp, token, tries + 1)
            self.post.send("push", again, after_s=60)

    def command(self, trip: Trip, token: EmspToken, tries: int = 0) -> None:
        """START_SESSION, and the same again until it is answered."""
        emsp, place = self.emsp_of(trip), self.market.places[trip.cpo]
        self.asked_at[trip.number] = self.clock.at
        wanted = Wanted(
            token=token,
            location_id=place.location.id,
            evse_uid="E1",
            connector_id="1",
            response_url=f"https://emsp.example/results/start/{trip.number}",
            reference=f"theirs-{token.uid}",
            hash=f"start {trip.number}",
        )

        def begin(ports: Any) -> Session:  # noqa: ANN401
            connection = connection_of(ports, emsp.connection.id)
            return start_for_emsp(ports, connection, "*".join(place.party), wanted)

        ran = self.processes.run("emsp_start", begin)
        self.started[trip.number].append(ran)
        if not ran.answered and tries < len(_COMMAND_TRIES_S):
            again = partial(self.command, trip, token, tries + 1)
            self.post.send("partner", again, after_s=_COMMAND_TRIES_S[tries])

    def stop_command(self, trip: Trip, token: EmspToken, tries: int = 0) -> None:
        """STOP_SESSION of what the eMSP was told of; as long as it knows nothing it waits."""
        emsp = self.emsp_of(trip)
        session_id = emsp.session_of(token)
        url = f"https://emsp.example/results/stop/{trip.number}"
        ran = None
        if session_id:
            ran = self.processes.run(
                "emsp_stop",
                lambda ports: stop_for_emsp(
                    ports, connection_of(ports, emsp.connection.id), session_id, url
                ),
            )
            self.stopped[trip.number].append(ran)
        if (ran is None or not ran.answered) and tries < _STOP_TRIES:
            again = partial(self.stop_command, trip, token, tries + 1)
            self.post.send("partner", again, after_s=10 if ran else 300)

    # What a card at the charger does.

    def hold_card(self, trip: Trip, *, leaves: bool, tries: int = 0) -> None:
        """The CPO asks us in real time; without an answer the driver holds it again."""
        place, uid = self.market.places[trip.cpo], f"CARD{trip.number}"
        self.asked_at[trip.number], blocked = self.clock.at, uid in self.blocked
        ran = self.processes.run(
            "authorize",
            lambda ports: authorize(
                ports, connection_of(ports, place.peer), uid, {RFID}, place.location.id, ("E1",)
            ),
        )
        self.started[trip.number].append(ran)
        if not ran.answered and tries < _HOLDS:
            again = partial(self.hold_card, trip, leaves=leaves, tries=tries + 1)
            self.post.send("driver", again, after_s=60)
        elif ran.end is not End.DONE or ran.value.allowed is not Allowed.ALLOWED:
            return
        elif blocked:
            self.let_though_blocked.append(trip.number)
        elif not leaves:
            self.cpos[place.peer].begin_later(trip, ran.value.reference, uid)

    # The making of it.

    def _ports(self) -> MemoryPorts:
        ports = super()._ports()
        there = roaming_market_of(self.scenario.day, len(self.market.places))
        ports.personal, ports.ids = there.personal.fork(), copy(there.ids)
        ports.files.content.update(there.files)
        self.trips = ByToken(self._meet)
        for cpo in self.cpos.values():
            cpo.trips = self.trips
            cpo.network[:], cpo.prices[:] = [priced(cpo.place)], [cpo.place.tariff]
        self.emsps = {
            method: SimulatedEmsp(connection=connection)
            for method, connection in there.emsps.items()
        }
        by_peer = {emsp.connection.id: emsp for emsp in self.emsps.values()}
        ports.emsps = SimulatedEmsps(by_peer)  # type: ignore[assignment] # one for all
        return ports

    def _plan(self, trip: Trip) -> None:
        if trip.roams is None:
            super()._plan(trip)
            return
        emsp, day = self.emsp_of(trip), self.scenario.day
        at, tells_at = day + timedelta(minutes=trip.at), day + timedelta(minutes=_MORNING_MIN)
        token = emsp.issue(trip, trip.roams, day)
        partner = PARTNERS[trip.method]
        self.tokens[token_id_of(self.ports, partner, token.reference)] = trip
        self.started[trip.number], self.stopped[trip.number] = [], []
        unknown = SessionId(f"ses_of_trip_{trip.number}")
        place = self.market.places[trip.cpo]
        self.asked.append(Asked(trip, place, unknown, keys.session(unknown)))
        if trip.roams.token in {"pushed", "blocked"}:
            self.post.send("push", partial(self.tell_token, emsp, token), at=tells_at)
        if trip.roams.token == "blocked":
            blocked_at = max(at - _BLOCKED_BEFORE, tells_at + _HOUR / 2)
            self.post.send("driver", partial(self._block, emsp, token), at=blocked_at)
        if trip.roams.by_card:
            self._plan_card(trip, trip.roams, at)
        else:
            self.post.send("partner", partial(self.command, trip, token), at=at)
        if trip.stops_after is not None:
            stops_at = at + timedelta(minutes=trip.stops_after, seconds=1)
            self.post.send("partner", partial(self.stop_command, trip, token), at=stops_at)

    def _plan_card(self, trip: Trip, roams: Roams, at: datetime) -> None:
        leaves = bool(roams.holds_again)
        self.post.send("driver", partial(self.hold_card, trip, leaves=leaves), at=at)
        if leaves:
            later = at + timedelta(minutes=roams.holds_again)
            self.post.send("driver", partial(self.hold_card, trip, leaves=False), at=later)

    def _block(self, emsp: SimulatedEmsp, token: EmspToken) -> None:
        blocked = emsp.block(token, self.clock.at)
        self.post.send("push", partial(self.tell_token, emsp, blocked))

    def _every_hour(self, at: datetime) -> None:
        """As its schedule pulls what eMSPs list, while anybody may still charge."""
        if at < self.last_trip_at:
            pull = partial(self.processes.run, "pull_tokens", pull_tokens)
            self.post.send("schedule", pull, at=at)
            self._every_hour(at + _HOUR)

    def _ends_at(self) -> datetime:
        again = max(trip.roams.holds_again if trip.roams else 0 for trip in self.scenario.trips)
        return super()._ends_at() + timedelta(minutes=again)

    def _meet(self, session_id: str) -> Trip:
        """The trip of a session that an eMSP's driver began, by its token."""
        record = find(self.table, keys.session(session_id), Session)
        assert record is not None, "who asks for it has seen it"
        trip = self.tokens[record.value.token_id]
        first = self.asked[trip.number - 1]
        if first.session_id.startswith("ses_of_trip_"):
            first.session_id, first.key = record.value.id, record.key
        else:  # the same was asked again, too late for the first one
            self.asked.append(Asked(trip, first.place, record.value.id, record.key))
        return trip
