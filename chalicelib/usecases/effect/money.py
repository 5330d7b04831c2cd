"""How does a session's money move at the provider? Hold, extend, capture, release, refund.

Each call carries our key (session and effect). Once the provider may have forgotten the key, the
hold is looked up first; what is found is taken for the answer.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.ledger.cash import burden, captured_entry, refund_entry
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.payment import PaymentEvent, PaymentState, advance
from chalicelib.domain.session.effects import KEY_LIFE, added, settled, told
from chalicelib.domain.session.lifecycle import SessionEvent, can, step
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import (
    Hold,
    HoldRequest,
    HoldState,
    PaymentRefused,
    ProviderUnavailable,
)
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.partner.credit import extend_reservation, give_back
from chalicelib.usecases.payment.booking import book
from chalicelib.usecases.session.terms import terms_of


def key_of(session: Session, effect: Effect) -> str:
    return f"{session.id}:{effect.id}"


def _asked(
    ports: Ports,
    session: Session,
    effect: Effect,
    call: Callable[[], Hold],
    done: Callable[[Hold], bool],
) -> Hold:
    """The provider's answer; looked up first, once the key may be forgotten.

    What is found undone then was never done, and the hold itself knows it: it is asked for again.
    """
    if ports.clock.now() - effect.made_at < KEY_LIFE:
        return call()
    reference = session.payment.reference
    found = ports.payments.read(reference) if reference else ports.payments.find(session.id)
    if found is None:
        raise ProviderUnavailable(f"the outcome of {effect.id} of {session.id} is unknown")
    return found if done(found) else call()


def hold(ports: Ports, session: Session, effect: Effect) -> Outcome:
    if session.payment.state is not PaymentState.REQUESTED:
        return Outcome(settled(session, effect))
    payment = session.payment
    request = HoldRequest(
        session.id, payment.hold, payment.source, effect.detail.get("return_url", "")
    )
    key = key_of(session, effect)
    answer = _asked(
        ports, session, effect, lambda: ports.payments.hold(request, key), lambda _: True
    )
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
    declined = step(declined, SessionEvent.HOLD_DECLINED, f"payment_{answer.reason or 'declined'}")
    return told(declined, at, "session.refused", reason=declined.reason)


def extend_hold(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """More hold, or the charger is stopped: a driver is not charged what nobody secured."""
    session = settled(session, effect)
    payment = session.payment
    if payment.state is not PaymentState.AUTHORISED:
        return Outcome(session)
    wanted = Money(int(effect.detail["minor"]), payment.hold.currency)
    if payment.method is not PaymentMethod.CARD:
        more = extend_reservation(ports, session.partner_id, payment, wanted)
        if more is not None:
            return Outcome(replace(session, payment=more.payment), more.writes)
        return Outcome(_stopped(ports, session))
    key = key_of(session, effect)
    answer = _asked(
        ports,
        session,
        effect,
        lambda: ports.payments.extend(payment.reference, wanted, key),
        lambda found: found.state is not HoldState.HELD or found.money >= wanted,
    )
    if answer.money > payment.hold:
        return Outcome(replace(session, payment=replace(payment, hold=answer.money)))
    return Outcome(_stopped(ports, session))


def _stopped(ports: Ports, session: Session) -> Session:
    if not can(session.state, SessionEvent.STOP_ASKED):
        return session
    at = ports.clock.now()
    session = step(session, SessionEvent.STOP_ASKED, "hold_reached")
    session = told(session, at, "session.stopping", reason="hold_reached")
    return added(session, EffectKind.STOP_CHARGING, at)


def capture(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Take the bill's exact amount, at most the hold; the outcome is an entry of its own."""
    payment = session.payment
    if payment.state is not PaymentState.CAPTURE_REQUESTED:
        return Outcome(settled(session, effect))
    key = key_of(session, effect)
    try:
        wanted = _takeable(ports, session, effect)
        answer = _asked(
            ports,
            session,
            effect,
            lambda: ports.payments.capture(payment.reference, wanted, key),
            lambda found: found.state not in _UNTAKEN,
        )
    except PaymentRefused as refusal:
        return _capture_failed(ports, settled(session, effect), refusal.provider_code)
    if answer.state is HoldState.CAPTURED and answer.captured is not None:
        return _captured(ports, settled(session, effect), answer)
    if answer.state in _UNTAKEN:
        raise ProviderUnavailable(f"{payment.reference} is not captured yet")
    reason = answer.reason or answer.state.value
    return _capture_failed(ports, settled(session, effect), reason)


_UNTAKEN = frozenset({HoldState.HELD, HoldState.PENDING})


def _takeable(ports: Ports, session: Session, effect: Effect) -> Money:
    """What was asked for; more if more was billed and an extension, overtaken by it, secured it."""
    asked = Money(int(effect.detail["minor"]), Currency(session.payment.hold.currency))
    provisional = any(booked.name == "provisional" for booked in session.booked)
    if session.bill is None or session.bill.gross <= asked or provisional:
        return asked
    found = ports.payments.read(session.payment.reference)
    if found.state not in {HoldState.HELD, HoldState.CAPTURED}:
        return asked
    return max(asked, min(session.bill.gross, found.money))


def _capture_failed(ports: Ports, session: Session, reason: str) -> Outcome:
    """The sale stands and the CPO is paid; the driver's debt stays on its receivable."""
    failed = replace(advance(session.payment, PaymentEvent.CAPTURE_FAILED), reason=reason)
    session = replace(session, payment=failed)
    return Outcome(told(session, ports.clock.now(), "session.payment_failed", reason=reason))


def _captured(ports: Ports, session: Session, answer: Hold) -> Outcome:
    assert answer.captured is not None
    payment = replace(
        advance(session.payment, PaymentEvent.CAPTURED), captured=answer.captured, fee=answer.fee
    )
    session = replace(session, payment=payment)
    at = ports.clock.now()
    entry = captured_entry(
        session_owner(session),
        session.partner_id,
        answer.captured,
        answer.fee or Money.zero(answer.captured.currency),
        at,
        bears=burden(terms_of(ports, session).agreement, session.cpo_id),
        reference=answer.reference,
    )
    session, write = book(session, "cash", entry, at)
    back = None if session.bill is None else answer.captured - session.bill.gross
    if (
        back is not None and back.minor > 0
    ):  # the CDR came while a provisional capture was on its way
        session = replace(session, payment=advance(session.payment, PaymentEvent.REFUND))
        session = added(session, EffectKind.REFUND, at, minor=str(back.minor))
    return Outcome(session, (write,))


def session_owner(session: Session) -> str:
    return f"session#{session.id}"


def release(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Give the hold back. A hold that was never placed has nothing to give."""
    payment = session.payment
    done = settled(session, effect)
    if payment.method is not PaymentMethod.CARD:
        return _released_allotment(ports, done)
    if payment.state is PaymentState.AUTHORISED or payment.state in _RELEASABLE:
        payment = advance(payment, PaymentEvent.RELEASE)
    if payment.state is not PaymentState.RELEASE_REQUESTED:
        return Outcome(done)
    reference = payment.reference
    if not reference:
        found = ports.payments.find(session.id)
        if found is None and effect.attempts < _LOOKS_FOR_HOLD:  # it may be on its way
            raise ProviderUnavailable(f"no hold of {session.id} is known yet")
        if found is None:
            return Outcome(replace(done, payment=advance(payment, PaymentEvent.RELEASED)))
        reference = found.reference
    key = key_of(session, effect)
    _asked(
        ports,
        replace(session, payment=replace(payment, reference=reference)),
        effect,
        lambda: ports.payments.release(reference, key),
        lambda found: found.state in {HoldState.CANCELLED, HoldState.CAPTURED},
    )
    return Outcome(replace(done, payment=advance(payment, PaymentEvent.RELEASED)))


_LOOKS_FOR_HOLD = 2
_RELEASABLE = frozenset({PaymentState.REQUESTED, PaymentState.ACTION_REQUIRED})


def refund(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Give back part of what was captured; the outcome is an entry of its own."""
    payment = session.payment
    if payment.state is not PaymentState.REFUND_REQUESTED:
        return Outcome(settled(session, effect))
    back = Money(int(effect.detail["minor"]), payment.hold.currency)
    key = key_of(session, effect)
    answer = _asked(
        ports,
        session,
        effect,
        lambda: ports.payments.refund(payment.reference, back, key),
        lambda found: found.refunded is not None and found.refunded >= back,
    )
    if answer.refunded is None or answer.refunded < back:
        raise ProviderUnavailable(f"the refund of {payment.reference} is not done yet")
    done = replace(advance(payment, PaymentEvent.REFUNDED), refunded=back)
    session, at = replace(settled(session, effect), payment=done), ports.clock.now()
    owner = session_owner(session)
    entry = refund_entry(owner, session.partner_id, back, at, reference=payment.reference)
    session, write = book(session, "refund", entry, at)
    return Outcome(told(session, at, "session.refunded", minor=str(back.minor)), (write,))


def _released_allotment(ports: Ports, session: Session) -> Outcome:
    payment = session.payment
    if payment.state is not PaymentState.AUTHORISED:
        return Outcome(session)
    given = give_back(ports, session.partner_id, payment)
    return Outcome(replace(session, payment=given.payment), given.writes)
