"""/v1/reservations: how does a charger stay free for a driver who is on the way?"""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.access.idempotency import IdempotencyKeyMissing, IdempotencyKeyReused
from chalicelib.domain.access.key import Scope
from chalicelib.domain.errors import Forbidden, Invalid, NotFound
from chalicelib.domain.session.reservation import (
    CpoOffline,
    NotReservable,
    Reservation,
    ReservationCosts,
    ReservationIsOver,
    ReservationState,
    TooMany,
)
from chalicelib.domain.token.limits import LimitReached
from chalicelib.handlers.partner_api.endpoint import Call, Repeat, endpoint
from chalicelib.handlers.partner_api.shapes import (
    Answer,
    Body,
    Instant,
    Maybe,
    Nothing,
    OcpiId,
    OurId,
)
from chalicelib.usecases.agreement.find import NoAgreement
from chalicelib.usecases.reservation.ask import (
    Wanted,
    ask_reservation,
    cancel_reservation,
    read_reservation,
)


class ReservationRequest(Body):
    """Which charger, for which driver's token, until when."""

    location_id: OurId
    evse_uid: OcpiId
    token_id: OurId
    until: Annotated[Instant, Field(description="At most four hours from now.")]


class ReservationShape(Answer):
    """A charger that is kept free, or shall be."""

    id: str
    location_id: str
    evse_uid: str
    until: Instant
    state: Annotated[
        ReservationState,
        Field(description="`held` once the charger said so. It lapses at `until` in any state."),
    ]
    reason: Maybe[str] = None


@endpoint(
    "POST",
    "/v1/reservations",
    scope=Scope.SESSIONS_WRITE,
    status=202,
    repeat=Repeat.KEY_NEEDED,
    location="/v1/reservations/{id}",
    refusals=(
        IdempotencyKeyMissing,
        IdempotencyKeyReused,
        NotFound,
        Invalid,
        NotReservable,
        ReservationCosts,
        LimitReached,
        Forbidden,
        NoAgreement,
        CpoOffline,
        TooMany,
    ),
)
def reserve_a_charger(call: Call[ReservationRequest, Nothing]) -> ReservationShape:
    """Reserve a charger.

    The events `reservation.held` and `reservation.refused` tell what its operator answered. Start
    the charge with a quote as ever, and with the same token. A token has at most three open ones.
    """
    asked = call.body
    wanted = Wanted(asked.location_id, asked.evse_uid, asked.token_id, asked.until)
    return _shape(ask_reservation(call.ports, call.partner_id, wanted, call.idempotency_key))


@endpoint(
    "GET",
    "/v1/reservations/{reservation_id}",
    scope=Scope.SESSIONS_READ,
    refusals=(NotFound,),
)
def read_a_reservation(call: Call[Nothing, Nothing], reservation_id: str) -> ReservationShape:
    """Read a reservation."""
    return _shape(read_reservation(call.ports, call.partner_id, reservation_id))


@endpoint(
    "DELETE",
    "/v1/reservations/{reservation_id}",
    scope=Scope.SESSIONS_WRITE,
    refusals=(NotFound, ReservationIsOver),
)
def give_a_charger_back(call: Call[Nothing, Nothing], reservation_id: str) -> ReservationShape:
    """Give a reserved charger back."""
    return _shape(cancel_reservation(call.ports, call.partner_id, reservation_id))


def _shape(reservation: Reservation) -> ReservationShape:
    return ReservationShape(
        id=reservation.id,
        location_id=reservation.place_id,
        evse_uid=reservation.evse_uid,
        until=reservation.until,
        state=reservation.state,
        reason=reservation.reason or None,
    )
