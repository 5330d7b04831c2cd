"""What do we ask of a charge point operator? OCPI's client side, in the domain's own values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.errors import NotYet, Rejected
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.charged import ReceivedCdr, ReportedSession
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.token.token import Token


class CpoUnavailable(NotYet):
    """No answer, half an answer or a temporary one. What was asked may have happened."""

    code = "cpo_unavailable"


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
    """All pages of one pull. `refused` names objects that have no reading, and why."""

    items: tuple[Received, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Peer:
    """What a handshake found: the mutual version and the peer's endpoints."""

    version: str
    endpoints: dict[str, str]  # "<module>.<SENDER|RECEIVER>" → url; credentials has no role


class ChargePoints(Protocol):
    """Every call may raise CpoUnavailable or CpoRefused."""

    def discover(self, versions_url: str, token: str, *, raw_token: bool = False) -> Peer:
        """Their versions and details.

        CpoRefused(3002) when there is no mutual version, CpoRefused(3003) when an endpoint that
        we need is missing.
        """

    def register(
        self, peer: Peer, token: str, ours: dict[str, Any], *, raw_token: bool = False
    ) -> dict[str, Any]:
        """POST our credentials; theirs as `{token, url, identities: ["CC*PID", …]}`.

        `ours` is `{token, url}`: the token that they shall show us, and our versions URL.
        """

    def locations(self, connection: Connection, since: datetime | None) -> Pulled:
        """Received.value is a Location."""

    def tariffs(self, connection: Connection, since: datetime | None) -> Pulled:
        """Received.value is a Tariff."""

    def sessions(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        """Received.value is a ReportedSession."""

    def cdrs(self, connection: Connection, since: datetime, until: datetime) -> Pulled:
        """Received.value is a ReceivedCdr."""

    def start_session(self, connection: Connection, command: StartCommand) -> CommandAnswer: ...

    def stop_session(
        self, connection: Connection, charger_session_id: str, response_url: str
    ) -> CommandAnswer: ...


__all__ = [
    "ChargePoints",
    "CommandAnswer",
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
]
