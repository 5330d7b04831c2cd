"""What is an eMSP told of a session that it started by OCPI? The session's own facts, in its terms.

Its id is ours, and so are the instants of its last update: prices and ends are what we say.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import PeerId, SessionId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import ChargingPeriod

_STATUS = {
    SessionState.REQUESTED: "PENDING",
    SessionState.AUTHORISED: "PENDING",
    SessionState.STARTING: "PENDING",
    SessionState.CHARGING: "ACTIVE",
    SessionState.STOPPING: "ACTIVE",
    SessionState.ENDED: "COMPLETED",
    SessionState.BILLED: "COMPLETED",
    SessionState.CREDITED: "COMPLETED",
    SessionState.REFUSED: "INVALID",
    SessionState.ABANDONED: "INVALID",
}


_TELLS_END = frozenset({"session.ended", "session.receipt", "session.refused", "session.abandoned"})
_TELLS_START = _TELLS_END | {"session.started"}


class AuthMethod(StrEnum):
    """How the driver was known (mod_cdrs 10.4.1)."""

    AUTH_REQUEST = "AUTH_REQUEST"
    COMMAND = "COMMAND"
    WHITELIST = "WHITELIST"


@dataclass(frozen=True, slots=True)
class Begun:
    """How an eMSP's driver began a session; it lies in the session's `detail`.

    A START_SESSION names a `response_url`, a card at the charger none. `updated_at` is when the
    eMSP was last told of something, `credits` of how many bills that were taken back. The result
    of a STOP_SESSION goes to `stop_url`.
    """

    peer_id: PeerId
    identity: str  # `CC*PID` of the CPO
    emsp: str  # `CC*PID` of the driver's
    response_url: str
    reference: str = ""  # the eMSP's own authorization_reference
    stop_url: str = ""
    updated_at: datetime | None = None
    credits: int = 0
    auth_method: AuthMethod = AuthMethod.COMMAND
    start_by: int = 0  # number of the event that answers the START_SESSION, and the STOP_SESSION
    stop_by: int = 0
    correlation_id: str = ""  # of the START_SESSION, which keeps it to the CPO


@dataclass(frozen=True, slots=True)
class Paid:
    """What the partner pays, and what is left of it without VAT."""

    gross: Money
    net: Money


@dataclass(frozen=True, slots=True)
class ToldSession:
    begun: Begun
    id: SessionId
    token: EmspToken
    status: str
    start: datetime
    end: datetime | None
    energy_kwh: Decimal
    currency: Currency
    location_id: str
    evse_uid: str
    connector_id: str
    last_updated: datetime
    paid: Paid | None = None
    periods: tuple[ChargingPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldCdr:
    """`raw` is the CPO's CDR, whose price may be another; `tariff` is what was billed by."""

    session: ToldSession
    paid: Paid
    cdr: ReceivedCdr
    raw: str
    tariff: Tariff
    last_updated: datetime
    location: Location | None
    location_raw: str = ""
    credit_id: str = ""  # of the CDR that takes this one back, which is what is told


class ResultType(StrEnum):
    """CommandResultType (mod_commands 13.4.4)."""

    ACCEPTED = "ACCEPTED"
    CANCELED_RESERVATION = "CANCELED_RESERVATION"
    EVSE_OCCUPIED = "EVSE_OCCUPIED"
    EVSE_INOPERATIVE = "EVSE_INOPERATIVE"
    FAILED = "FAILED"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    REJECTED = "REJECTED"
    TIMEOUT = "TIMEOUT"
    UNKNOWN_RESERVATION = "UNKNOWN_RESERVATION"


@dataclass(frozen=True, slots=True)
class CommandResult:
    url: str
    result: ResultType
    message: str = ""


def status_of(session: Session) -> str:
    """SessionStatus (mod_sessions 9.4.2)."""
    return _STATUS[session.state]


def answering(begun: Begun, event: str, sequence: int) -> Begun:
    """With the commands that an event of the session answers, each by the first that can.

    Where pushes of the CPO were lost, the end or the bill may be the first that is heard of it.
    """
    start, stop = begun.start_by, begun.stop_by
    if begun.response_url and not start and event in _TELLS_START:
        start = sequence
    if begun.stop_url and not stop and event in _TELLS_END:
        stop = sequence
    return replace(begun, start_by=start, stop_by=stop)


def results_of(begun: Begun, session: Session, sequence: int) -> list[CommandResult]:
    """What is answered by the session's event of that number."""
    found = []
    if begun.start_by == sequence:
        url, reason = begun.response_url, session.reason
        yes = CommandResult(url, ResultType.ACCEPTED)
        found.append(yes if session.started_at else CommandResult(url, _no(reason), reason))
    if begun.stop_by == sequence:
        found.append(CommandResult(begun.stop_url, ResultType.ACCEPTED))
    return found


def _no(reason: str) -> ResultType:
    """Our `start_<CPO's own word>`, or what we made of its silence."""
    word = reason.removeprefix("start_").upper()
    if word in ResultType.__members__ and reason.startswith("start_"):
        return ResultType(word)
    late = {"charger_never_started", "start_too_late", "cpo_silent"}
    return ResultType.TIMEOUT if reason in late else ResultType.FAILED
