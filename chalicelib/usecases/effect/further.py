"""What if a hold is too small or too old? It is raised, or a further or later one is placed.

Where the provider cannot raise it, another hold is asked for: its number is recorded before the
provider is asked, so that one whose answer was lost is looked up, and none is forgotten. A driver
is not there to take a bank's extra step, so a bank that asks for it has declined. When there is no
more the charger is stopped: a driver is not charged what nobody secured.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.money import Money
from chalicelib.domain.payment import holds
from chalicelib.domain.payment.payment import OtherUse, PaymentState
from chalicelib.domain.session.effects import KEY_LIFE, added, settled, told
from chalicelib.domain.session.lifecycle import SessionEvent, can, step
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Hold, HoldRequest, HoldState, ProviderUnavailable
from chalicelib.usecases.effect.answer import answered, key_of, looked_up
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.partner.credit import extend_reservation
from chalicelib.usecases.session.watch import EXPIRING
from chalicelib.usecases.token.limit import allowed_more
from chalicelib.usecases.token.read import token_by_uid

_LOOKS = 2  # how often a hold is looked for that may be on its way


def extend_hold(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """More hold, by raising the first one if that is possible; else by a further one."""
    session = settled(session, effect)
    payment = session.payment
    if payment.state is not PaymentState.AUTHORISED or holds.waits(payment):
        return Outcome(session)
    wanted = Money(int(effect.detail["minor"]), payment.hold.currency)
    if session.detail.get("limited"):
        wanted = allowed_more(ports, token_by_uid(ports, session.token_uid), session, wanted)
        if wanted.minor <= payment.hold.minor:
            return Outcome(stopped(ports, session, "limit_reached"))
    if payment.method is not PaymentMethod.CARD:
        more = extend_reservation(ports, session.partner_id, payment, wanted)
        if more is not None:
            return Outcome(replace(session, payment=more.payment), more.writes)
    if payment.method is not PaymentMethod.CARD or payment.is_debit:
        return Outcome(stopped(ports, session, "hold_reached"))
    return Outcome(_raised(ports, session, effect, wanted))


def _raised(ports: Ports, session: Session, effect: Effect, wanted: Money) -> Session:
    payment = session.payment
    first, *further = holds.secured(payment)
    goal = first.money + (wanted - payment.hold)
    key = key_of(session, effect)
    answer = answered(
        ports,
        effect,
        looked_up(ports, session),
        lambda: ports.payments.extend(payment.reference, goal, key),
        lambda found: found.state is not HoldState.HELD or found.money >= goal,
    )
    if answer.money > first.money:
        rest = sum(held.money.minor for held in further)
        hold = Money(answer.money.minor + rest, wanted.currency)
        return replace(session, payment=replace(payment, hold=hold))
    if answer.state is not HoldState.HELD:
        return stopped(ports, session, "hold_reached")
    return asked(session, wanted - payment.hold, ports.clock.now())


def asked(session: Session, money: Money, at: datetime, *, replaces: bool = False) -> Session:
    """The session that is about to ask for another hold."""
    payment, number = holds.asked(session.payment, money, replaces=replaces)
    session = replace(session, payment=payment)
    return added(session, EffectKind.PLACE_HOLD, at, number=str(number))


def place_hold(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Ask for another hold. One that is not needed any more by then is given back."""
    number, done = int(effect.detail["number"]), settled(session, effect)
    known = holds.other(session.payment, number)
    if known.use is not OtherUse.ASKED:
        return Outcome(done)
    answer = _placed(ports, session, effect, number)
    needed = session.payment.state is PaymentState.AUTHORISED
    if answer is None or answer.state not in {HoldState.HELD, HoldState.ACTION_REQUIRED}:
        done = _with(done, number, OtherUse.GONE, "" if answer is None else answer.reference)
    elif needed and answer.state is HoldState.HELD:
        payment = holds.placed(session.payment, number, answer.reference, answer.capture_before)
        return Outcome(_given_back(replace(done, payment=payment), session, ports.clock.now()))
    else:
        done = _with(done, number, OtherUse.SPARE, answer.reference)
        done = added(done, EffectKind.RELEASE_SPARE, ports.clock.now(), number=str(number))
    if not needed:
        return Outcome(done)
    why = EXPIRING if known.replaces else "hold_reached"
    return Outcome(stopped(ports, done, why))


def _placed(ports: Ports, session: Session, effect: Effect, number: int) -> Hold | None:
    """The provider's answer; None: it was never made, as far as anyone can tell."""
    payment, key = session.payment, key_of(session, effect)
    if ports.clock.now() - effect.made_at < KEY_LIFE:
        money = holds.other(payment, number).money
        request = HoldRequest(session.id, money, payment.source, "", number, off_session=True)
        answer = ports.payments.hold(request, key)
        if answer.state is HoldState.PENDING:
            answer = ports.payments.read(answer.reference)
    else:
        found = ports.payments.find(session.id, number)
        if found is None and effect.attempts < _LOOKS:
            raise ProviderUnavailable(f"no hold {number} of {session.id} is known yet")
        if found is None:
            return None
        answer = found
    if answer.state is HoldState.PENDING:
        raise ProviderUnavailable(f"{answer.reference} is neither held nor declined yet")
    return answer


def _with(session: Session, number: int, use: OtherUse, reference: str) -> Session:
    return replace(session, payment=holds.changed(session.payment, number, use, reference))


def _given_back(session: Session, before: Session, at: datetime) -> Session:
    """What the new hold made superfluous goes back."""
    already = {o.number for o in before.payment.others or () if o.use is OtherUse.SPARE}
    for known in session.payment.others or ():
        if known.use is OtherUse.SPARE and known.number not in already:
            session = added(session, EffectKind.RELEASE_SPARE, at, number=str(known.number))
    return session


def spare(session: Session, at: datetime) -> Session:
    """The session without its further holds: each goes back."""
    payment, numbers = holds.spared(session.payment)
    session = replace(session, payment=payment)
    for number in numbers:
        session = added(session, EffectKind.RELEASE_SPARE, at, number=str(number))
    return session


def release_spare(ports: Ports, session: Session, effect: Effect) -> Outcome:
    number, done = int(effect.detail["number"]), settled(session, effect)
    known = holds.other(session.payment, number)
    if known.use is not OtherUse.SPARE:
        return Outcome(done)
    key = key_of(session, effect)
    answered(
        ports,
        effect,
        lambda: ports.payments.read(known.reference),
        lambda: ports.payments.release(known.reference, key),
        lambda found: found.state in {HoldState.CANCELLED, HoldState.CAPTURED},
    )
    return Outcome(_with(done, number, OtherUse.GONE, ""))


def stopped(ports: Ports, session: Session, reason: str) -> Session:
    if not can(session.state, SessionEvent.STOP_ASKED):
        return session
    at = ports.clock.now()
    session = step(session, SessionEvent.STOP_ASKED, reason)
    session = told(session, at, "session.stopping", reason=reason)
    return added(session, EffectKind.STOP_CHARGING, at)
