"""A driver's bank asks before it takes: is it told what we know, in time, and once?"""

import pytest

from chalicelib.domain.dispute.chargeback import Chargeback, ChargebackState
from chalicelib.domain.ledger.account import Purpose
from chalicelib.ports.payments import Dispute, DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.payment.chargeback import follow_dispute, run_chargeback
from chalicelib.usecases.records import load
from sandbox.memory.world import World
from tests.unit.partner.own_methods import asked
from tests.unit.payment.kronor import stands, tell

ASKED, TAKEN = DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE


@pytest.fixture
def world() -> World:
    return World()


def opened(world: World, state: DisputeState = ASKED, reason: str = "general") -> str:
    session = world.bill(world.charge())
    return world.ports.payments.open_dispute(session.payment.reference, reason, state)


def kept(world: World, dispute: str) -> Chargeback:
    return load(world.ports.store, keys.chargeback(dispute), Chargeback, "chargeback").value


def sent(world: World, dispute: str) -> list[DisputeState]:
    """To what our evidence was an answer."""
    return [state for known, state in world.ports.payments._disputes.evidence if known == dispute]


def days_pass(world: World, days: int) -> None:
    for _ in range(24 * days):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()


def test_a_bank_that_asks_is_told_at_once_and_not_every_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, contest = list[str](), world.ports.payments.contest

    def counted(reference: str, evidence: str, key: str) -> Dispute:
        calls.append(key)
        return contest(reference, evidence, key)

    monkeypatch.setattr(world.ports.payments, "contest", counted)
    dispute = opened(world)
    tell(world, "charge.dispute.created", dispute)
    assert "30 kWh" in world.ports.payments._disputes.evidence[dispute, ASKED]
    days_pass(world, 3)
    tell(world, "charge.dispute.updated", dispute)
    assert (len(calls), kept(world, dispute).state) == (1, ChargebackState.INQUIRY)
    assert Purpose.DISPUTED.value not in str(stands(*world.everything()))


def test_an_inquiry_that_becomes_a_chargeback_is_answered_again(world: World) -> None:
    dispute = opened(world)
    tell(world, "charge.dispute.created", dispute)
    world.ports.payments.escalate_dispute(dispute)
    tell(world, "charge.dispute.updated", dispute)
    assert sent(world, dispute) == [ASKED, TAKEN]
    assert kept(world, dispute).state is ChargebackState.ANSWERED


def test_an_inquiry_that_becomes_a_chargeback_untold_is_answered_within_a_day(world: World) -> None:
    dispute = opened(world)
    tell(world, "charge.dispute.created", dispute)
    world.ports.payments.escalate_dispute(dispute)
    days_pass(world, 2)
    assert sent(world, dispute) == [ASKED, TAKEN]
    assert kept(world, dispute).state is ChargebackState.ANSWERED


@pytest.mark.parametrize("told_first", [True, False])
def test_an_answer_that_was_lost_before_the_bank_took_is_not_the_answer_to_that(
    world: World, *, told_first: bool
) -> None:
    """The provider repeats to a key what it had said of the inquiry."""
    dispute, payments = opened(world), world.ports.payments
    payments.lose_next("contest", after=True)
    tell(world, "charge.dispute.created", dispute)
    assert sent(world, dispute) == [ASKED]
    payments.escalate_dispute(dispute)
    world.ports.clock.forward(minutes=1)
    if told_first:
        follow_dispute(world.ports, payments.read_dispute(dispute))
    run_chargeback(world.ports, keys.chargeback(dispute).pk)
    tell(world, "charge.dispute.updated", dispute)
    assert sent(world, dispute) == [ASKED, TAKEN]
    assert kept(world, dispute).state is ChargebackState.ANSWERED
    assert not [e for e in kept(world, dispute).effects if e.kind.value == "contest"]


def test_what_is_asked_of_a_sepa_debit_and_what_is_over_needs_no_answer(world: World) -> None:
    returned = opened(world, reason="debit_not_authorized")
    over = opened(world)
    world.ports.payments.close_dispute(over, DisputeState.CLOSED)
    for dispute in (returned, over):
        tell(world, "charge.dispute.created", dispute)
        assert sent(world, dispute) == []


def test_a_bank_that_asks_about_a_top_up_is_told_as_well(world: World) -> None:
    dispute = world.ports.payments.open_dispute(asked(world).reference, "general", ASKED)
    tell(world, "charge.dispute.created", dispute)
    assert sent(world, dispute) == [ASKED]
    assert "balance" in world.ports.payments._disputes.evidence[dispute, ASKED]
