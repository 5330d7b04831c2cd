"""Which HTTP and OCPI status has each refusal? (status_codes, transport_and_format)

What reached OCPI's own layer is HTTP 200 with a status of 2xxx or 3xxx. HTTP errors are for what
did not: no JSON, no credential, no such object on GET, no such method.
"""

from chalicelib.domain.connection.refusals import (
    AlreadyRegistered,
    LocationUnknown,
    NotRegistered,
    PeerUnusable,
    TokenUnknown,
    TooLittleInformation,
    Unauthenticated,
)
from chalicelib.domain.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    NotYet,
    Rejected,
)
from chalicelib.domain.hub.refusals import ReceiverUnknown, WrongSide
from chalicelib.domain.session.preferences import NoPreferences
from chalicelib.handlers.limits import sentence
from chalicelib.ocpi.envelope.reply import Status

# By code, so that refusals of the same kind in other modules are answered alike.
_HTTP = {
    "malformed_json": 400,
    Unauthenticated.code: 401,
    TokenUnknown.code: 404,
    AlreadyRegistered.code: 405,
    NotRegistered.code: 405,
    WrongSide.code: 403,
    NoPreferences.code: 404,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "unsupported_media_type": 415,
}
_STATUS = {
    LocationUnknown.code: Status.UNKNOWN_LOCATION,
    TokenUnknown.code: Status.UNKNOWN_TOKEN,
    TooLittleInformation.code: Status.TOO_LITTLE,
    Unauthenticated.code: Status.CLIENT_ERROR,
    AlreadyRegistered.code: Status.CLIENT_ERROR,
    NotRegistered.code: Status.CLIENT_ERROR,
    "method_not_allowed": Status.CLIENT_ERROR,
    WrongSide.code: Status.CLIENT_ERROR,
    ReceiverUnknown.code: Status.UNKNOWN_RECEIVER,
}
_REMEDIES: tuple[tuple[type[DomainError], str], ...] = (
    (NotFound, "Use an id that was told here, by you or by us."),
    (Rejected, "Correct it: the same message is always refused."),
    (Conflict, "GET the object, then send its present state."),
    (NotYet, "Send the same message again later."),
)


class MethodNotAllowed(Rejected):
    code = "method_not_allowed"
    how_to_fix = "Use one of those methods."

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method} is not defined here, only {', '.join(allowed)}")
        self.method, self.allowed = method, allowed


def refused(refusal: DomainError, method: str) -> tuple[int, int]:
    """(HTTP status, OCPI status) of a refusal."""
    if isinstance(refusal, PeerUnusable):
        return 200, refusal.status
    if isinstance(refusal, NotYet):
        return 200, Status.SERVER_ERROR
    http = _HTTP.get(refusal.code, 200)
    if isinstance(refusal, NotFound) and method == "GET":
        http = 404
    return http, _STATUS.get(refusal.code, Status.INVALID)


def told(refusal: DomainError) -> str:
    """Code, field, reason and remedy: OCPI has one text for all four."""
    by_family = next(text for family, text in _REMEDIES if isinstance(refusal, family))
    remedy = sentence(refusal.how_to_fix or by_family)
    where = f" ({refusal.field})" if refusal.field else ""
    why = refusal.reason if isinstance(refusal, Invalid) else refusal
    return f"{refusal.code}{where}: {why}. {remedy}"
