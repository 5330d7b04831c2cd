"""How does a partner reserve a charger for a driver, and give it back?

The API records the wish, and the effect tells the CPO. RESERVE_NOW with the same id replaces what
was reserved before, so that repeating one whose answer was lost does no harm.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.connection.refusals import LocationUnknown
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId, external_id
from chalicelib.domain.network.location import Evse, Location
from chalicelib.domain.network.place import public_id
from chalicelib.domain.payment.waiting import added
from chalicelib.domain.session.reservation import (
    CAPABILITY,
    OVER,
    NotReservable,
    Reservation,
    ReservationCosts,
    ReservationIsOver,
    ReservationState,
    cancelling,
    check_until,
)
from chalicelib.domain.token.limits import Use, check_use
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.effect.waiting import begun, replacing, rows_of
from chalicelib.usecases.network.read import location_by_id
from chalicelib.usecases.records import Record, find, write_rows_first
from chalicelib.usecases.reservation.room import check_may_reserve
from chalicelib.usecases.session.save import again
from chalicelib.usecases.tariff.read import in_force
from chalicelib.usecases.token.read import token_by_id


@dataclass(frozen=True, slots=True)
class Wanted:
    place_id: str
    evse_uid: str
    token_id: str
    until: datetime


def ask_reservation(ports: Ports, partner_id: PartyId, wanted: Wanted, key: str) -> Reservation:
    """The same key is the same one.

    Raises NotFound, Invalid, NotReservable, ReservationCosts, LimitReached, IdempotencyKeyReused,
    and what check_may_reserve raises.
    """
    id_ = external_id("res", partner_id, key)
    token = token_by_id(ports, partner_id, wanted.token_id)
    location = location_by_id(ports, wanted.place_id)
    check_reservable(ports, location, wanted.evse_uid, wanted.until)
    asked = reservation_of(ports, id_, token, location, wanted.evse_uid, wanted.until)
    known = begun(ports, keys.reservation(id_), EffectKind.RESERVE, asked)
    if (known.evse_uid, known.token_uid, known.until) != (
        asked.evse_uid,
        asked.token_uid,
        asked.until,
    ):
        raise IdempotencyKeyReused
    return known


def reservation_of(
    ports: Ports, id_: str, token: Token, location: Location, evse_uid: str, until: datetime
) -> Reservation:
    """As it is asked for now, at a charger that takes it.

    Raises LimitReached, and what check_may_reserve raises.
    """
    at, place_id = ports.clock.now(), public_id(location)
    if token.limits is not None:
        place = (location.time_zone, location.country, location.cpo_id, place_id)
        check_use(token.limits, Use(at, *place))
    check_may_reserve(ports, token, location, id_, until)
    return Reservation(
        id=id_,
        partner_id=token.partner_id,
        peer_id=location.peer_id,
        owner=f"{location.country_code}*{location.party_id}",
        location_id=location.id,
        evse_uid=evse_uid,
        token_uid=token.uid,
        place_id=place_id,
        until=until,
        asked_at=at,
    )


def read_reservation(ports: Ports, partner_id: PartyId, id_: str) -> Reservation:
    """A partner's own; another's looks as if it were not there. Raises NotFound."""
    return _record(ports, partner_id, id_).value


def cancel_reservation(
    ports: Ports, partner_id: PartyId, id_: str, result_url: str = ""
) -> Reservation:
    """Give the charger back. Raises NotFound, ReservationIsOver.

    Where an eMSP asks, its CommandResult goes to `result_url`.
    """

    def decide() -> Reservation:
        record = _record(ports, partner_id, id_)
        known, at = record.value, ports.clock.now()
        asked = cancelling(known, result_url)
        if asked == known:
            return known
        if not known.lives(at):
            state = known.state.value if known.state in OVER else "past its time"
            raise ReservationIsOver(id_, state)
        if known.state is not ReservationState.CANCELLING:
            asked = added(asked, EffectKind.CANCEL_RESERVATION, at)
        write_rows_first(ports.store, *rows_of(asked, record.key.pk), replacing(record, asked, at))
        return asked

    return again(decide)


def _record(ports: Ports, partner_id: PartyId, id_: str) -> Record[Reservation]:
    record = find(ports.store, keys.reservation(id_), Reservation)
    if record is None or record.value.partner_id != partner_id:
        raise NotFound("reservation", id_, "reservation_id")
    return record


def check_reservable(ports: Ports, location: Location, evse_uid: str, until: datetime) -> None:
    """Raises Invalid, LocationUnknown, NotReservable, ReservationCosts."""
    at = ports.clock.now()
    check_until(until, at)
    evse: Evse | None = next((one for one in location.evses if one.uid == evse_uid), None)
    if evse is None:
        raise LocationUnknown(evse_uid)
    if CAPABILITY not in evse.capabilities:
        raise NotReservable(evse_uid)
    party = (location.country_code, location.party_id)
    ids = {id_ for connector in evse.connectors for id_ in connector.tariff_ids}
    for id_ in sorted(ids):
        _, tariff = in_force(ports, location.peer_id, party, id_, at)
        if any(element.restrictions.reservation is not None for element in tariff.elements):
            raise ReservationCosts(id_)
