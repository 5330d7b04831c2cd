"""What has the driver paid and no longer owes? That is refunded, once the payment stands still.

Figured anew each time from what was taken, given back and owed, so that it may run at any time and
as often as it likes; the refund that follows has a sum of its own that never changes.
"""

from dataclasses import replace

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.errors import NotYet
from chalicelib.domain.payment.payment import PaymentEvent, advance, can
from chalicelib.domain.session.effects import added, settled
from chalicelib.domain.session.redress import MOVING, paid_too_much
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.effect.outcome import Outcome


class PaymentMoves(NotYet):
    code = "payment_moves"

    def __init__(self, session_id: str, state: str) -> None:
        super().__init__(f"the payment of {session_id} is {state}: its outcome is awaited")
        self.session_id, self.state = session_id, state


def even_out(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Ask for the refund that is due, if any. What a bank took back is even already."""
    payment = session.payment
    if payment.state in MOVING:
        raise PaymentMoves(session.id, payment.state.value)
    session = settled(session, effect)
    back = paid_too_much(session)
    if not back.minor or not can(payment, PaymentEvent.REFUND):
        return Outcome(session)
    session = replace(session, payment=advance(payment, PaymentEvent.REFUND))
    at, named = ports.clock.now(), effect.detail["dispute"]
    minor = str(back.minor)
    return Outcome(added(session, EffectKind.REFUND, at, minor=minor, dispute=named))
