"""Who opens a dispute? A partner for its driver, the CPO by what it asks for, a driver's bank."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.dispute.chargeback import OVER, Chargeback, ChargebackKind, ChargebackState
from chalicelib.domain.dispute.dispute import Cause, Dispute, DisputeState, Reason, dispute_id
from chalicelib.domain.dispute.lifecycle import DisputeEvent, advance, opened
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.payment import PaymentEvent, can
from chalicelib.domain.session.effects import added, has
from chalicelib.domain.session.redress import owed, paid_too_much, redress_of, with_dispute
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.tariff.compare import Verdict
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.save import about, writes_of
from chalicelib.usecases.records import find, write_rows_first
from chalicelib.usecases.session.read import read
from chalicelib.usecases.session.read import record as session_record
from chalicelib.usecases.session.save import again, replacing, watch


class NothingToDispute(Conflict):
    code = "nothing_to_dispute"
    field = "session_id"
    how_to_fix = "Dispute a session once it is billed, and before its money is given back."

    def __init__(self, session_id: str, state: str) -> None:
        super().__init__(f"{session_id} is {state}: its driver owes nothing by a bill")
        self.session_id, self.state = session_id, state


class DisputeOpen(Conflict):
    """One at a time, so that two decisions cannot give the same cent back."""

    code = "dispute_open"
    field = "session_id"
    how_to_fix = "Wait for the decision of the open one."

    def __init__(self, session_id: str, id_: str) -> None:
        super().__init__(f"{id_} about {session_id} is open")
        self.session_id, self.dispute_id = session_id, id_


def open_for_driver(
    ports: Ports,
    partner_id: PartyId,
    session_id: str,
    reason: Reason,
    minor: int | None,
    text: str,
    idempotency_key: str,
    request_hash: str,
) -> Dispute:
    """The driver wants some of it back, or (without a sum) all of it. The same key: the same one.

    Raises NotFound, NothingToDispute, DisputeOpen, Invalid, IdempotencyKeyReused.
    """
    id_ = dispute_id(Cause.DRIVER, partner_id, session_id, idempotency_key)

    def decide() -> Dispute:
        session = read(ports, partner_id, session_id)
        record, at = session_record(ports, session_id), ports.clock.now()
        # After the session: a repeated call that comes between is known by then, and no other's.
        known = find(ports.store, keys.dispute(id_), Dispute)
        if known is not None:
            if known.value.request_hash != request_hash:
                raise IdempotencyKeyReused
            return known.value
        _none_is_open(ports, session)
        money = _asked(session, minor)
        dispute = about(session, id_, Cause.DRIVER, reason, money, at)
        dispute = replace(dispute, text=text, request_hash=request_hash)
        dispute = opened(dispute, DisputeEvent.OPENED, at)
        linked = with_dispute(record.value, id_)
        put = replacing(record, linked, at)
        write_rows_first(ports.store, *writes_of(dispute, None, at), put)
        return dispute

    return again(decide)


def _asked(session: Session, minor: int | None) -> Money:
    left = owed(session)
    if session.state is not SessionState.BILLED or left is None or left.minor <= 0:
        raise NothingToDispute(session.id, session.state.value)
    if minor is None:
        return left
    if not 0 < minor <= left.minor:
        raise Invalid("amount", f"{minor} is not from 1 to {left.minor}, what is left of the bill")
    return Money(minor, Currency(left.currency))


def _none_is_open(ports: Ports, session: Session) -> None:
    for id_ in redress_of(session).disputes:
        found = find(ports.store, keys.dispute(id_), Dispute)
        if found is None or found.value.over or found.value.cause is Cause.CLAIM:
            continue
        raise DisputeOpen(session.id, id_)


def opened_by_claim(session: Session, at: datetime) -> tuple[Session, tuple[Write, ...]]:
    """The session was billed for less than its CDR asks: the CPO may be right, people look."""
    claim = None if session.bill is None else session.bill.claim
    if claim is None or claim.verdict == Verdict.AGREES.value:
        return session, ()
    id_ = dispute_id(Cause.CLAIM, session.id, session.cdr_id)
    dispute = about(session, id_, Cause.CLAIM, Reason.MISPRICED, claim.excess, at)
    dispute = replace(dispute, reference=session.cdr_id, text=claim.verdict)
    dispute = opened(dispute, DisputeEvent.OPENED, at)
    return with_dispute(session, id_), writes_of(dispute, None, at)


_REASONS = {
    ChargebackKind.FRAUD: Reason.FRAUD,
    ChargebackKind.NOT_DELIVERED: Reason.NOT_DELIVERED,
    ChargebackKind.MISPRICED: Reason.MISPRICED,
}


def followed_by_bank(
    ports: Ports, chargeback: Chargeback, session: Session, at: datetime
) -> tuple[Session, tuple[Write, ...]]:
    """A chargeback's own dispute, as far as the bank is with it; all in the caller's transaction.

    Who bears a loss, and its entries, are the chargeback's (usecases/payment/loss.py).
    """
    session, rows = _evened(session, at)
    id_ = dispute_id(Cause.CHARGEBACK, chargeback.id)
    reason = _REASONS.get(chargeback.kind, Reason.OTHER)
    record = find(ports.store, keys.dispute(id_), Dispute)
    if record is None:
        dispute = about(session, id_, Cause.CHARGEBACK, reason, chargeback.money, at)
        dispute = replace(dispute, reference=chargeback.id)
        dispute = opened(dispute, DisputeEvent.BANK_TOOK, at)
    else:
        dispute = record.value
    dispute = replace(dispute, reason=reason, booked=chargeback.booked)
    if chargeback.state in OVER:
        lost = chargeback.state is ChargebackState.LOST
        goal = DisputeState.SETTLED if lost else DisputeState.DENIED
        if dispute.state is not goal:
            event = DisputeEvent.BANK_LOST if lost else DisputeEvent.BANK_WON
            dispute = advance(dispute, event, at)
    if record is not None and dispute == record.value:
        return session, rows
    version = None if record is None else record.version
    return with_dispute(session, id_), (*rows, *writes_of(dispute, version, at))


def _evened(session: Session, at: datetime) -> tuple[Session, tuple[Write, ...]]:
    """What the bank gave back to us, and the driver does not owe any more, goes back after all."""
    waits = has(session, EffectKind.EVEN_OUT) or not can(session.payment, PaymentEvent.REFUND)
    named = redress_of(session).disputes
    if waits or not named or not paid_too_much(session).minor:
        return session, ()
    session = added(session, EffectKind.EVEN_OUT, at, dispute=named[-1])
    return session, (watch(session.id, at),)
