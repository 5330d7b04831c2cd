"""How does a charger stay free for a driver who is on the way? (OCPI RESERVE_NOW)

Only where it costs nothing: no hold stands behind a reservation, so that nobody would pay for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Conflict, Invalid, Rejected
from chalicelib.domain.ids import PeerId
from chalicelib.domain.payment.waiting import Waiting

LONGEST = timedelta(hours=4)
CAPABILITY = "RESERVABLE"


class ReservationState(StrEnum):
    ASKED = "asked"  # the CPO is asked; its charger has not answered
    HELD = "held"
    REFUSED = "refused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"  # by the partner, or by the CPO


_S = ReservationState
OVER = frozenset({_S.REFUSED, _S.CANCELLED})


class NotReservable(Rejected):
    code = "not_reservable"
    field = "evse_uid"
    how_to_fix = "choose an EVSE with the capability RESERVABLE"

    def __init__(self, evse_uid: str) -> None:
        super().__init__(f"EVSE {evse_uid!r} takes no reservations")
        self.evse_uid = evse_uid


class ReservationCosts(Rejected):
    code = "reservation_costs"
    field = "evse_uid"
    how_to_fix = "choose an EVSE whose tariffs price no reservation"

    def __init__(self, tariff_id: str) -> None:
        super().__init__(f"tariff {tariff_id!r} prices reservations, which nothing is held for")
        self.tariff_id = tariff_id


class ReservationIsOver(Conflict):
    code = "reservation_is_over"
    field = "reservation_id"
    how_to_fix = "ask for a new one"

    def __init__(self, id_: str, state: str) -> None:
        super().__init__(f"reservation {id_} is {state}")
        self.id, self.state = id_, state


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation(Waiting):
    """`owner` is the CPO's `CC*PID`. It lapses at `until`, whatever its state."""

    peer_id: PeerId
    owner: str
    location_id: str
    evse_uid: str
    token_uid: str
    place_id: str
    until: datetime
    asked_at: datetime
    state: ReservationState = ReservationState.ASKED
    reason: str = ""


def check_until(until: datetime, at: datetime) -> None:
    if not at < until <= at + LONGEST:
        raise Invalid("until", f"is not within the next {LONGEST}")


def answered(reservation: Reservation, result: str) -> Reservation:
    """After the charger's answer to RESERVE_NOW; a word that says nothing changes nothing.

    CANCELED_RESERVATION may come at any time later: the CPO needs the charger.
    """
    if result == "CANCELED_RESERVATION" and reservation.state not in OVER:
        return replace(reservation, state=_S.CANCELLED, reason="cancelled_by_cpo")
    if reservation.state is not _S.ASKED or result == "TIMEOUT":
        return reservation
    if result == "ACCEPTED":
        return replace(reservation, state=_S.HELD)
    return replace(reservation, state=_S.REFUSED, reason=result.lower())
