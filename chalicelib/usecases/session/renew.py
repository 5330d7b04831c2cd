"""When is a hold too old, and how long is a reservation kept for a session that never ends?

A card's hold lapses at its `capture_before`. A charge that goes on is given a later hold a day
before that: its session is looked at every three hours, and once it has ended its money is taken
within 16 hours, CDR or not. One that is stuck is not renewed: its hold lapses by itself, and a
reservation of a purse is freed after as long as a card's hold lasts. A CDR that comes after that is
billed all the same: the purse pays what it has, the rest is the partner's debt.
"""

from datetime import datetime, timedelta

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.payment import holds
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.lifecycle import OPEN
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.effect.further import asked
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.save import replacing
from chalicelib.usecases.session.watch import EXPIRING, STUCK

RENEW_BEFORE = timedelta(hours=24)


def expires_soon(session: Session, at: datetime) -> bool:
    payment = session.payment
    if payment.method is not PaymentMethod.CARD or payment.state is not PaymentState.AUTHORISED:
        return False
    if session.state not in OPEN or session.reason in {STUCK, EXPIRING} or holds.waits(payment):
        return False
    before = payment.capture_before
    return before is not None and at >= before - RENEW_BEFORE


def renew(ports: Ports, session_id: str) -> None:
    """Ask for a later hold of the same money; the old ones go back once it stands."""
    current = record(ports, session_id)
    session, at = current.value, ports.clock.now()
    if not expires_soon(session, at):
        return
    ports.store.write(
        replacing(current, asked(session, session.payment.hold, at, replaces=True), at)
    )
