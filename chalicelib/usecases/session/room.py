"""How much may a charger tell of before a session has to be looked at? By its tariff and hold.

Found once, when a CPO tells that the charge goes on; the reports after it carry what is left. So
most of them are one write: no session is read for them, and the table's stream does not wake for
them. It is a bound of the worst case, on whatever terms: where there is none, every report is
followed. Holds only grow while a session charges, so a bound that was found earlier holds later.
"""

from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from chalicelib.domain.errors import DomainError
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus, ReportedSession
from chalicelib.domain.session.room import SPAN, Room
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.worst import Bounds, worst_case
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import find
from chalicelib.usecases.session.running import (
    HIGHEST_RATE,
    NEAR_HOLD,
    money_of,
    near_hold,
)
from chalicelib.usecases.tariff.read import prepared

_HOURS = (8, 2)  # a long session at a tariff by energy, a short one at a tariff by time
_KWH_MAX = 200
_KWH_AN_HOUR = 20  # to weigh the two against each other
_EXPECTED = {SessionState.STARTING, SessionState.CHARGING}


def room_of(ports: Ports, peer_id: str, told: ReportedSession) -> Room | None:
    """The room of a session that goes on, after what its CPO told; None: look at every report."""
    if told.status is not ChargerStatus.ACTIVE or not told.authorization_reference:
        return None
    record = find(ports.store, keys.session(told.authorization_reference), Session)
    if record is None or record.value.peer_id != peer_id or record.value.state not in _EXPECTED:
        return None
    if record.value.payment.state is not PaymentState.AUTHORISED:
        return None
    with suppress(DomainError):  # a tariff that cannot be priced: who follows says so
        session = record.value
        tariff = prepared(ports, session.tariff_hash, session.time_zone)
        best = _best(session, tariff, told)
        return best.after(told.last_updated, told.kwh, told.periods) if best.kwh else None
    return None


def _best(session: Session, tariff: PreparedTariff, told: ReportedSession) -> Room:
    """The room that weighs most; the shorter one is worked out only where it might."""
    long, short = _HOURS
    best = _room(session, tariff, told, long)
    if _weight(best) >= short * _KWH_AN_HOUR:
        return best
    return max(best, _room(session, tariff, told, short), key=_weight)


def _weight(room: Room) -> Decimal:
    return min(room.kwh, room.left_h * _KWH_AN_HOUR)


def _room(session: Session, tariff: PreparedTariff, told: ReportedSession, hours: int) -> Room:
    """As many kWh as fit, in so many hours: those since its start, and those that periods tell."""
    until = told.start + timedelta(hours=hours)

    def cost(kwh: int) -> Money:
        bounds = Bounds(Decimal(kwh), 2 * hours * 3600, until - SPAN, until)
        worst = worst_case(tariff, bounds, HIGHEST_RATE)
        assert worst.incl_vat is not None, "a rate was given"
        return money_of(session, worst.incl_vat)

    kwh = Decimal(_fitting(session, cost))
    return Room(kwh, kwh, Decimal(hours), until)


def _fitting(session: Session, cost: Callable[[int], Money]) -> int:
    """The most kWh that are not near the hold; their cost never falls.

    Where only energy costs, the first guess is right: else the rest is searched.
    """

    def is_near(kwh: int) -> bool:
        return near_hold(session, cost(kwh))

    part, whole = NEAR_HOLD
    most = cost(_KWH_MAX).minor * whole
    guess = (session.payment.hold.minor * part * _KWH_MAX - 1) // most if most else _KWH_MAX
    low, high = 0, _KWH_MAX
    for kwh in (guess, guess + 1):
        if low < kwh <= high:
            low, high = (low, kwh - 1) if is_near(kwh) else (kwh, high)
    return low + bisect_left(range(low + 1, high + 1), 1, key=lambda kwh: int(is_near(kwh)))
