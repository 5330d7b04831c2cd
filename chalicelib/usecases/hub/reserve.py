"""What do an eMSP's RESERVE_NOW and CANCEL_RESERVATION do? What the partner's API does.

The eMSP's own reservation_id names one reservation of its connection. The same id with another body
replaces what is reserved: the CPO, to which we show an id of ours, replaces it likewise.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import external_id
from chalicelib.domain.network.location import Evse, Location
from chalicelib.domain.payment.waiting import added
from chalicelib.domain.session.reservation import (
    Commanded,
    Reservation,
    ReservationState,
    renewed,
)
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.effect.waiting import begun, replacing, rows_of
from chalicelib.usecases.hub.begin import check_terms
from chalicelib.usecases.hub.command import check_response_url, evse_meant, token_of
from chalicelib.usecases.hub.locations import offered_location
from chalicelib.usecases.records import load, write_rows_first
from chalicelib.usecases.reservation.ask import (
    cancel_reservation,
    check_reservable,
    reservation_of,
)
from chalicelib.usecases.session.save import again
from chalicelib.usecases.token.read import token_by_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ReserveNow. `hash` is that of its body: the same one again is the same command."""

    token: EmspToken
    location_id: str
    evse_uid: str
    until: datetime
    reservation_id: str
    response_url: str
    hash: str


def reserve_for_emsp(ports: Ports, connection: Connection, to: str, wanted: Wanted) -> Reservation:
    """The reservation that a RESERVE_NOW asked for, or changed. Raises any DomainError."""
    check_response_url(ports, wanted.response_url)
    partner_id = connection.partner
    place = offered_location(ports, partner_id, to, wanted.location_id).location
    evse = evse_meant(place, wanted.evse_uid)
    check_terms(ports, partner_id, place)
    _check(ports, place, evse, wanted.until)
    token = token_by_id(ports, partner_id, token_of(ports, connection, wanted.token))
    command = Commanded(
        peer_id=connection.id,
        emsp=wanted.token.emsp,
        reservation_id=wanted.reservation_id,
        response_url=wanted.response_url,
        hash=wanted.hash,
    )
    id_ = _id(connection, wanted.reservation_id)
    asked = reservation_of(ports, id_, token, place, evse.uid, wanted.until)
    asked = replace(asked, command=command)
    known = begun(ports, keys.reservation(id_), EffectKind.RESERVE, asked)
    return known if _the_same(known, asked) else again(lambda: _renew(ports, asked))


def cancel_for_emsp(
    ports: Ports, connection: Connection, reservation_id: str, response_url: str
) -> Reservation:
    """Give back what this eMSP reserved. Raises NotFound, ReservationIsOver, Invalid."""
    check_response_url(ports, response_url)
    id_ = _id(connection, reservation_id)
    try:
        return cancel_reservation(ports, connection.partner, id_, response_url)
    except NotFound as unknown:
        raise NotFound("reservation", reservation_id, "reservation_id") from unknown


def _check(ports: Ports, place: Location, evse: Evse, until: datetime) -> None:
    try:
        check_reservable(ports, place, evse.uid, until)
    except Invalid as error:
        raise Invalid("expiry_date", error.reason, error.how_to_fix) from error


def _renew(ports: Ports, asked: Reservation) -> Reservation:
    key, at = keys.reservation(asked.id), ports.clock.now()
    record = load(ports.store, key, Reservation, "reservation")
    known = record.value
    if _the_same(known, asked):
        return known
    after = added(renewed(known, asked, at), EffectKind.RESERVE, at)
    write_rows_first(ports.store, *rows_of(after, key.pk), replacing(record, after, at))
    return after


def _the_same(known: Reservation, asked: Reservation) -> bool:
    """Whether it is there already by the same command; after its end that asks anew."""
    assert known.command is not None, "the id is of an eMSP's"
    assert asked.command is not None, "the id is of an eMSP's"
    going = known.state is ReservationState.CANCELLING or not known.lives(asked.asked_at)
    return known.command.hash == asked.command.hash and not going


def _id(connection: Connection, reservation_id: str) -> str:
    """Ours, for what the eMSP calls so: a CiString, unique to the connection."""
    return external_id("res", connection.id, reservation_id.lower())
