"""A CPO is paid by bank transfer: what do the settlement, the bank and the books say?"""

import pytest

from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.domain.settlement.run import Stage
from chalicelib.ports.bank import MailboxUnavailable
from chalicelib.usecases.payout.agree import agree
from chalicelib.usecases.payout.block import ACCOUNT_BLOCKED, unblock
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.window.lease import run_of
from sandbox.memory.banked import RHEIN_IBAN, BankedPorts
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR
from sandbox.peers.bank.bank import Fate
from tests.unit.bank.sepa_case import FLOAT, Case


def _down(name: str, _content: bytes) -> None:
    raise MailboxUnavailable(f"no answer to {name}")


def test_an_upload_is_no_acceptance() -> None:
    case = Case()
    case.settled.settle_day()
    assert len(case.settled.world.ports.mailbox.sent) == 1
    assert case.payout().stage is PayoutStage.PAYING
    assert not run_of(case.settled.world.ports, DAY).value.reached(Stage.CLOSED)
    case.check()


def test_a_transfer_is_accepted_then_credited_and_the_window_closes() -> None:
    case = Case()
    case.settle()
    assert case.payout().stage is PayoutStage.ACCEPTED
    assert run_of(case.settled.world.ports, DAY).value.reached(Stage.CLOSED)
    assert case.debt() == 0
    case.check()
    case.later(2)
    assert case.payout().stage is PayoutStage.CREDITED
    assert case.banked.bank.minor == FLOAT - 1609
    case.check()


def test_a_return_reopens_the_debt_and_blocks_the_account_until_a_person_looks() -> None:
    case = Case()
    case.banked.bank.fates[RHEIN_IBAN] = Fate(returns="AC04")
    case.settle()
    case.later(4)
    returned = case.payout()
    assert (returned.stage, returned.reason) == (PayoutStage.RETURNED, "returned_AC04")
    assert case.debt() == 1609
    ports = case.settled.world.ports
    agree(ports, returned.id, "ada")
    agree(ports, returned.id, "bob")
    sweep_payouts(ports)
    case.check()
    for _ in range(4):
        case.settled.settle_day(case.settled.next_day())
    assert case.payout().reason == ACCOUNT_BLOCKED
    assert len(ports.mailbox.sent) == 1
    unblock(ports, returned.account, "ada")
    case.settled.settle_day(case.settled.next_day())
    case.banked.answer()
    case.later(5)
    assert case.payout().stage is PayoutStage.CREDITED
    assert case.banked.bank.minor == FLOAT - 1609
    case.check()


def test_new_bank_details_that_two_people_agreed_on_are_another_account() -> None:
    case = Case()
    case.banked.bank.fates[RHEIN_IBAN] = Fate(returns="AC06")
    case.settle()
    case.later(4)
    ports = case.settled.world.ports
    for person in ("ada", "bob"):
        agree(ports, case.payout().id, person)
    case.banked.open_account("NL91ABNA0417164300")
    case.banked.move(CPO, "NL91ABNA0417164300")
    sweep_payouts(ports)
    for _ in range(5):
        case.settled.settle_day(case.settled.next_day())
        case.banked.answer()
    assert case.payout().stage is PayoutStage.CREDITED
    assert case.debt() == 0
    case.check()


def test_what_the_bank_refuses_moved_nothing_and_is_held() -> None:
    case = Case()
    case.banked.bank.fates[RHEIN_IBAN] = Fate(refused="AC04")
    case.settle()
    held = case.payout()
    assert (held.stage, held.reason) == (PayoutStage.HELD, "refused_AC04")
    assert case.debt() == 1609
    assert case.cash() == Money(FLOAT, EUR)
    case.check()
    for _ in range(2):
        case.settled.settle_day(case.settled.next_day())
    assert case.payout().reason == ACCOUNT_BLOCKED


def test_a_rejection_after_the_acceptance_is_a_return() -> None:
    case = Case()
    case.banked.bank.fates[RHEIN_IBAN] = Fate(fails="MD07")
    case.settle()
    assert case.payout().stage is PayoutStage.ACCEPTED
    case.later(2)
    assert case.payout().stage is PayoutStage.RETURNED
    case.check()


def test_a_silent_bank_leaves_the_window_open_and_is_never_asked_twice() -> None:
    case = Case()
    case.banked.bank.silent = True
    case.settled.settle_day()
    for _ in range(4):
        case.settled.next_day()
        case.settled.run()
    assert case.payout().stage is PayoutStage.PAYING
    assert len(case.settled.world.ports.mailbox.sent) == 1
    case.banked.bank.silent = False
    case.banked.answer()
    assert case.payout().stage is PayoutStage.ACCEPTED


def test_a_transfer_larger_than_the_stated_balance_waits_for_money() -> None:
    settled = SettledWorld()
    banked = BankedPorts(settled.world.ports)
    banked.open_account()
    banked.fund(1000)
    banked.move(CPO)
    settled.charge()
    settled.settle_day()
    (held,) = [payout for payout in settled.payouts() if payout.party_id == CPO]
    assert (held.stage, held.reason) == (PayoutStage.HELD, "unfunded")
    assert not settled.world.ports.mailbox.sent


def test_a_mailbox_that_was_down_for_days_gets_the_file_once_and_nobody_has_to_look() -> None:
    case = Case()
    ports = case.settled.world.ports
    with pytest.MonkeyPatch.context() as down:
        down.setattr(ports.mailbox, "put", _down)
        case.settled.settle_day()
        ports.clock.forward(days=3)
        case.settled.run()
    assert (case.payout().stage, ports.mailbox.sent) == (PayoutStage.PAYING, {})
    case.settle()
    assert case.payout().stage is PayoutStage.ACCEPTED
    assert len(ports.mailbox.sent) == 1
    case.check()
