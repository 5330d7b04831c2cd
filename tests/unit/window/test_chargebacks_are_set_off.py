"""Does what a bank takes back meet what the same agreement earns, in the next settlement?"""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from chalicelib.domain.agreement.agreement import Bearer, PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.dispute.dispute import Dispute
from chalicelib.domain.ids import AgreementId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance
from chalicelib.domain.ledger.chargeback import lost_entry
from chalicelib.domain.ledger.entry import Event
from chalicelib.domain.ledger.reversal import reversal_entry
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Kyc
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.netting import lines_of
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import DisputeState
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_by_id
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.debt.invoice import open_debts
from chalicelib.usecases.dispute.read import chain, of_session
from chalicelib.usecases.party.read import party
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.statement import read as statements
from chalicelib.usecases.window.fates import fates
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR, PARTNERS, ZONE

CARD = f"agr_{PaymentMethod.CARD.value}"
APP = PARTNERS[PaymentMethod.CARD]
_NUMBERS = count(1)


def told(settled: SettledWorld, reference: str) -> None:
    event = PaymentEvent(f"evt_{next(_NUMBERS)}", "charge.dispute.updated", reference)
    receive_event(settled.world.ports, "stripe", event, b"{}")
    settled.world.settle()


def charged_back(
    settled: SettledWorld, session: Session, end: DisputeState = DisputeState.LOST
) -> str:
    payments = settled.world.ports.payments
    reference = payments.open_dispute(
        session.payment.reference, "product_not_received", DisputeState.NEEDS_RESPONSE
    )
    decided(settled, reference, end)
    return reference


def decided(settled: SettledWorld, reference: str, end: DisputeState) -> None:
    told(settled, reference)
    settled.world.ports.payments.close_dispute(reference, end)
    told(settled, reference)


def dispute_of(settled: SettledWorld, session: Session) -> Dispute:
    (found,) = of_session(settled.world.ports, session.partner_id, session.id)
    return found


def paid(settled: SettledWorld, party: str = CPO) -> list[int]:
    """What each window paid a party, in order."""
    found = sorted(settled.payouts(), key=lambda payout: payout.window)
    return [p.money.minor for p in found if p.party_id == party and p.money is not None]


def last_of(settled: SettledWorld, party: str = CPO) -> Payout:
    return max((p for p in settled.payouts() if p.party_id == party), key=lambda p: p.window)


def _paid_a_day() -> tuple[SettledWorld, Session]:
    settled = SettledWorld()
    session = settled.charge()
    settled.settle_day()
    settled.next_day()
    return settled, session


def _settle_today(settled: SettledWorld) -> None:
    settled.settle_day(window_id(settled.world.ports.clock.at, ZONE))


def test_a_lost_chargeback_is_kept_from_the_next_payouts_of_all_who_earned_by_the_sale() -> None:
    settled, session = _paid_a_day()
    charged_back(settled, session)
    for _ in range(2):
        settled.charge()
    _settle_today(settled)
    assert paid(settled) == [1609, 1609]  # 32.18 earned on the second day, less 16.09
    assert paid(settled, APP) == [70, 70]
    assert open_debts(settled.world.ports) == []
    book = settled.book()
    assert balance(book, Account(Purpose.CPO_PAYABLE, CPO), EUR) == Money(0, EUR)


def test_a_lost_chargeback_that_a_day_does_not_earn_is_a_debt_that_the_next_day_pays() -> None:
    settled, session = _paid_a_day()
    charged_back(settled, session)
    _settle_today(settled)
    (owing, _) = sorted(open_debts(settled.world.ports), key=lambda debt: debt.party_id)
    assert [(part.agreement, part.money.minor) for part in owing.parts] == [(CARD, 1609)]
    for _ in range(2):
        settled.next_day()
        settled.charge()
        _settle_today(settled)
    assert paid(settled) == [1609, 0, 0, 1609]
    assert open_debts(settled.world.ports) == []


def test_a_statement_names_the_session_that_was_charged_back_and_its_chain_ends_at_payouts() -> (
    None
):
    settled, session = _paid_a_day()
    charged_back(settled, session)
    settled.charge()
    settled.charge()
    _settle_today(settled)
    ports, payout = settled.world.ports, last_of(settled)
    paper = statements.read(ports, CPO, payout.id)
    (line,) = (line for line in paper["lines"] if line["event"] == "chargeback_lost")
    assert (line["session"], line["amount"]["minor"]) == (session.id, -1609)
    assert line["history"], "what was booked of it before"
    lost = chain(ports, dispute_of(settled, session))[-1]
    assert {each["id"] for each in lost.payouts} == {payout.id, last_of(settled, APP).id}
    (page,) = {each["window"] for each in lost.payouts}
    assert page == payout.window


def test_the_page_of_a_session_shows_the_chargebacks_entry_as_it_was_sealed() -> None:
    settled, session = _paid_a_day()
    reference = charged_back(settled, session)
    _settle_today(settled)
    ports = settled.world.ports
    window = last_of(settled).window
    page = next(
        text
        for name, text in ports.files.content.items()
        if f"{session.id}/settlement-{window}" in name
    )
    owner = keys.chargeback(reference).pk
    ours = [entry.id for entry in settled.entries() if entry.owner == owner]
    assert ours
    assert all(id_.encode() in page for id_ in ours)


def test_the_fee_of_a_chargeback_is_kept_from_the_agreements_bearer() -> None:
    settled = SettledWorld()
    ports = settled.world.ports
    known = agreement_by_id(ports, APP, AgreementId(CARD))
    own = replace(known, id=AgreementId("agr_own"), cpo_id=CPO, fee_bearer=Bearer.CPO)
    make_agreement(ports, replace(own, signatures=()))
    session = settled.charge()
    settled.settle_day()
    settled.next_day()
    charged_back(settled, session, DisputeState.WON)  # the money is back, the fee is not
    (fee,) = (
        posting.money.minor
        for entry in settled.entries()
        for posting in entry.postings
        if entry.event is Event.CHARGEBACK and posting.account == Account(Purpose.CPO_PAYABLE, CPO)
    )
    for _ in range(3):
        settled.charge()
    _settle_today(settled)
    a_day = paid(settled)[0]
    assert paid(settled) == [a_day, 3 * a_day - fee]
    assert open_debts(settled.world.ports) == []


def test_a_chargeback_that_is_won_after_all_is_paid_again_in_its_own_agreement() -> None:
    settled, session = _paid_a_day()
    reference = charged_back(settled, session)
    _settle_today(settled)
    settled.next_day()
    decided(settled, reference, DisputeState.WON)
    _settle_today(settled)
    assert paid(settled) == [1609, 0, 0]  # what is owed again and the debt are one sum
    assert open_debts(settled.world.ports) == []


def test_what_a_bank_gives_back_does_not_make_a_session_late_that_was_paid() -> None:
    settled, session = _paid_a_day()
    reference = charged_back(settled, session)
    settled.charge()
    settled.charge()
    _settle_today(settled)
    settled.next_day()
    decided(settled, reference, DisputeState.WON)
    ports = settled.world.ports
    blocked = party(ports, CPO)
    ports.store.write(
        Put(keys.party(CPO), to_plain(replace(blocked, kyc=Kyc.BLOCKED)), expects=None)
    )
    _settle_today(settled)
    assert last_of(settled).stage is PayoutStage.HELD
    (fate,) = fates(ports, DAY)
    assert fate.accepted_at == min(
        at for p in settled.payouts() if (at := p.accepted_at) is not None
    )


def test_an_entry_of_before_that_names_no_agreement_is_read_and_undone_as_it_was_owed() -> None:
    owner, at = keys.chargeback("dp_1").pk, datetime(2026, 11, 16, 12, tzinfo=UTC)
    shares = ((Account(Purpose.CPO_PAYABLE, CPO), Money(1609, EUR)),)
    old = lost_entry(
        owner, APP, shares, Money(1609, EUR), at, name="lost_1", session="ses_1", dispute="dsp_1"
    )
    (line,) = lines_of(old)
    assert (line.agreement, line.session, line.minor) == ("", "ses_1", -1609)
    (back,) = lines_of(reversal_entry(old, at, session="ses_1"))
    assert (back.agreement, back.minor) == ("", 1609)  # so that it meets the debt that it left
