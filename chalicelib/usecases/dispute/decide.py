"""What do staff decide about a dispute, and what is booked for it? All in one transaction.

Above the limit of `admin approval limit` two people decide: the first one's word is a proposal.
Staff say it with `python -m sandbox admin dispute decide`.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.agreement.agreement import Bearer, PaymentMethod
from chalicelib.domain.dispute.chargeback import ChargebackKind, bearer_of
from chalicelib.domain.dispute.dispute import Cause, Decision, Dispute, DisputeState
from chalicelib.domain.dispute.lifecycle import DisputeEvent, advance
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ledger.cash import Burden
from chalicelib.domain.ledger.correction import borne_entry, conceded_entry, correction_entry
from chalicelib.domain.money import Money, card_amount
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.redress import owed, present_sale, redress_of
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.domain.settlement.staff import OnePerson, Said, said
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write
from chalicelib.usecases.dispute.payback import given_back
from chalicelib.usecases.dispute.save import booked_for, loaded, writes_of
from chalicelib.usecases.effect.answer import session_owner
from chalicelib.usecases.payment.booking import entry_of
from chalicelib.usecases.payout.approve import above_limit
from chalicelib.usecases.records import write_rows_first
from chalicelib.usecases.session.read import record as session_record
from chalicelib.usecases.session.save import again, replacing
from chalicelib.usecases.session.terms import terms_of

_UNDECIDED = frozenset({DisputeState.OPEN, DisputeState.PROPOSED})


class NotForStaff(Conflict):
    code = "dispute_not_for_staff"
    how_to_fix = "read it: it is decided, or the driver's bank decides it"

    def __init__(self, dispute_id: str, state: str) -> None:
        super().__init__(f"{dispute_id} is {state}")
        self.dispute_id, self.state = dispute_id, state


class MoneyAtBank(Conflict):
    """Whoever granted this would give the same money back twice."""

    code = "money_at_bank"
    how_to_fix = "wait for the bank's decision; deny it where the bank gave the money back"

    def __init__(self, session_id: str) -> None:
        super().__init__(f"the driver's bank took the money of {session_id} back")
        self.session_id = session_id


def deny(ports: Ports, dispute_id: str, reason: str, person: str) -> Dispute:
    """Nothing is given back. One person is enough. Raises NotFound, NotForStaff."""

    def decide() -> Dispute:
        record, at = loaded(ports, dispute_id), ports.clock.now()
        word = said("deny", person, reason, at)
        _for_staff(record.value)
        decision = Decision(word.reason, (word.person,), at)
        known = replace(record.value, decision=decision, said=(*record.value.said, word))
        done = advance(known, DisputeEvent.DENIED, at)
        write_rows_first(ports.store, *writes_of(done, record.version, at))
        return done

    return again(decide)


def grant(
    ports: Ports,
    dispute_id: str,
    money: Money | None,
    reason: str,
    person: str,
    bearer: Bearer | None = None,
) -> Dispute:
    """Give the claimant `money` (all that is asked for, without it), by the agreement's bearer.

    Raises NotFound, NotForStaff, Invalid, MoneyAtBank, OnePerson.
    """

    def decide() -> Dispute:
        record, at = loaded(ports, dispute_id), ports.clock.now()
        word = said("grant", person, reason, at)
        _for_staff(record.value)
        owner = session_record(ports, record.value.session_id)
        sum_ = money or record.value.money
        _check(record.value, owner.value, sum_)
        who = bearer or _bearer(ports, record.value, owner.value)
        dispute = replace(record.value, said=(*record.value.said, word))
        people = _people(dispute, sum_, who, word)
        decision = Decision(word.reason, people, at, sum_, who)
        if not people[1:] and above_limit(ports, sum_):
            proposed = advance(replace(dispute, proposal=decision), DisputeEvent.PROPOSED, at)
            write_rows_first(ports.store, *writes_of(proposed, record.version, at))
            return proposed
        dispute = advance(replace(dispute, decision=decision), DisputeEvent.GRANTED, at)
        session, dispute, writes = corrected(ports, owner.value, dispute, at)
        put = replacing(owner, session, at)
        write_rows_first(ports.store, *writes_of(dispute, record.version, at), put, *writes)
        return dispute

    return again(decide)


def _for_staff(dispute: Dispute) -> None:
    if dispute.state not in _UNDECIDED:
        raise NotForStaff(dispute.id, dispute.state.value)


def _check(dispute: Dispute, session: Session, money: Money) -> None:
    most = dispute.money
    if dispute.cause is not Cause.CLAIM:
        if session.payment.state is PaymentState.CHARGED_BACK:
            raise MoneyAtBank(session.id)
        if session.payment.method is PaymentMethod.CARD and card_amount(money) != money:
            raise Invalid("amount", f"{money} cannot be given back to a card", "round it down")
        left = owed(session)
        billed = session.state is SessionState.BILLED and left is not None
        most = min(most, left) if billed and left else Money.zero(most.currency)
    if money.currency != most.currency or not 0 < money.minor <= most.minor:
        raise Invalid("amount", f"{money} is not from 0.01 up to {most}", "deny it to give nothing")


def _bearer(ports: Ports, dispute: Dispute, session: Session) -> Bearer:
    """By the agreement: not delivered or mispriced is the CPO's, unless it says otherwise."""
    if dispute.cause is Cause.CLAIM:
        return Bearer.PLATFORM
    if dispute.cause is Cause.CREDIT:
        return Bearer.CPO
    agreement = terms_of(ports, session).agreement
    return bearer_of(ChargebackKind(dispute.reason.value), agreement)


def _people(dispute: Dispute, money: Money, bearer: Bearer, word: Said) -> tuple[str, ...]:
    """Who has said exactly this, in order."""
    before = dispute.proposal
    if before is None or (before.money, before.bearer) != (money, bearer):
        return (word.person,)
    if word.person in before.by:
        raise OnePerson(word.person)
    return (*before.by, word.person)


def corrected(
    ports: Ports, session: Session, dispute: Dispute, at: datetime
) -> tuple[Session, Dispute, tuple[Write, ...]]:
    """A granted dispute's entry, and the way of the driver's money."""
    decision = dispute.decision
    assert decision is not None, "granted"
    assert decision.money is not None, "granted"
    money, name = decision.money, f"correction:{dispute.id}"
    refs = {"dispute": dispute.id, "reason": dispute.reason.value}
    booked = present_sale(session)
    if dispute.cause is Cause.CLAIM:
        owner = session_owner(session)
        refs |= {"sale": booked.entry_id} if booked else {}
        entry = conceded_entry(owner, session.cpo_id, money, at, name=name, **refs)
        session, dispute, write = booked_for(session, dispute, name, entry, at)
        return session, dispute, (write,)
    known, zero = redress_of(session), Money.zero(money.currency)
    assert booked is not None, "what is owed was sold"
    sale, before = entry_of(ports, booked), known.undone or zero
    if decision.bearer is Bearer.CPO:
        entry = correction_entry(sale, before, money, at, name=name, **refs)
        known = replace(known, undone=before + money)
    else:
        assert decision.bearer is not None, "somebody bears it"
        burden = Burden(decision.bearer, session.partner_id)
        why = f"dispute_{dispute.reason.value}"
        entry = borne_entry(sale, burden, why, money, at, name=name, **refs)
    session = replace(
        session, redress=replace(known, given_back=(known.given_back or zero) + money)
    )
    session, dispute, write = booked_for(session, dispute, name, entry, at)
    session, writes = given_back(ports, session, dispute.id, at, sold_at=sale.at)
    return session, dispute, (write, *writes)
