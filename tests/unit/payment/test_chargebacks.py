"""What follows from a chargeback, from opening to outcome, whatever is told in whatever order?"""

from dataclasses import replace
from itertools import count, permutations
from typing import Protocol

import pytest

from chalicelib.domain.agreement.agreement import Bearer, PaymentMethod
from chalicelib.domain.agreement.terms import ChargebackTerms
from chalicelib.domain.dispute.chargeback import (
    Chargeback,
    ChargebackKind,
    ChargebackState,
    IllegalChargebackTransition,
)
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balances
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import Dispute, DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.payment import loss
from chalicelib.usecases.payment.chargeback import (
    ChargebackDecided,
    classify,
    follow_dispute,
)
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.records import find
from chalicelib.usecases.session.terms import Terms
from chalicelib.usecases.session.terms import terms_of as known_terms
from sandbox.memory.world import CPO, EUR, PARTNERS, World

CARD = PARTNERS[PaymentMethod.CARD]
FEE = 2000


@pytest.fixture
def world() -> World:
    return World()


def paid(world: World) -> Session:
    session = world.bill(world.charge())
    assert session.payment.state is PaymentState.CAPTURED
    return session


def opened(
    world: World,
    session: Session,
    reason: str = "fraudulent",
    state: DisputeState = DisputeState.NEEDS_RESPONSE,
) -> str:
    dispute = world.ports.payments.open_dispute(session.payment.reference, reason, state)
    tell(world, dispute)
    return dispute


_NUMBERS = count(1)


def tell(world: World, dispute: str, what: str = "charge.dispute.updated") -> None:
    """The provider's webhook, of which nothing is believed but that something changed."""
    event = PaymentEvent(f"evt_{next(_NUMBERS)}", what, dispute)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()


def closed(world: World, dispute: str, *, won: bool) -> None:
    state = DisputeState.WON if won else DisputeState.LOST
    world.ports.payments.close_dispute(dispute, state)
    tell(world, dispute, "charge.dispute.closed")


def kept(world: World, dispute: str) -> Chargeback:
    record = find(world.ports.store, keys.chargeback(dispute), Chargeback)
    assert record is not None
    return record.value


class Minor(Protocol):
    def __call__(self, purpose: Purpose, party: str = "") -> int: ...


def book(world: World) -> Minor:
    found = balances(world.everything())

    def minor(purpose: Purpose, party: str = "") -> int:
        accounts = (a for a in found if a.purpose is purpose and (not party or a.party == party))
        return sum(found[account].get(Currency("EUR"), 0) for account in accounts)

    return minor


def agreed(monkeypatch: pytest.MonkeyPatch, chosen: ChargebackTerms) -> None:
    def terms_of(ports: Ports, session: Session) -> Terms:
        terms = known_terms(ports, session)
        return replace(terms, agreement=replace(terms.agreement, chargeback_terms=chosen))

    monkeypatch.setattr(loss, "terms_of", terms_of)


def test_the_money_leaves_when_the_bank_takes_it_and_nobody_bears_it_yet(world: World) -> None:
    session = paid(world)
    before = book(world)
    dispute = opened(world, session)
    after = book(world)
    assert after(Purpose.DISPUTED, CARD) == 1749
    assert after(Purpose.CASH) == before(Purpose.CASH) - 1749 - FEE
    assert after(Purpose.PSP_FEE) == before(Purpose.PSP_FEE) + FEE
    assert after(Purpose.CPO_PAYABLE) == before(Purpose.CPO_PAYABLE)
    assert world.session(session.id).payment.state is PaymentState.CHARGED_BACK
    assert world.session(session.id).detail["chargebacks"] == [dispute]


def test_our_evidence_goes_to_the_bank_by_itself(world: World) -> None:
    session = paid(world)
    dispute = opened(world, session)
    assert kept(world, dispute).state is ChargebackState.ANSWERED
    evidence = world.ports.payments._disputes.evidence[dispute, DisputeState.NEEDS_RESPONSE]
    assert session.id in evidence
    assert "30 kWh" in evidence


def test_what_is_won_is_as_if_it_had_not_been_but_for_the_fee(world: World) -> None:
    session = paid(world)
    before = book(world)
    closed(world, opened(world, session), won=True)
    after = book(world)
    assert after(Purpose.DISPUTED) == 0
    assert after(Purpose.CASH) == before(Purpose.CASH) - FEE
    assert after(Purpose.LOSS) == 0
    assert world.session(session.id).payment.state is PaymentState.CAPTURED


def test_fraud_is_the_platform_s_loss_and_the_sale_stands(world: World) -> None:
    session = paid(world)
    before = book(world)
    dispute = opened(world, session, "fraudulent")
    closed(world, dispute, won=False)
    after = book(world)
    assert (after(Purpose.DISPUTED), after(Purpose.LOSS)) == (0, 1749)
    for purpose in (Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE, Purpose.PLATFORM, Purpose.VAT):
        assert after(purpose) == before(purpose)
    assert kept(world, dispute).bearer is Bearer.PLATFORM


@pytest.mark.parametrize("reason", ["product_not_received", "credit_not_processed"])
def test_what_was_not_delivered_or_mispriced_the_cpo_bears_and_share_and_commission_follow(
    world: World, reason: str
) -> None:
    session = paid(world)
    dispute = opened(world, session, reason)
    closed(world, dispute, won=False)
    after = book(world)
    assert kept(world, dispute).bearer is Bearer.CPO
    for purpose in (Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE, Purpose.PLATFORM, Purpose.VAT):
        assert after(purpose) == 0
    assert (after(Purpose.DISPUTED), after(Purpose.LOSS)) == (0, 0)


def test_the_agreement_may_say_otherwise(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed(monkeypatch, ChargebackTerms(fraud=Bearer.PARTNER))
    session = paid(world)
    before = book(world)
    closed(world, opened(world, session, "fraudulent"), won=False)
    after = book(world)
    assert after(Purpose.PARTNER_PAYABLE, CARD) == before(Purpose.PARTNER_PAYABLE, CARD) + 1749
    assert after(Purpose.CPO_PAYABLE, CPO) == before(Purpose.CPO_PAYABLE, CPO)


def test_a_loss_that_is_won_after_all_is_undone_by_a_reversal(world: World) -> None:
    session = paid(world)
    before = book(world)
    dispute = opened(world, session, "product_not_received")
    closed(world, dispute, won=False)
    closed(world, dispute, won=True)
    after = book(world)
    for purpose in (Purpose.CPO_PAYABLE, Purpose.PARTNER_PAYABLE, Purpose.PLATFORM, Purpose.VAT):
        assert after(purpose) == before(purpose)
    assert after(Purpose.DISPUTED) == 0
    assert any("reverses" in entry.refs for entry in world.everything())


def test_the_same_news_again_books_nothing_again(world: World) -> None:
    dispute = opened(world, paid(world))
    closed(world, dispute, won=False)
    entries = len(world.everything())
    for _ in range(3):
        tell(world, dispute)
    assert len(world.everything()) == entries


def test_any_order_of_what_is_told_ends_in_the_same_books() -> None:
    """What the provider says now decides, so each order is some of these readings, repeated."""
    ends = set()
    for order in permutations(range(3)):
        world = World()
        session = paid(world)
        payments = world.ports.payments
        dispute = payments.open_dispute(session.payment.reference, "fraudulent")
        stages: list[Dispute] = [payments.read_dispute(dispute)]
        stages.append(payments.contest(dispute, "evidence", "k"))
        payments.close_dispute(dispute, DisputeState.LOST)
        stages.append(payments.read_dispute(dispute))
        for n in order:
            try:
                follow_dispute(world.ports, stages[n])
            except IllegalChargebackTransition:
                continue  # older than what is known
        follow_dispute(world.ports, stages[-1])
        minor = book(world)
        ends.add((minor(Purpose.DISPUTED), minor(Purpose.LOSS), minor(Purpose.CASH)))
    assert len(ends) == 1


def test_a_lost_webhook_is_made_good_by_looking_every_day(world: World) -> None:
    dispute = opened(world, paid(world))
    world.ports.payments.close_dispute(dispute, DisputeState.LOST)
    for _ in range(26):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()
    assert kept(world, dispute).state is ChargebackState.LOST
    assert not kept(world, dispute).effects
    assert not world.ports.store.query(keys.chargebacks_open())


def test_an_inquiry_moves_no_money_and_may_close_without_a_trace(world: World) -> None:
    session = paid(world)
    before = len(world.everything())
    dispute = opened(world, session, "general", DisputeState.INQUIRY)
    world.ports.payments.close_dispute(dispute, DisputeState.CLOSED)
    tell(world, dispute)
    assert kept(world, dispute).state is ChargebackState.CLOSED
    assert len(world.everything()) == before


def test_people_say_what_it_is_where_the_bank_does_not_until_it_is_decided(world: World) -> None:
    session = paid(world)
    dispute = opened(world, session, "general")
    named = classify(world.ports, dispute, ChargebackKind.MISPRICED, "anna@example.com")
    assert (named.kind, named.classified_by) == (ChargebackKind.MISPRICED, "anna@example.com")
    closed(world, dispute, won=False)
    assert kept(world, dispute).bearer is Bearer.CPO
    with pytest.raises(ChargebackDecided):
        classify(world.ports, dispute, ChargebackKind.FRAUD, "anna@example.com")


def test_a_dispute_of_no_session_of_ours_waits_and_then_is_unmatched(world: World) -> None:
    payments = world.ports.payments
    session = paid(world)
    dispute = payments.open_dispute(session.payment.reference, "fraudulent")
    stray = replace(payments.read_dispute(dispute), owner="ses_unknown")
    payments._disputes._known[dispute] = stray
    tell(world, dispute)
    row = next(name for name in world.ports.store.dump() if name.startswith("webhook#"))
    assert world.ports.store.dump()[row]["outcome"] == ""
    assert world.ports.store.dump()[row]["attempts"] == 1


def test_the_partner_hears_of_it_at_its_opening_and_its_end(world: World) -> None:
    session = paid(world)
    closed(world, opened(world, session), won=False)
    told = [
        body["type"]
        for name, body in world.ports.store.dump().items()
        if name.startswith("events#")
    ]
    assert told.count("session.disputed") == 1
    assert told.count("session.dispute_closed") == 1


def test_a_part_of_the_sale_is_undone_in_proportion_to_the_cent(world: World) -> None:
    session = paid(world)
    payments = world.ports.payments
    dispute = payments.open_dispute(session.payment.reference, "product_not_received")
    part = payments.read_dispute(dispute)
    money = Money(1000, EUR)
    moves = tuple(replace(move, money=-money) for move in part.moves)
    lost = replace(part, money=money, moves=moves, state=DisputeState.LOST)
    follow_dispute(world.ports, lost)
    undone = next(e for e in world.everything() if e.event.value == "chargeback_lost")
    parts = {str(p.account): p.money.minor for p in undone.postings}
    assert parts[str(Account(Purpose.DISPUTED, CARD))] == -1000
    assert sum(parts.values()) == 0
    assert parts[str(Account(Purpose.CPO_PAYABLE, CPO))] == pytest.approx(920, abs=2)
