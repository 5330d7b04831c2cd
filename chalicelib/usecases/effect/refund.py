"""How is captured money given back? To the holds that it was taken from, once a part.

A bank may have taken it back meanwhile: then the provider refuses, the driver has it from the bank,
and what is not owed goes back only if the bank decides for us.
"""

from dataclasses import replace

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import Effect
from chalicelib.domain.ledger.cash import refund_entry
from chalicelib.domain.money import Money, total
from chalicelib.domain.payment import holds
from chalicelib.domain.payment.holds import Secured
from chalicelib.domain.payment.payment import PaymentEvent, PaymentState, advance
from chalicelib.domain.session.effects import settled, told
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Hold, PaymentRefused, ProviderUnavailable
from chalicelib.usecases.effect.answer import answered, key_of, session_owner
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.payment.booking import book
from chalicelib.usecases.payment.converted import gone_back
from chalicelib.usecases.payment.loss import bank_has, others_of


def refund(ports: Ports, session: Session, effect: Effect) -> Outcome:
    """Give back part of what was captured; the outcome is an entry of its own.

    `refunded` is the sum of all refunds so far: the provider counts them in the same way.
    """
    payment = session.payment
    if payment.state is not PaymentState.REFUND_REQUESTED:
        return Outcome(settled(session, effect))
    assert payment.method is PaymentMethod.CARD, "a purse is given back where it is decided"
    before = payment.refunded or Money.zero(payment.hold.currency)
    at_bank = bank_has(others_of(ports, session))
    parts = _given_back(ports, session, effect, before, at_bank=at_bank)
    back = total((now for _, _, now in parts), before.currency)
    done = replace(advance(payment, PaymentEvent.REFUNDED), refunded=before + back)
    if at_bank:
        done = advance(done if back.minor else payment, PaymentEvent.CHARGED_BACK)
    session, at = replace(settled(session, effect), payment=done), ports.clock.now()
    if not back.minor:
        return Outcome(session)
    times = sum(booked.name.startswith("refund") for booked in session.booked)
    name = f"refund_{times + 1}" if times else "refund"
    owner = session_owner(session)
    named = effect.detail.get("dispute")
    refs = {"dispute": named} if named else {}
    entry = refund_entry(
        owner,
        session.partner_id,
        back,
        at,
        converted=gone_back(payment.converted, parts),
        name=name,
        reference=payment.reference,
        **refs,
    )
    session, write = book(session, name, entry, at)
    return Outcome(told(session, at, "session.refunded", minor=str(back.minor)), (write,))


def _given_back(
    ports: Ports, session: Session, effect: Effect, before: Money, *, at_bank: bool
) -> list[tuple[Hold, Money, Money]]:
    """What went back, by hold: how much before, and how much now. All that was asked for, but for
    what is with the driver's bank.
    """
    asked = Money(int(effect.detail["minor"]), before.currency)
    given = list[tuple[Hold, Money, Money]]()
    for part, already in _parts(session, asked, before):
        try:
            hold = _given(ports, session, effect, part, already)
        except PaymentRefused:
            if not at_bank:
                raise
            continue
        given.append((hold, already, part.money))
    return given


def _parts(session: Session, back: Money, before: Money) -> list[tuple[Secured, Money]]:
    """How much each hold gives back now, and what it has given back before."""
    gone, left, parts = before.minor, back.minor, list[tuple[Secured, Money]]()
    for held in holds.taken(session.payment):
        already = min(gone, held.money.minor)
        gone -= already
        now = min(left, held.money.minor - already)
        left -= now
        if now:
            money = Money(now, back.currency)
            part = replace(held, money=money)
            parts.append((part, Money(already, back.currency)))
    return parts


def _given(ports: Ports, session: Session, effect: Effect, part: Secured, already: Money) -> Hold:
    own = part.number == (session.payment.number or 1)
    key = key_of(session, effect) + ("" if own else f":{part.number}")
    goal = already + part.money
    answer = answered(
        ports,
        effect,
        lambda: ports.payments.read(part.reference),
        lambda: ports.payments.refund(part.reference, part.money, key),
        lambda found: found.refunded is not None and found.refunded >= goal,
    )
    if answer.refunded is None or answer.refunded < goal:
        raise ProviderUnavailable(f"the refund of {part.reference} is not done yet")
    return answer
