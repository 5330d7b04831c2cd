"""What if a bank takes back what a decision gave back already, or only a part, or late?

Nobody bears more than the driver owed: all that is more is the driver's debt, or settles what the
driver was to have back.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.dispute.chargeback import Chargeback, ChargebackState
from chalicelib.domain.dispute.dispute import Reason
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import Session
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import Dispute, DisputeState, PaymentRefused
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.payment.chargeback import follow_dispute, run_chargeback
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.records import find
from sandbox.memory.world import EUR, PARTNERS, World
from tests.unit.dispute.credits import pass_time, sums

CARD = PARTNERS[PaymentMethod.CARD]
DRIVER = f"driver_receivable:{CARD}"
GROSS = 1749
LEGS = ("cpo_payable", "partner_payable", "platform", "vat")
_NUMBERS = count(1)


@pytest.fixture
def world() -> World:
    return World()


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def paid(world: World) -> Session:
    session = world.bill(world.charge())
    assert session.payment.captured == eur(GROSS)
    return session


def granted(world: World, session: Session, minor: int, reason: Reason) -> None:
    """Staff give a part back; the refund waits for its effect."""
    dispute = open_for_driver(world.ports, CARD, session.id, reason, minor, "", "k", "h")
    grant(world.ports, dispute.id, None, "broken", "Ada Lovelace")


def tell(world: World, dispute: str) -> None:
    event = PaymentEvent(f"evt_{next(_NUMBERS)}", "charge.dispute.updated", dispute)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()


def taken(world: World, session: Session, reason: str) -> str:
    dispute = world.ports.payments.open_dispute(session.payment.reference, reason)
    tell(world, dispute)
    return dispute


def closed(world: World, dispute: str, state: DisputeState = DisputeState.LOST) -> None:
    world.ports.payments.close_dispute(dispute, state)
    tell(world, dispute)


def kept(world: World, dispute: str) -> Chargeback:
    record = find(world.ports.store, keys.chargeback(dispute), Chargeback)
    assert record is not None
    return record.value


def earned(world: World) -> int:
    """What everybody still has of the sale, fees apart."""
    return -sum(minor for name, minor in sums(world).items() if name.startswith(LEGS))


def test_a_sale_that_was_undone_in_part_is_not_undone_again_for_that_part(world: World) -> None:
    session = paid(world)
    granted(world, session, 500, Reason.NOT_DELIVERED)
    pass_time(world)  # the driver has 5.00 back, and the CPO gave it
    before = earned(world)
    closed(world, taken(world, world.session(session.id), "product_not_received"))
    assert before == GROSS - 500
    assert earned(world) == 0  # not below
    assert sums(world)[DRIVER] == 500  # who has it from us and from the bank


def test_nobody_bears_what_was_granted_and_the_driver_has_twice(world: World) -> None:
    session = paid(world)
    granted(world, session, 500, Reason.FRAUD)  # the platform bears it, the sale stands
    pass_time(world)
    dispute = taken(world, world.session(session.id), "fraudulent")
    closed(world, dispute)
    found = sums(world)
    assert found["loss:chargeback_fraud"] == GROSS - 500
    assert found["loss:dispute_fraud"] == 500
    assert found[DRIVER] == 500
    assert (kept(world, dispute).lost, kept(world, dispute).borne) == (eur(GROSS), eur(1249))


def test_a_bank_that_was_faster_than_our_refund_settles_what_we_owed_the_driver(
    world: World,
) -> None:
    session = paid(world)
    dispute = world.ports.payments.open_dispute(session.payment.reference, "fraudulent")
    granted(world, session, 500, Reason.NOT_DELIVERED)
    follow_dispute(world.ports, world.ports.payments.read_dispute(dispute))
    closed(world, dispute)
    pass_time(world)
    found = sums(world)
    assert DRIVER not in found
    assert found["loss:chargeback_fraud"] == GROSS - 500
    assert world.session(session.id).payment.refunded in {None, eur(0)}


def test_a_refund_that_the_provider_refuses_since_the_bank_has_it_waits_for_the_bank(
    world: World,
) -> None:
    session = paid(world)
    dispute = world.ports.payments.open_dispute(session.payment.reference, "fraudulent")
    granted(world, session, 500, Reason.NOT_DELIVERED)
    with pytest.raises(PaymentRefused):  # we have not heard of the bank yet: people look
        world.settle()
    assert world.session(session.id).payment.state is PaymentState.REFUND_REQUESTED
    tell(world, dispute)
    pass_time(world)
    assert world.session(session.id).payment.state is PaymentState.CHARGED_BACK
    assert sums(world)[DRIVER] == -500
    closed(world, dispute, DisputeState.WON)
    pass_time(world)
    session = world.session(session.id)
    assert session.payment.refunded == eur(500)
    assert DRIVER not in sums(world)
    assert "disputed:par_app" not in sums(world)


def in_parts(world: World, session: Session, *minors: int) -> list[Dispute]:
    """Several charges of one session, each disputed by itself: a hold was too small."""
    whole = world.ports.payments.open_dispute(session.payment.reference, "product_not_received")
    first = world.ports.payments.read_dispute(whole)
    parts = []
    for number, minor in enumerate(minors):
        move = replace(first.moves[0], reference=f"txn_{number}", money=eur(-minor))
        parts.append(replace(first, reference=f"dp_{number}", money=eur(minor), moves=(move,)))
    for part in parts:
        follow_dispute(world.ports, part)
    return parts


def lost(part: Dispute) -> Dispute:
    return replace(part, state=DisputeState.LOST)


def won(part: Dispute) -> Dispute:
    back = replace(part.moves[0], reference=f"{part.reference}_back", money=part.money)
    zero = replace(back, fee=eur(0))
    return replace(part, state=DisputeState.WON, moves=(*part.moves, zero))


def test_two_charges_of_a_session_undo_its_sale_once_to_the_cent(world: World) -> None:
    session = paid(world)
    for part in in_parts(world, session, 1000, 749):
        follow_dispute(world.ports, lost(part))
    assert earned(world) == 0
    assert DRIVER not in sums(world)


def test_one_charge_that_was_won_does_not_free_the_other(world: World) -> None:
    session = paid(world)
    first, second = in_parts(world, session, 1000, 749)
    follow_dispute(world.ports, won(first))
    assert world.session(session.id).payment.state is PaymentState.CHARGED_BACK
    follow_dispute(world.ports, won(second))
    assert world.session(session.id).payment.state is PaymentState.CAPTURED


def test_money_that_moves_after_the_decision_is_waited_for(world: World) -> None:
    session = paid(world)
    (part,) = in_parts(world, session, GROSS)
    late = replace(won(part), moves=part.moves)
    assert follow_dispute(world.ports, late) is not None
    assert kept(world, part.reference).state is ChargebackState.WON
    kinds = [effect.kind for effect in kept(world, part.reference).effects]
    assert kinds.count(EffectKind.LOOK_UP) == 1
    assert world.ports.store.query(keys.chargebacks_open())
    world.ports.payments._disputes._known[part.reference] = won(part)
    for _ in range(26):
        world.ports.clock.at += timedelta(hours=1)
        sweep(world.ports)
        world.settle()
    assert not kept(world, part.reference).effects
    assert not world.ports.store.query(keys.chargebacks_open())
    assert "disputed:par_app" not in sums(world)


def test_a_loss_of_another_sum_after_all_is_undone_and_booked_anew(world: World) -> None:
    session = paid(world)
    (part,) = in_parts(world, session, GROSS)
    follow_dispute(world.ports, lost(part))
    back = replace(part.moves[0], reference="txn_part", money=eur(700), fee=eur(0))
    follow_dispute(world.ports, replace(lost(part), moves=(*part.moves, back)))
    names = [booked.name.partition(":")[0] for booked in kept(world, part.reference).booked]
    assert names == ["moved", "lost_1", "moved", "reversal", "lost_2"]
    assert earned(world) == 700
    assert "disputed:par_app" not in sums(world)


def test_an_answer_that_the_bank_refuses_does_not_stop_us_looking(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = paid(world)

    def refused(*_: object) -> None:
        raise PaymentRefused("evidence_too_long", "no")

    monkeypatch.setattr(world.ports.payments, "contest", refused)
    dispute = world.ports.payments.open_dispute(session.payment.reference, "fraudulent")
    follow_dispute(world.ports, world.ports.payments.read_dispute(dispute))
    world.ports.payments.close_dispute(dispute, DisputeState.LOST)
    world.ports.clock.forward(hours=25)
    pk = keys.chargeback(dispute).pk
    with pytest.raises(PaymentRefused):  # for people
        run_chargeback(world.ports, pk)
    assert kept(world, dispute).state is ChargebackState.LOST
