"""/v1/sessions: how is a charge started, followed, stopped and listed?"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.domain.access.idempotency import (
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    RequestInFlight,
)
from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Forbidden, Invalid, NotFound
from chalicelib.domain.payment.fleet_invoice import CreditStopped
from chalicelib.domain.session.preferences import (
    NotCharging,
    OtherProfile,
    Preferences,
    Profile,
)
from chalicelib.domain.session.unlock import NotUnlockable
from chalicelib.domain.token.limits import LimitReached
from chalicelib.handlers.partner_api import cursor as cursors
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.session_shapes import SessionShape, shape_of
from chalicelib.handlers.partner_api.shapes import (
    Body,
    Instant,
    Nothing,
    Number,
    OurId,
    Page,
    PageQuery,
)
from chalicelib.usecases.session.live import live
from chalicelib.usecases.session.prefer import prefer
from chalicelib.usecases.session.read import page, read
from chalicelib.usecases.session.start import QuoteExpired, start
from chalicelib.usecases.session.stop import stop
from chalicelib.usecases.session.unlock import unlock


class SessionRequest(Body):
    """Which quote, and which driver's token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "quote_id": "quo_0193f2a4c5d67e8f9a0b1c2d3e4f5a6b",
                    "token_id": "tok_5b0f6a1e9d7c4f3a8b2e1d0c9f8a7b6c",
                }
            ]
        }
    )

    quote_id: OurId
    token_id: OurId
    return_url: Annotated[
        str | None,
        Field(
            max_length=2000,
            pattern=r"^https?://[!-~]+$",
            description="Where the driver's bank sends the driver after an extra step.",
        ),
    ] = None


class PreferencesRequest(Body):
    """What the driver wishes while the car charges."""

    profile: Literal["CHEAP", "FAST", "GREEN", "REGULAR"]
    departure_at: Annotated[Instant | None, Field(description="When the driver leaves.")] = None
    energy_need_kwh: Annotated[Number | None, Field(description="How much is needed by then.")] = (
        None
    )
    discharge_allowed: Annotated[
        bool, Field(description="The car may give energy back meanwhile.")
    ] = False


class SessionPage(Page[SessionShape]):
    """Sessions in the order of their request."""


class MonthQuery(PageQuery):
    month: Annotated[
        str,
        Field(
            pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$",
            description="UTC month of the request, e.g. 2026-11; without it the present one.",
        ),
    ] = ""


@endpoint(
    "POST",
    "/v1/sessions",
    scope=Scope.SESSIONS_WRITE,
    status=202,
    repeat=Repeat.KEY_NEEDED,
    location="/v1/sessions/{id}",
    refusals=(
        IdempotencyKeyMissing,
        IdempotencyKeyReused,
        QuoteExpired,
        CreditStopped,
        NotFound,
        Invalid,
        Forbidden,
        LimitReached,
    ),
)
def start_a_session(call: Call[SessionRequest, Nothing]) -> SessionShape:
    """Start a charge.

    Answers before anything has happened outside: the payment is secured, then the charger is asked
    to start, and events tell of each step. The session's id is made from the Idempotency-Key, so
    that a start which is sent twice starts one car.
    """
    asked = call.body
    session = start(
        call.ports,
        call.partner_id,
        asked.quote_id,
        asked.token_id,
        call.idempotency_key,
        call.request_hash,
        asked.return_url or "",
    )
    return shape_of(session)


@endpoint("GET", "/v1/sessions", scope=Scope.SESSIONS_READ, refusals=(cursors.CursorInvalid,))
def list_sessions(call: Call[Nothing, MonthQuery]) -> SessionPage:
    """List the sessions of a month, oldest first."""
    asked = call.query
    month, after = asked.month.replace("-", ""), ""
    if asked.cursor:
        month, after = cursors.decode("sessions", asked.cursor, "month", "after")
    month = month or f"{call.ports.clock.now():%Y%m}"
    sessions, beyond = page(call.ports, call.partner_id, month, after, asked.limit)
    return SessionPage(
        data=[shape_of(session) for session in sessions],
        has_more=bool(beyond),
        next_cursor=cursors.encode("sessions", month=month, after=beyond) if beyond else None,
    )


@endpoint("GET", "/v1/sessions/{session_id}", scope=Scope.SESSIONS_READ, refusals=(NotFound,))
def read_a_session(call: Call[Nothing, Nothing], session_id: str) -> SessionShape:
    """Read a session.

    While it charges, energy and cost are those of the charger's last report; in the list they are
    those of the last change of state.
    """
    session = read(call.ports, call.partner_id, session_id)
    return shape_of(live(call.ports, session))


@endpoint(
    "POST",
    "/v1/sessions/{session_id}/preferences",
    scope=Scope.SESSIONS_WRITE,
    status=202,
    repeat=Repeat.KEPT,
    refusals=(NotFound, NotCharging, OtherProfile, IdempotencyKeyReused, RequestInFlight),
)
def tell_preferences(call: Call[PreferencesRequest, Nothing], session_id: str) -> SessionShape:
    """Tell what the driver prefers.

    The last preferences count. `session.preferences` tells the CPO's answer: ACCEPTED,
    DEPARTURE_REQUIRED, ENERGY_NEED_REQUIRED, NOT_POSSIBLE, PROFILE_TYPE_NOT_SUPPORTED, or
    NOT_SUPPORTED where the charger takes none. The price stays that of the quote.
    """
    asked = call.body
    wanted = Preferences(
        Profile(asked.profile), asked.departure_at, asked.energy_need_kwh, asked.discharge_allowed
    )
    return shape_of(prefer(call.ports, call.partner_id, session_id, wanted))


@endpoint(
    "POST",
    "/v1/sessions/{session_id}/stop",
    scope=Scope.SESSIONS_WRITE,
    status=202,
    refusals=(NotFound,),
)
def stop_a_session(call: Call[Nothing, Nothing], session_id: str) -> SessionShape:
    """Stop a charge.

    Before the charger was asked to start, the payment is given back instead. Stopping what has
    stopped is success and changes nothing.
    """
    return shape_of(stop(call.ports, call.partner_id, session_id))


@endpoint(
    "POST",
    "/v1/sessions/{session_id}/unlock",
    scope=Scope.SESSIONS_WRITE,
    status=202,
    repeat=Repeat.KEPT,
    refusals=(NotFound, NotUnlockable, IdempotencyKeyReused, RequestInFlight),
)
def unlock_a_connector(call: Call[Nothing, Nothing], session_id: str) -> SessionShape:
    """Free a cable that stays locked.

    For your help desk, when the driver stands at the charger: the session is stopping, or over for
    an hour at most, and no other car charges there. The charger is asked once;
    `session.unlock_answered` tells what it said: ACCEPTED, FAILED, REJECTED, NOT_SUPPORTED, TIMEOUT
    after two minutes, or another word of OCPI.
    """
    return shape_of(unlock(call.ports, call.partner_id, session_id, call.idempotency_key))
