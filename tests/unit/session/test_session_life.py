"""A session from the partner's start to the driver's receipt, with everything that goes wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ledger.entry import sums
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.cpo import CommandAnswer
from chalicelib.usecases import keys
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.session.start import QuoteExpired, start
from chalicelib.usecases.session.start_result import command_result
from chalicelib.usecases.session.stop import stop
from sandbox.memory.world import EUR, PARTNERS, PEER, World

CARD = PARTNERS[PaymentMethod.CARD]


@pytest.fixture
def world() -> World:
    return World()


def test_a_card_session_is_held_charged_billed_and_captured_to_the_cent(world: World) -> None:
    session = world.bill(world.charge())
    assert session.state is SessionState.BILLED
    assert session.payment.state is PaymentState.CAPTURED
    assert session.payment.captured == Money(1749, EUR)
    assert session.bill is not None
    assert (session.bill.cpo_due.minor, session.bill.partner_due.minor) == (1609, 70)
    assert session.bill.platform.minor == 59
    assert {name: sums(e.postings) for name, e in world.entries(session).items()} == {
        "sale": {EUR: 0},
        "cash": {EUR: 0},
    }
    assert session.effects == ()
    assert session.evidence


@pytest.mark.parametrize("method", list(PaymentMethod))
def test_a_session_without_energy_gives_everything_back(
    world: World, method: PaymentMethod
) -> None:
    session = world.bill(world.charge(method), kwh="0", excl="0")
    assert session.state is SessionState.BILLED
    assert session.booked == ()
    assert session.payment.state in {PaymentState.RELEASED, PaymentState.CAPTURED}
    assert session.payment.captured is None or session.payment.captured.minor == 0


def test_the_start_is_sent_once_whatever_is_repeated(world: World) -> None:
    session = world.start()
    for _ in range(3):
        world.ports.store.stream.append(keys.session(session.id))
        world.settle()
        world.ports.clock.forward(minutes=6)
        sweep(world.ports)
    assert len(world.ports.cpos.starts) == 1


def test_a_declined_card_refuses_the_session_and_no_charger_is_asked(world: World) -> None:
    world = World(card="pm_card_chargeDeclined")
    session = world.start()
    assert session.state is SessionState.REFUSED
    assert session.payment.state is PaymentState.DECLINED
    assert world.ports.cpos.starts == []


def test_a_refused_start_gives_the_hold_back(world: World) -> None:
    world.ports.cpos.answer = CommandAnswer.REJECTED
    session = world.start()
    assert session.state is SessionState.REFUSED
    assert session.payment.state is PaymentState.RELEASED


def test_a_start_that_timed_out_and_then_started_is_found_and_billed(world: World) -> None:
    world.ports.cpos.loses_answer = True
    session = world.start()
    assert session.state is SessionState.STARTING
    command_result(world.ports, PEER, "START_SESSION", session.id, "TIMEOUT")
    session = charge_after_start(world, session)
    assert world.bill(session).payment.captured == Money(1749, EUR)
    assert len(world.ports.cpos.starts) == 1


def charge_after_start(world: World, session: Session) -> Session:
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    return world.report(session, ChargerStatus.COMPLETED, "30", 60)


def test_a_start_of_which_nothing_is_heard_is_given_up_and_the_hold_goes_back(
    world: World,
) -> None:
    session = world.start()
    for _ in range(15):
        world.ports.clock.forward(minutes=5)
        sweep(world.ports)
        world.settle()
    session = world.session(session.id)
    assert session.state is SessionState.ABANDONED
    assert session.payment.state is PaymentState.RELEASED
    assert session.reason == "charger_never_started"


def test_a_charger_that_starts_after_it_was_given_up_is_stopped_and_billed_as_a_debt(
    world: World,
) -> None:
    world.ports.cpos.answer = CommandAnswer.REJECTED
    session = world.start()
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    assert world.ports.cpos.stops
    session = world.report(session, ChargerStatus.COMPLETED, "2", 6)
    session = world.bill(session, kwh="2", excl="0.98")
    assert session.state is SessionState.BILLED
    assert "sale" in world.entries(session)
    assert "cash" not in world.entries(session)


def test_the_same_key_with_the_same_body_is_the_same_session(world: World) -> None:
    first = world.start()
    again = start(world.ports, CARD, first.quote_id, first.token_id, "k1", "h")
    assert again.id == first.id
    with pytest.raises(IdempotencyKeyReused):
        start(world.ports, CARD, first.quote_id, first.token_id, "k1", "other body")


def test_an_expired_quote_starts_nothing(world: World) -> None:
    first = world.start()
    world.ports.clock.forward(hours=1)
    with pytest.raises(QuoteExpired):
        start(world.ports, CARD, first.quote_id, first.token_id, "k2", "h")


def test_a_stop_before_the_charger_was_asked_gives_the_hold_back(world: World) -> None:
    world = World(card="pm_card_authenticationRequired")
    session = world.start()
    assert session.payment.state is PaymentState.ACTION_REQUIRED
    stop(world.ports, CARD, session.id)
    world.settle()
    session = world.session(session.id)
    assert session.state is SessionState.ABANDONED
    assert session.payment.state is PaymentState.RELEASED
    assert world.ports.cpos.starts == []


def test_a_stop_while_charging_is_sent_to_the_charger(world: World) -> None:
    session = world.start()
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    stop(world.ports, CARD, session.id)
    world.settle()
    assert world.session(session.id).state is SessionState.STOPPING
    assert len(world.ports.cpos.stops) == 1


def test_a_session_near_its_hold_is_extended(world: World) -> None:
    session = world.start(hold_minor=1000)
    session = world.report(session, ChargerStatus.ACTIVE, "15", 20)  # 8.75 of 10.00
    assert session.payment.hold == Money(1500, EUR)
    assert session.state is SessionState.CHARGING


def test_a_session_that_cannot_be_extended_is_stopped(world: World) -> None:
    world = World(card="pm_card_amex")
    session = world.start(hold_minor=1000)
    world.ports.payments.declining = "insufficient_funds"  # no further hold either
    session = world.report(session, ChargerStatus.ACTIVE, "15", 20)
    assert session.state is SessionState.STOPPING
    assert session.reason == "hold_reached"
    assert len(world.ports.cpos.stops) == 1


def test_a_provider_that_does_not_answer_is_asked_again_with_the_same_key(world: World) -> None:
    world.ports.payments.lose_next("capture")
    session = world.bill(world.charge())
    assert session.payment.state is PaymentState.CAPTURE_REQUESTED
    world.ports.clock.forward(minutes=10)
    sweep(world.ports)
    world.settle()
    session = world.session(session.id)
    assert session.payment.captured == Money(1749, EUR)
    assert [b.name for b in session.booked] == ["sale", "cash"]


def test_a_capture_whose_key_was_forgotten_is_looked_up_not_repeated(world: World) -> None:
    world.ports.payments.lose_next("capture")
    session = world.bill(world.charge())
    world.ports.clock.at += timedelta(hours=30)
    sweep(world.ports)
    world.settle()
    assert world.session(session.id).payment.captured == Money(1749, EUR)


def test_a_lost_completed_report_is_found_at_the_cpo(world: World) -> None:
    session = world.start()
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    world.ports.clock.forward(hours=4)
    told = world.cdr(session)
    world.ports.cpos.finished.append(replace(told, last_updated=world.ports.clock.now()))
    for _ in range(5):
        world.ports.clock.forward(hours=4)
        sweep(world.ports)
        world.settle()
    assert world.session(session.id).state is SessionState.BILLED


@pytest.mark.parametrize("method", [PaymentMethod.INVOICE])
def test_a_fleet_is_billed_on_its_limit_and_no_provider_is_asked(
    world: World, method: PaymentMethod
) -> None:
    session = world.bill(world.charge(method))
    assert session.payment.captured == Money(1749, EUR)
    sale = world.entries(session)["sale"]
    assert str(sale.postings[0].account) == "invoice_receivable:par_fleet"


def test_a_bank_step_that_nobody_takes_ends_the_session(world: World) -> None:
    world = World(card="pm_card_authenticationRequired")
    session = world.start()
    for _ in range(5):
        world.ports.clock.forward(minutes=5)
        sweep(world.ports)
        world.settle()
    session = world.session(session.id)
    assert session.state is SessionState.ABANDONED
    assert session.reason == "payment_not_completed"
    assert session.payment.state is PaymentState.RELEASED


@pytest.mark.parametrize("result", ["TIMEOUT", "ACCEPTED", "A_WORD_OF_TOMORROW"])
def test_a_result_that_is_no_clear_no_keeps_the_hold(world: World, result: str) -> None:
    session = world.start()
    command_result(world.ports, PEER, "START_SESSION", session.id, result)
    world.settle()
    assert world.session(session.id).state is SessionState.STARTING
    assert world.session(session.id).payment.state is PaymentState.AUTHORISED
