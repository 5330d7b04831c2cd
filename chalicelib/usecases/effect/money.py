"""How is a session's money held at the provider, and how is the hold given back?"""

from dataclasses import replace

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.payment.decline import reason_of
from chalicelib.domain.payment.payment import PaymentEvent, PaymentState, advance
from chalicelib.domain.session.effects import KEY_LIFE, added, settled, told
from chalicelib.domain.session.lifecycle import SessionEvent, step
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Hold, HoldRequest, HoldState, ProviderUnavailable
from chalicelib.usecases.effect.answer import answered, key_of, looked_up
from chalicelib.usecases.effect.further import spare
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.partner.credit import give_back


def hold(ports: Ports, session: Session, effect: Effect) -> Outcome:
    if session.payment.state is not PaymentState.REQUESTED:
        return Outcome(settled(session, effect))
    payment = session.payment
    request = HoldRequest(
        session.id, payment.hold, payment.source, effect.detail.get("return_url", "")
    )

    def ask() -> Hold:
        if ports.clock.now() - effect.made_at >= KEY_LIFE:  # the driver has left long ago
            raise ProviderUnavailable(f"no hold of {session.id} is known")
        return ports.payments.hold(request, key_of(session, effect))

    answer = answered(ports, effect, looked_up(ports, session), ask, lambda _: True)
    if answer.state is HoldState.PENDING:  # the key would repeat this very answer
        answer = ports.payments.read(answer.reference)
    if answer.state is HoldState.PENDING:
        raise ProviderUnavailable(f"{answer.reference} is neither held nor declined yet")
    return Outcome(held(ports, settled(session, effect), answer))


def held(ports: Ports, session: Session, answer: Hold) -> Session:
    """The session after what the provider says of its hold."""
    at = ports.clock.now()
    payment = replace(
        session.payment,
        reference=answer.reference,
        capture_before=answer.capture_before,
        action_url=answer.action_url,
        reason=answer.reason,
    )
    session = replace(session, payment=payment)
    if answer.state is HoldState.HELD:
        session = replace(session, payment=advance(payment, PaymentEvent.HELD))
        session = step(session, SessionEvent.HOLD_PLACED)
        return added(session, EffectKind.START_CHARGING, at)
    if answer.state is HoldState.ACTION_REQUIRED:
        if payment.state is PaymentState.ACTION_REQUIRED:
            return session
        session = replace(session, payment=advance(payment, PaymentEvent.BANK_ASKS))
        return told(session, at, "session.action_required", url=answer.action_url)
    declined = replace(session, payment=advance(payment, PaymentEvent.DECLINED))
    word = reason_of(answer.reason).value
    declined = step(declined, SessionEvent.HOLD_DECLINED, f"payment_{word}")
    return told(declined, at, "session.refused", reason=declined.reason)


def release(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Give every hold back. A hold that was never placed has nothing to give."""
    payment = session.payment
    done = settled(session, effect)
    if payment.method is not PaymentMethod.CARD:
        return _released_allotment(ports, done)
    if payment.state is PaymentState.AUTHORISED or payment.state in _RELEASABLE:
        payment = advance(payment, PaymentEvent.RELEASE)
    if payment.state is not PaymentState.RELEASE_REQUESTED:
        return Outcome(done)
    if payment.is_debit:  # nothing was secured
        return Outcome(replace(done, payment=advance(payment, PaymentEvent.RELEASED)))
    reference = payment.reference
    if not reference:
        found = ports.payments.find(session.id)
        if found is None and effect.attempts < _LOOKS_FOR_HOLD:  # it may be on its way
            raise ProviderUnavailable(f"no hold of {session.id} is known yet")
        if found is None:
            return Outcome(replace(done, payment=advance(payment, PaymentEvent.RELEASED)))
        reference = found.reference
    key = key_of(session, effect)
    answered(
        ports,
        effect,
        lambda: ports.payments.read(reference),
        lambda: ports.payments.release(reference, key),
        lambda found: found.state in {HoldState.CANCELLED, HoldState.CAPTURED},
    )
    done = replace(done, payment=advance(payment, PaymentEvent.RELEASED))
    return Outcome(spare(done, ports.clock.now()))


_LOOKS_FOR_HOLD = 2
_RELEASABLE = frozenset({PaymentState.REQUESTED, PaymentState.ACTION_REQUIRED})


def _released_allotment(ports: Ports, session: Session) -> Outcome:
    payment = session.payment
    if payment.state is not PaymentState.AUTHORISED:
        return Outcome(session)
    given = give_back(ports, session.partner_id, payment)
    return Outcome(replace(session, payment=given.payment), given.writes)
