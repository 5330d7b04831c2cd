"""How does the driver get back what is not owed any more? By the way that it was paid.

A balance or a credit limit has it back in the same transaction. A card is refunded by an effect,
figured when it is due: after a credit CDR that is an hour later, since another CDR mostly follows.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.ids import external_id
from chalicelib.domain.money import Money
from chalicelib.domain.payment.fleet_invoice import CreditNote
from chalicelib.domain.payment.payment import PaymentEvent, advance, can
from chalicelib.domain.session.effects import added, has, told, without
from chalicelib.domain.session.redress import MOVING, paid_too_much, redress_of
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases.partner.credit import settle as bill_purse
from chalicelib.usecases.partner.invoice import credit
from chalicelib.usecases.partner.purse import read_purse, writes_of
from chalicelib.usecases.session.save import watch

REPLACEMENT_COMES = timedelta(hours=1)


def given_back(
    ports: Ports,
    session: Session,
    dispute_id: str,
    at: datetime,
    *,
    sold_at: datetime,
    after: timedelta = timedelta(0),
) -> tuple[Session, tuple[Write, ...]]:
    """The session whose driver gets back what is too much, and what is written with it.

    A fleet that was invoiced for the sale has a credit note.
    """
    if session.payment.method is PaymentMethod.CARD:
        session = without(session, EffectKind.EVEN_OUT)
        session = added(session, EffectKind.EVEN_OUT, at, after=after, dispute=dispute_id)
        return session, (watch(session.id, at + after),)
    back = paid_too_much(session)
    if not back.minor:
        return session, ()
    payment = session.payment
    kept = read_purse(ports, session.partner_id, payment.method, back.currency)
    if can(payment, PaymentEvent.REFUND):  # a reservation that was freed early is "released"
        payment = advance(advance(payment, PaymentEvent.REFUND), PaymentEvent.REFUNDED)
    before = payment.refunded or Money.zero(back.currency)
    session = replace(session, payment=replace(payment, refunded=before + back))
    session = told(session, at, "session.refunded", minor=str(back.minor))
    writes = writes_of(kept, kept.purse.repay(back))
    if payment.method is PaymentMethod.INVOICE:
        id_ = external_id("crn", session.id, dispute_id)
        note = CreditNote(id_, back, at.date(), session.id, dispute_id)
        writes += credit(ports, session.partner_id, note, sold_at)
    return session, (watch(session.id, at), *writes)  # the stream alone must not tell


def collected_anew(
    ports: Ports, session: Session, at: datetime
) -> tuple[Session, tuple[Write, ...]]:
    """A session that was credited is billed again: the driver keeps what is paid and owed.

    What a card has been given back already is the driver's debt, like any that is not captured.
    """
    assert session.bill is not None, "billed just now"
    payment = session.payment
    if payment.method is not PaymentMethod.CARD:
        settled = bill_purse(ports, session.partner_id, payment, session.bill.gross)
        payment = settled.payment
        if can(payment, PaymentEvent.CAPTURE):
            payment = advance(advance(payment, PaymentEvent.CAPTURE), PaymentEvent.CAPTURED)
        return replace(session, payment=replace(payment, refunded=None)), settled.writes
    session = without(session, EffectKind.EVEN_OUT)
    named = redress_of(session).disputes[-1]  # the credit's
    return added(session, EffectKind.EVEN_OUT, at, dispute=named), (watch(session.id, at),)


def is_even(session: Session) -> bool:
    """Whether nothing is on its way to the driver, and nothing will be."""
    moving = session.payment.state in MOVING
    return not moving and not has(session, EffectKind.EVEN_OUT)
