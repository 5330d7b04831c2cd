"""How does a charger stay free for a driver who is on the way? (OCPI RESERVE_NOW)

Only where it costs nothing: no hold stands behind a reservation, so that nobody would pay for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Conflict, Invalid, Rejected
from chalicelib.domain.ids import PeerId
from chalicelib.domain.payment.waiting import Waiting, without

LONGEST = timedelta(hours=4)
CAPABILITY = "RESERVABLE"
OPEN_MAX = 3  # of one token: nothing is held for them, and each keeps a charger from others


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


class CpoOffline(Conflict):
    code = "cpo_offline"
    field = "location_id"
    how_to_fix = "choose another location, or try later"

    def __init__(self, identity: str) -> None:
        super().__init__(f"{identity} takes no commands now, its hub says")
        self.identity = identity


class TooMany(Conflict):
    code = "too_many_reservations"
    field = "token_id"
    how_to_fix = "cancel one, or wait until one is over"

    def __init__(self, token_id: str) -> None:
        super().__init__(f"token {token_id} has {OPEN_MAX} open reservations already")
        self.token_id = token_id


class ReservationIsOver(Conflict):
    code = "reservation_is_over"
    field = "reservation_id"
    how_to_fix = "ask for a new one"

    def __init__(self, id_: str, state: str) -> None:
        super().__init__(f"reservation {id_} is {state}")
        self.id, self.state = id_, state


class ReservedOtherwise(Conflict):
    """An eMSP's reservation_id names one reservation: a CANCEL_RESERVATION says nothing else."""

    code = "reserved_otherwise"
    field = "reservation_id"
    how_to_fix = "Use another reservation_id, or cancel what this one names."

    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_!r} is of another location or driver's provider until it is over")
        self.id = id_


@dataclass(frozen=True, slots=True)
class Commanded:
    """By an eMSP's RESERVE_NOW. `hash` is that of its body, `since` how many events came before.

    `overtaken`: it was cancelled before the charger had answered.
    """

    peer_id: PeerId
    emsp: str  # `CC*PID` of the driver's
    reservation_id: str
    response_url: str
    hash: str
    since: int = 0
    cancel_url: str = ""  # where the result of a CANCEL_RESERVATION goes
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Former:
    """What is held while the charger is asked for a change."""

    evse_uid: str
    token_uid: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation(Waiting):
    """`owner` is the CPO's `CC*PID`. It lapses at `until`, whatever its state.

    `round` counts how often it was commanded under the same id. `unheard`: until when a
    command that nobody has answered may keep the charger, should it still be under way.
    """

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
    round: int = 1
    command: Commanded | None = None
    former: Former | None = None
    unheard: datetime | None = None

    @property
    def nonce(self) -> str:
        """Which command a result is of: the last part of the URL that the CPO is given."""
        return "result" if self.round == 1 else f"result-{self.round}"

    def lives(self, at: datetime) -> bool:
        return self.state not in OVER and at < self.until


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
        return replace(reservation, state=_S.HELD, former=None)
    return replace(reservation, state=_S.REFUSED, reason=result.lower())


def fallen_back(reservation: Reservation) -> Reservation:
    """A change that was refused leaves what was held before."""
    former = reservation.former
    if former is None or reservation.state is not _S.REFUSED:
        return reservation
    return replace(
        reservation,
        state=_S.HELD,
        evse_uid=former.evse_uid,
        token_uid=former.token_uid,
        until=former.until,
        reason="",
        former=None,
    )


def renewed(known: Reservation, asked: Reservation, at: datetime) -> Reservation:
    """`asked` in the place of `known`, which it replaces while that lives.

    Raises ReservationIsOver, ReservedOtherwise.
    """
    command, before = asked.command, known.command
    assert command is not None, "an eMSP commanded it"
    assert before is not None, "by the same connection"
    former, unheard = None, known.unheard
    if known.lives(at):
        if known.state is _S.ASKED:
            unheard = given_up(known)
        if known.state is _S.CANCELLING:
            raise ReservationIsOver(command.reservation_id, known.state.value)
        if _place(known) != _place(asked) or before.emsp != command.emsp:
            raise ReservedOtherwise(command.reservation_id)
        former = known.former
        if known.state is _S.HELD:
            former = Former(known.evse_uid, known.token_uid, known.until)
    return replace(
        asked,
        effects=without(known, EffectKind.RESERVE).effects,
        told=known.told,
        made=known.made,
        round=known.round + 1,
        command=replace(command, since=known.told),
        former=former,
        unheard=unheard,
    )


def given_up(reservation: Reservation) -> datetime:
    """`unheard` of one whose command nobody answered, and nobody waits for any more."""
    return max(reservation.unheard or reservation.until, reservation.until)


def cancelling(reservation: Reservation, result_url: str = "") -> Reservation:
    """Being given back, by the partner or by its eMSP, whose result goes to `result_url`."""
    command = reservation.command
    if command is not None and result_url:
        overtaken = command.overtaken or reservation.state is _S.ASKED
        command = replace(command, cancel_url=result_url, overtaken=overtaken)
    asked = reservation.state is _S.ASKED
    unheard = given_up(reservation) if asked else reservation.unheard
    return replace(reservation, state=_S.CANCELLING, command=command, unheard=unheard)


def _place(reservation: Reservation) -> tuple[str, str, str]:
    return reservation.peer_id, reservation.owner, reservation.location_id
