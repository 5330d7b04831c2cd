"""What do we ask of a charge point operator? OCPI's client side, in the domain's own values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.errors import NotYet, Rejected
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.charged import ReceivedCdr, ReportedSession
from chalicelib.domain.session.preferences import Preferences
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.token.token import Token


class CpoUnavailable(NotYet):
    """No answer, half an answer or a temporary one. What was asked may have happened."""

    code = "cpo_unavailable"


class ListTooLong(CpoUnavailable):
    """A span holds more than may be read at once: a shorter one may do."""

    code = "list_too_long"


class CpoNotAsked(CpoUnavailable):
    """It was surely not asked: it has not answered for a while, and is left alone for a moment."""

    code = "cpo_not_asked"


class CpoRefused(Rejected):
    """The CPO answered, and said no (an OCPI 2xxx or 3xxx status)."""

    code = "cpo_refused"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"the CPO answered {status}: {message}")
        self.status, self.message = status, message


class CommandAnswer(StrEnum):
    """CommandResponseType: what the CPO says at once; the charger's result comes later."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    UNKNOWN_SESSION = "UNKNOWN_SESSION"


@dataclass(frozen=True, slots=True)
class StartCommand:
    token: Token
    location_id: str
    evse_uid: str
    connector_id: str
    authorization_reference: str
    response_url: str
    owner: str = ""  # the location's `CC*PID`: whom a platform of several parties is to route to
    correlation_id: str = ""  # of the eMSP's command that is passed on; "": it is our own


@dataclass(frozen=True, slots=True)
class UnlockCommand:
    location_id: str
    evse_uid: str
    connector_id: str
    response_url: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ReserveCommand:
    """The same id replaces the reservation. 2.1.1 has numbers: one is made of the id there."""

    token: Token
    reservation_id: str
    location_id: str
    evse_uid: str
    until: datetime
    response_url: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """An object as pulled: the value, its JSON text as it came, and what was mended in it.

    `raw` is text, byte for byte: signed meter data would not survive reading and writing.
    """

    value: Any
    raw: str
    mended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pulled:
    """All pages of one pull. `refused` names objects that have no reading, and why.

    `at` is the peer's own clock as it began to answer, where it tells it. `complete`: as many
    objects were seen as the peer says that there are, so that none was skipped between two pages.
    `rest`: where a list goes on that was too long for one pull; shown again, it is read from there.
    """

    items: tuple[Received, ...]
    refused: tuple[str, ...] = ()
    at: datetime | None = None
    complete: bool = False
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """What a handshake found: the mutual version and the peer's endpoints."""

    version: str
    endpoints: dict[str, str]  # "<module>.<SENDER|RECEIVER>" → url; credentials has no role


@dataclass(frozen=True, slots=True)
class Theirs:
    """Credentials of a peer. `identities` are the `CC*PID` of its CPOs as announced; `hub` its own
    `CC*PID` when those are reached through it; `emsps` those of its eMSPs.
    """

    token: str
    url: str
    identities: tuple[str, ...]
    hub: str = ""
    emsps: tuple[str, ...] = ()


class ChargePoints(Protocol):
    """Every call may raise CpoUnavailable or CpoRefused."""

    def discover(
        self,
        versions_url: str,
        token: str,
        *,
        version: str = "",
        raw_token: bool = False,
        emsp: bool = False,
    ) -> Peer:
        """Their details of a version; of the newest mutual one when none is given.

        CpoRefused(3002) when there is no such version, CpoRefused(3003) when an endpoint that
        we need is missing: of an `emsp` its credentials alone are needed.
        """

    def register(
        self,
        peer: Peer,
        token: str,
        ours: dict[str, Any],
        *,
        renewing: bool = False,
        raw_token: bool = False,
    ) -> Theirs:
        """POST our credentials, or PUT them when `renewing`; theirs come back.

        `ours` is `{token, url}`: the token that they shall show us, and our versions URL; for an
        eMSP also `cpos`, the `CC*PID` of whom we stand for.
        """

    def leave(self, connection: Connection) -> None:
        """DELETE our credentials: the registration ends."""

    def locations(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        """Received.value is a Location."""

    def tariffs(self, connection: Connection, since: datetime | None, rest: str = "") -> Pulled:
        """Received.value is a Tariff."""

    def sessions(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        """Received.value is a ReportedSession."""

    def cdrs(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        """Received.value is a ReceivedCdr."""

    def client_infos(
        self, connection: Connection, since: datetime | None, rest: str = ""
    ) -> Pulled:
        """Received.value is a ClientInfo: of the parties behind a hub."""

    def start_session(self, connection: Connection, command: StartCommand) -> CommandAnswer: ...

    def stop_session(
        self,
        connection: Connection,
        charger_session_id: str,
        response_url: str,
        owner: str = "",
    ) -> CommandAnswer: ...

    def unlock(self, connection: Connection, command: UnlockCommand) -> CommandAnswer: ...

    def reserve(self, connection: Connection, command: ReserveCommand) -> CommandAnswer: ...

    def cancel_reservation(
        self, connection: Connection, reservation_id: str, response_url: str, owner: str = ""
    ) -> CommandAnswer:
        """CpoRefused in a version that has no such command."""

    def prefer(
        self,
        connection: Connection,
        charger_session_id: str,
        preferences: Preferences,
        owner: str = "",
    ) -> str:
        """OCPI's ChargingPreferencesResponse; CpoRefused where the charger or version has none."""


__all__ = [
    "ChargePoints",
    "CommandAnswer",
    "CpoNotAsked",
    "CpoRefused",
    "CpoUnavailable",
    "Location",
    "Peer",
    "Pulled",
    "Received",
    "ReceivedCdr",
    "ReportedSession",
    "StartCommand",
    "Tariff",
    "Theirs",
    "UnlockCommand",
]
