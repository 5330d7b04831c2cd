"""How is a CPO told of a reservation, and what does its charger answer?

A RESERVE_NOW that we gave up may still arrive, after its reservation was cancelled or refused: then
the charger is given back once more a while later, so that it is not kept for nobody.
"""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PeerId
from chalicelib.domain.payment.waiting import added, settled, told
from chalicelib.domain.session.reservation import (
    OVER,
    Reservation,
    ReservationState,
    answered,
    fallen_back,
    given_up,
)
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CommandAnswer, CpoRefused, ReserveCommand
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.effect.waiting import Came, replacing, rows_of, run_waiting
from chalicelib.usecases.records import find, write_rows_first
from chalicelib.usecases.session.save import again
from chalicelib.usecases.token.read import token_by_uid

GIVEN_BACK_AGAIN = timedelta(minutes=5)


def run_reservation(ports: Ports, pk: str) -> None:
    perform = {EffectKind.RESERVE: _reserve, EffectKind.CANCEL_RESERVATION: _cancel}
    run_waiting(ports, pk, Reservation, perform)


def reservation_result(
    ports: Ports, peer_id: PeerId, id_: str, result: str, nonce: str = "result"
) -> Reservation:
    """Take what a peer posts about one of its reservations; NotFound for another's.

    A late answer to a command that another one replaced says nothing of that one; that the CPO
    takes the charger back counts whatever it was told about.
    """

    def decide() -> Reservation:
        record = find(ports.store, keys.reservation(id_), Reservation)
        if record is None or record.value.peer_id != peer_id:
            raise NotFound("reservation", id_, "reservation_id")
        at, known = ports.clock.now(), record.value
        if nonce != known.nonce and result != "CANCELED_RESERVATION":
            return known
        came = _told(ports, known, answered(known, result))
        if came != known:
            rows = rows_of(came, record.key.pk)
            write_rows_first(ports.store, *rows, replacing(record, came, at))
        return came

    return again(decide)


def _reserve(ports: Ports, reservation: Reservation, effect: Effect) -> Came[Reservation]:
    done = settled(reservation, effect)
    if reservation.state is not ReservationState.ASKED:
        return Came(done)
    if effect.attempts:
        done = replace(done, unheard=given_up(done))
    if reservation.until <= ports.clock.now():
        return Came(_told(ports, reservation, answered(done, "TOO_LATE")))
    connection = connection_of(ports, reservation.peer_id)
    command = ReserveCommand(
        token=token_by_uid(ports, reservation.token_uid),
        reservation_id=reservation.id,
        location_id=reservation.location_id,
        evse_uid=reservation.evse_uid,
        until=reservation.until,
        response_url=_response_url(ports, connection, "RESERVE_NOW", reservation),
        owner=reservation.owner,
    )
    try:
        answer = ports.cpos.reserve(connection, command).value
    except CpoRefused as refusal:
        answer = f"CPO_STATUS_{refusal.status}"
    if answer == CommandAnswer.ACCEPTED:
        return Came(done)  # the charger's own answer is still to come
    return Came(_told(ports, reservation, answered(done, answer)))


def _cancel(ports: Ports, reservation: Reservation, effect: Effect) -> Came[Reservation]:
    done = settled(reservation, effect)
    unheard, now = reservation.unheard, ports.clock.now()
    again = reservation.state in OVER and unheard is not None and now < unheard
    if reservation.state is not ReservationState.CANCELLING and not again:
        return Came(done)
    connection = connection_of(ports, reservation.peer_id)
    url = _response_url(ports, connection, "CANCEL_RESERVATION", reservation)
    try:
        answer = ports.cpos.cancel_reservation(
            connection, reservation.id, url, reservation.owner
        ).value
    except CpoRefused as refusal:  # of a version without it too: it lapses
        answer = f"cpo_status_{refusal.status}"
    if again:
        return Came(done)
    reason = "" if answer == CommandAnswer.ACCEPTED else answer.lower()
    gone = replace(done, state=ReservationState.CANCELLED, reason=reason)
    return Came(_told(ports, reservation, gone))


def _told(ports: Ports, before: Reservation, after: Reservation) -> Reservation:
    if after.state is before.state:
        return after
    at, type_ = ports.clock.now(), f"reservation.{after.state.value}"
    came = fallen_back(told(after, at, type_, reason=after.reason))
    if came.state not in OVER or came.unheard is None:
        return came
    return added(came, EffectKind.CANCEL_RESERVATION, at, after=GIVEN_BACK_AGAIN)


def _response_url(
    ports: Ports, connection: Connection, command: str, reservation: Reservation
) -> str:
    base = f"{ports.public_url}/ocpi/{connection.version}"
    return f"{base}/commands/{command}/{reservation.id}/{reservation.nonce}"
