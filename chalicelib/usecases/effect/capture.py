"""How is a session's money taken? From its holds, exactly once in sum; or by direct debit.

The outcome is an entry of its own, with the fee of the provider's own balance transaction: until
that is there, the outcome waits. What could not be taken is the driver's debt.
"""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.fx.rates import together
from chalicelib.domain.ledger.cash import burden, captured_entry
from chalicelib.domain.money import Currency, Money, total
from chalicelib.domain.payment import holds
from chalicelib.domain.payment.decline import reason_of
from chalicelib.domain.payment.holds import Secured
from chalicelib.domain.payment.payment import Payment, PaymentEvent, PaymentState, advance
from chalicelib.domain.session.effects import added, settled, told, without
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import (
    Hold,
    HoldRequest,
    HoldState,
    PaymentRefused,
    ProviderUnavailable,
)
from chalicelib.ports.store import Put
from chalicelib.usecases.effect.answer import (
    answered,
    key_of,
    looked_up,
    session_owner,
    with_fee,
)
from chalicelib.usecases.effect.further import spare
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.payment.booking import book
from chalicelib.usecases.payment.converted import came_in
from chalicelib.usecases.session.save import watch
from chalicelib.usecases.session.terms import agreement_of

_UNTAKEN = frozenset({HoldState.HELD, HoldState.PENDING})
_DEBIT_LOOKS = timedelta(hours=12)


def capture(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Take the bill's exact amount, at most what is held."""
    if session.payment.state is not PaymentState.CAPTURE_REQUESTED:
        return Outcome(settled(session, effect))
    if session.payment.is_debit:
        return _debit(ports, session, effect)
    session = _raised(ports, session, effect)
    left, reason = _asked(session, effect), ""
    answers = list[tuple[int, Hold]]()
    for held in holds.secured(session.payment):
        money = min(left, held.money)
        if not money.minor:
            continue
        try:
            answer = _taken(ports, session, effect, held, money)
        except PaymentRefused as refusal:
            reason = refusal.provider_code
            continue
        if answer.captured is None:
            reason = answer.reason or answer.state.value
            continue
        answers.append((held.number, answer))
        left -= answer.captured
    session = settled(session, effect)
    if not answers:
        return _failed(ports, session, reason)
    return _captured(ports, session, answers, reason)


def _asked(session: Session, effect: Effect) -> Money:
    """What was asked for; more if more was billed and is secured meanwhile."""
    asked = Money(int(effect.detail["minor"]), Currency(session.payment.hold.currency))
    if session.bill is None or _provisional(session):
        return asked
    return max(asked, min(session.bill.gross, session.payment.hold))


def _provisional(session: Session) -> bool:
    return any(booked.name == "provisional" for booked in session.booked)


def _raised(ports: Ports, session: Session, effect: Effect) -> Session:
    """The first hold as large as the provider has it, where more was billed than we know held.

    The CDR overtook the answer to an extension.
    """
    asked, payment = int(effect.detail["minor"]), session.payment
    if session.bill is None or session.bill.gross.minor <= asked or _provisional(session):
        return session
    first = holds.secured(payment)[0]
    found = ports.payments.read(payment.reference)
    if found.state not in {HoldState.HELD, HoldState.CAPTURED} or found.money <= first.money:
        return session
    more = payment.hold + (found.money - first.money)
    return replace(session, payment=replace(payment, hold=more))


def _taken(ports: Ports, session: Session, effect: Effect, held: Secured, money: Money) -> Hold:
    """One hold's capture. Not known yet, or its fee is not: ProviderUnavailable."""
    own = held.number == (session.payment.number or 1)
    key = key_of(session, effect) + ("" if own else f":{held.number}")
    answer = answered(
        ports,
        effect,
        lambda: ports.payments.read(held.reference),
        lambda: ports.payments.capture(held.reference, money, key),
        lambda found: found.state not in _UNTAKEN,
    )
    if answer.state in _UNTAKEN:
        raise ProviderUnavailable(f"{held.reference} is not captured yet")
    return with_fee(ports, answer)


def _failed(ports: Ports, session: Session, reason: str) -> Outcome:
    """The sale stands and the CPO is paid; the driver's debt stays on its receivable."""
    failed = replace(advance(session.payment, PaymentEvent.CAPTURE_FAILED), reason=reason)
    session = spare(replace(session, payment=failed), ports.clock.now())
    word = reason_of(reason).value
    return Outcome(told(session, ports.clock.now(), "session.payment_failed", reason=word))


def _captured(
    ports: Ports, session: Session, answers: list[tuple[int, Hold]], reason: str
) -> Outcome:
    """Taken, from one hold or several; where one of them failed the rest is the driver's debt."""
    at = ports.clock.now()
    payment = advance(session.payment, PaymentEvent.CAPTURED)
    parts = [(number, hold.captured) for number, hold in answers if hold.captured is not None]
    payment = holds.captured(payment, parts)
    taken, code = payment.captured, payment.hold.currency
    assert taken is not None, "there is at least one answer"
    fees = [hold.fee for _, hold in answers if hold.fee is not None]
    fee = total(fees, fees[0].currency if fees else code)
    by = together([hold.converted for _, hold in answers if hold.converted is not None])
    payment = replace(payment, fee=fee, reason=reason, converted=came_in(ports, by))
    session = spare(replace(session, payment=payment), at)
    if reason:
        session = replace(session, payment=replace(session.payment, hold=taken))
        word = reason_of(reason).value
        session = told(session, at, "session.payment_failed", reason=word)
    session, write = _booked(ports, session, taken, fee, [hold.reference for _, hold in answers])
    back = None if session.bill is None else taken - session.bill.gross
    if (
        back is not None and back.minor > 0
    ):  # the CDR came while a provisional capture was on its way
        session = replace(session, payment=advance(session.payment, PaymentEvent.REFUND))
        session = added(session, EffectKind.REFUND, at, minor=str(back.minor))
    return Outcome(session, (write,))


def _booked(
    ports: Ports, session: Session, taken: Money, fee: Money, references: list[str]
) -> tuple[Session, Put]:
    at = ports.clock.now()
    further = {"further": ",".join(references[1:])} if references[1:] else {}
    entry = captured_entry(
        session_owner(session),
        session.partner_id,
        taken,
        fee,
        at,
        bears=burden(agreement_of(ports, session), session.cpo_id),
        converted=session.payment.converted,
        reference=references[0],
        **further,
    )
    return book(session, "cash", entry, at)


def _debit(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Debit the driver's account. It is paid, or fails, days after it was accepted."""
    payment, key = session.payment, key_of(session, effect)
    money = Money(int(effect.detail["minor"]), payment.hold.currency)
    request = HoldRequest(session.id, money, payment.source, off_session=True)
    answer = answered(
        ports,
        effect,
        looked_up(ports, session),
        lambda: ports.payments.charge(request, key),
        lambda _: True,
    )
    payment = replace(payment, reference=answer.reference)
    return debited(ports, replace(settled(session, effect), payment=payment), answer)


def debited(ports: Ports, session: Session, answer: Hold) -> Outcome:
    """The session after what the provider says of its debit: by webhook, or asked again."""
    if answer.state is HoldState.PENDING:
        if session.payment.state is not PaymentState.COLLECTING:
            session = replace(session, payment=_collecting(session.payment))
        later = ports.clock.now() + _DEBIT_LOOKS
        session = without(session, EffectKind.CONFIRM_DEBIT)
        session = added(session, EffectKind.CONFIRM_DEBIT, ports.clock.now(), after=_DEBIT_LOOKS)
        return Outcome(session, (watch(session.id, later),))
    session = without(session, EffectKind.CONFIRM_DEBIT)
    if answer.captured is None:
        return _failed(ports, session, answer.reason or answer.state.value)
    return _captured(ports, session, [(1, with_fee(ports, answer))], "")


def _collecting(payment: Payment) -> Payment:
    return advance(payment, PaymentEvent.PENDING)


def confirm_debit(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Ask for a debit's outcome, in case that nobody told us."""
    if session.payment.state is not PaymentState.COLLECTING:
        return Outcome(settled(session, effect))
    answer = ports.payments.read(session.payment.reference)
    return debited(ports, settled(session, effect), answer)
