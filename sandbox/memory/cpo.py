"""What does a CPO in memory do? It says what a test lets it say, and keeps OCPI's rules.

The same contract tests run on it and on the OCPI client (tests/contract/test_charge_points.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import to_plain
from chalicelib.domain.connection.client_info import ClientInfo
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.charged import ChargerStatus, ReceivedCdr, ReportedSession
from chalicelib.domain.session.preferences import Preferences
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.cpo import (
    CommandAnswer,
    CpoRefused,
    CpoUnavailable,
    ListTooLong,
    Peer,
    Pulled,
    Received,
    ReserveCommand,
    StartCommand,
    Theirs,
    UnlockCommand,
)

_UNAUTHORIZED, _NOT_ALLOWED, _INVALID, _UNKNOWN_LOCATION = 401, 405, 2001, 2003
_UNSUPPORTED_VERSION = 3002
_MODULES = (
    "locations.SENDER",
    "tariffs.SENDER",
    "sessions.SENDER",
    "cdrs.SENDER",
    "commands.RECEIVER",
)
_OF_AN_EMSP = (
    *("sessions.RECEIVER", "cdrs.RECEIVER", "tokens.SENDER"),
    *("locations.RECEIVER", "tariffs.RECEIVER", "hubclientinfo.RECEIVER"),
)


@dataclass
class MemoryCpo:
    """`down`: no call arrives. `loses_answer`: a start arrives, its answer does not come back.

    `token` opens the handshake until we register (empty: any does); with `refuses` ours is dead.
    """

    answer: CommandAnswer = CommandAnswer.ACCEPTED
    down: bool = False
    loses_answer: bool = False
    refuses: bool = False
    token: str = ""
    raw_token: bool = False  # it takes tokens without Base64
    knows_us: bool = False
    versions: tuple[str, ...] = ("2.2.1",)  # the one that it likes best first
    identities: list[str] = field(default_factory=list)
    starts: list[StartCommand] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    unlocked: list[UnlockCommand] = field(default_factory=list)
    cancels: CommandAnswer = CommandAnswer.ACCEPTED
    reserved: dict[str, ReserveCommand] = field(default_factory=dict)
    preferred: dict[str, Preferences] = field(default_factory=dict)
    reports: list[ReportedSession] = field(default_factory=list)
    finished: list[ReceivedCdr] = field(default_factory=list)
    network: list[Location] = field(default_factory=list)
    prices: list[Tariff] = field(default_factory=list)
    parties: list[ClientInfo] = field(default_factory=list)  # behind a hub
    at_once: int = 0  # of a list's objects a pull has time for; 0: all
    at_once_dated: int = 0  # of a span's: more are too many

    def discover(
        self,
        versions_url: str,
        token: str,
        *,
        version: str = "",
        raw_token: bool = False,
        emsp: bool = False,
    ) -> Peer:
        self._admit(token, raw_token=raw_token)
        spoken = version or self.versions[0]
        if spoken not in self.versions:
            raise CpoRefused(_UNSUPPORTED_VERSION, f"{spoken} is not spoken")
        base = f"{versions_url.removesuffix('/versions')}/{spoken}"
        modules = _OF_AN_EMSP if emsp else _MODULES
        return Peer(spoken, {name: f"{base}/{name}" for name in (*modules, "credentials")})

    def register(
        self,
        peer: Peer,
        token: str,
        ours: dict[str, Any],
        *,
        renewing: bool = False,
        raw_token: bool = False,
    ) -> Theirs:
        self._admit(token, raw_token=raw_token)
        if renewing is not self.knows_us:
            raise CpoRefused(_NOT_ALLOWED, "PUT when registered, POST when not")
        assert ours["token"], "they are to show us one"
        assert ours["url"], "they fetch our versions while they register us"
        self.token, self.knows_us = f"after-{token}", True
        url = peer.endpoints["credentials"].replace(f"{peer.version}/credentials", "versions")
        return Theirs(self.token, url, tuple(self.identities))

    def leave(self, connection: Connection) -> None:
        self._reach(connection)
        self.knows_us = False

    def locations(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        self._reach(connection)
        return self._part(_pulled(self.network, since), rest)

    def tariffs(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        self._reach(connection)
        return self._part(_pulled(self.prices, since), rest)

    def _part(self, whole: Pulled, rest: str) -> Pulled:
        """What one pull has time for."""
        if not self.at_once:
            return whole
        start = int(rest or 0)
        end = start + self.at_once
        more = str(end) if end < len(whole.items) else ""
        complete = whole.complete and not (start or more)
        return replace(whole, items=whole.items[start:end], complete=complete, rest=more)

    def sessions(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        self._reach(connection)
        return _pulled(self.reports, since, until)

    def cdrs(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        self._reach(connection)
        found = _pulled(self.finished, since, until)
        if 0 < self.at_once_dated < len(found.items):
            raise ListTooLong(f"{len(found.items)} CDRs")
        return found

    def client_infos(
        self, connection: Connection, since: datetime | None, rest: str = ""
    ) -> Pulled:
        self._reach(connection)
        return self._part(_pulled(self.parties, since), rest)

    def start_session(self, connection: Connection, command: StartCommand) -> CommandAnswer:
        self._reach(connection)
        self._check_place(command)
        self.starts.append(command)
        if self.loses_answer:
            raise CpoUnavailable("the answer was lost")
        return self.answer

    def stop_session(
        self,
        connection: Connection,
        charger_session_id: str,
        response_url: str,
        owner: str = "",
    ) -> CommandAnswer:
        self._reach(connection)
        assert response_url, "the result goes there"
        assert owner in {"", *connection.identities}, "a party of the connection is addressed"
        self.stops.append(charger_session_id)
        told = [report for report in self.reports if report.id == charger_session_id]
        if not told:
            return CommandAnswer.UNKNOWN_SESSION
        ended = max(told, key=lambda report: report.last_updated).status is ChargerStatus.COMPLETED
        return CommandAnswer.REJECTED if ended else CommandAnswer.ACCEPTED

    def unlock(self, connection: Connection, command: UnlockCommand) -> CommandAnswer:
        self._reach(connection)
        assert command.owner in {"", *connection.identities}, "a party of it is addressed"
        self.unlocked.append(command)
        if self.loses_answer:
            raise CpoUnavailable("the answer was lost")
        return self.answer

    def reserve(self, connection: Connection, command: ReserveCommand) -> CommandAnswer:
        self._reach(connection)
        self.reserved[command.reservation_id] = command
        return self.answer

    def cancel_reservation(
        self, connection: Connection, reservation_id: str, response_url: str, owner: str = ""
    ) -> CommandAnswer:
        self._reach(connection)
        assert response_url, "the result goes there"
        assert owner in {"", *connection.identities}, "a party of the connection is addressed"
        known = self.reserved.pop(reservation_id, None)
        return self.cancels if known else CommandAnswer.REJECTED

    def prefer(
        self,
        connection: Connection,
        charger_session_id: str,
        preferences: Preferences,
        owner: str = "",
    ) -> str:
        self._reach(connection)
        assert owner in {"", *connection.identities}, "a party of the connection is addressed"
        self.preferred[charger_session_id] = preferences
        return "ACCEPTED"

    def _reach(self, connection: Connection) -> None:
        assert connection.id, "every connection has its name"
        if self.down:
            raise CpoUnavailable("the CPO does not answer")
        if self.refuses:
            raise CpoRefused(_UNAUTHORIZED, "unknown token")

    def _admit(self, token: str, *, raw_token: bool) -> None:
        if self.down:
            raise CpoUnavailable("the CPO does not answer")
        if raw_token is not self.raw_token or self.token not in {"", token}:
            raise CpoRefused(_UNAUTHORIZED, "unknown token")

    def _check_place(self, command: StartCommand) -> None:
        here = [place for place in self.network if place.id == command.location_id]
        if not here:
            raise CpoRefused(_UNKNOWN_LOCATION, f"unknown location: {command.location_id}")
        plugs = {(evse.uid, plug.id) for evse in here[0].evses for plug in evse.connectors}
        if (command.evse_uid, command.connector_id) not in plugs:
            raise CpoRefused(_INVALID, f"no such EVSE or connector: {command.evse_uid}")


Told = Location | Tariff | ReportedSession | ReceivedCdr | ClientInfo


def _pulled(told: Sequence[Told], since: datetime | None, until: datetime | None = None) -> Pulled:
    """What was last updated in the span: the first instant is in it, the last one is not."""
    return Pulled(
        tuple(
            _received(value)
            for value in _newest(told)
            if (since is None or since <= value.last_updated)
            and (until is None or value.last_updated < until)
        ),
        complete=True,
    )


def _newest(told: Iterable[Told]) -> list[Told]:
    """Each object once, as it is now."""
    found: dict[tuple[str, str, str], Told] = {}
    for value in sorted(told, key=lambda value: value.last_updated):
        found[value.country_code, value.party_id, value.id] = value
    return list(found.values())


def _received(value: Told) -> Received:
    raw = canonical_bytes(to_plain(value))
    if isinstance(value, ReceivedCdr):
        return Received(replace(value, raw_hash=sha256(raw).hexdigest()), raw.decode())
    return Received(value, raw.decode())
