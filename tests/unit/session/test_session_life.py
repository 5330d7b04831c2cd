"""A session from the partner's start to the driver's receipt, with everything that goes wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain
from chalicelib.domain.ledger.entry import Entry, sums
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.cpo import CommandAnswer
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import (
    CdrDiffers,
    CdrForUnknownSession,
    SessionAlreadyBilled,
    accept_cdr,
)
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.session.start import IdempotencyKeyReused, QuoteExpired, start
from chalicelib.usecases.session.start_result import command_result
from chalicelib.usecases.session.stop import stop
from sandbox.memory.world import EUR, PARTNERS, PEER, World

CARD = PARTNERS[PaymentMethod.CARD]


def charge(world: World, method: PaymentMethod = PaymentMethod.CARD) -> Session:
    session = world.start(method)
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    assert session.state is SessionState.CHARGING
    return world.report(session, ChargerStatus.COMPLETED, "30", 60)


def bill(world: World, session: Session, **cdr: str) -> Session:
    accept_cdr(world.ports, world.connection, world.cdr(session, **cdr), "cdr/raw.json")
    world.settle()
    return world.session(session.id)


def entries(world: World, session: Session) -> dict[str, Entry]:
    found = {}
    for booked in session.booked:
        item = world.ports.store.get(keys.entry(booked.window, booked.entry_id))
        assert item is not None
        found[booked.name] = from_plain(Entry, item.body)
    return found


@pytest.fixture
def world() -> World:
    return World()


def test_a_card_session_is_held_charged_billed_and_captured_to_the_cent(world: World) -> None:
    session = bill(world, charge(world))
    assert session.state is SessionState.BILLED
    assert session.payment.state is PaymentState.CAPTURED
    assert session.payment.captured == Money(1749, EUR)
    assert session.bill is not None
    assert (session.bill.cpo_due.minor, session.bill.partner_due.minor) == (1609, 70)
    assert session.bill.platform.minor == 59
    assert {name: sums(e.postings) for name, e in entries(world, session).items()} == {
        "sale": {EUR: 0},
        "cash": {EUR: 0},
    }
    assert session.effects == ()
    assert session.evidence


@pytest.mark.parametrize("method", list(PaymentMethod))
def test_a_session_without_energy_gives_everything_back(
    world: World, method: PaymentMethod
) -> None:
    session = bill(world, charge(world, method), kwh="0", excl="0")
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
    assert bill(world, session).payment.captured == Money(1749, EUR)
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
    session = bill(world, session, kwh="2", excl="0.98")
    assert session.state is SessionState.BILLED
    assert "sale" in entries(world, session)
    assert "cash" not in entries(world, session)


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
    session = world.report(session, ChargerStatus.ACTIVE, "15", 20)
    assert session.state is SessionState.STOPPING
    assert session.reason == "hold_reached"
    assert len(world.ports.cpos.stops) == 1


def test_a_cdr_sent_twice_is_billed_once(world: World) -> None:
    session = charge(world)
    cdr = world.cdr(session)
    first = accept_cdr(world.ports, world.connection, cdr, "cdr/raw.json")
    again = accept_cdr(world.ports, world.connection, cdr, "cdr/raw.json")
    world.settle()
    assert (first.repeated, again.repeated) == (False, True)
    assert [b.name for b in world.session(session.id).booked] == ["sale", "cash"]


def test_a_cdr_with_other_content_or_for_no_session_changes_nothing(world: World) -> None:
    session = bill(world, charge(world))
    before = world.ports.store.dump()
    other = replace(world.cdr(session, excl="20.00"), raw_hash="other")
    with pytest.raises(CdrDiffers):
        accept_cdr(world.ports, world.connection, other, "cdr/raw.json")
    with pytest.raises(SessionAlreadyBilled):
        accept_cdr(world.ports, world.connection, world.cdr(session, id="second"), "cdr/raw.json")
    unknown = replace(world.cdr(session, id="third"), authorization_reference="ses_unknown")
    with pytest.raises(CdrForUnknownSession):
        accept_cdr(world.ports, world.connection, unknown, "cdr/raw.json")
    assert world.ports.store.dump() == before


def test_an_overcharged_cdr_costs_the_driver_the_published_price_and_leaves_a_claim(
    world: World,
) -> None:
    session = bill(world, charge(world), excl="20.00")
    assert session.bill is not None
    assert session.bill.gross == Money(1749, EUR)
    assert session.bill.claim is not None
    assert session.bill.claim.excess == Money(631, EUR)


def test_an_undercharged_cdr_is_what_the_driver_pays(world: World) -> None:
    session = bill(world, charge(world), excl="10.00")
    assert session.bill is not None
    assert session.bill.gross == Money(1190, EUR)
    assert session.bill.claim is None


def test_a_cdr_in_another_currency_is_refused(world: World) -> None:
    session = charge(world)
    with pytest.raises(Exception, match="currency"):
        accept_cdr(world.ports, world.connection, world.cdr(session, currency="SEK"), "x")


def test_a_cdr_that_was_never_pushed_is_pulled(world: World) -> None:
    session = charge(world)
    world.ports.cpos.finished.append(world.cdr(session))
    world.ports.clock.forward(minutes=70)
    sweep(world.ports)
    world.settle()
    assert world.session(session.id).payment.captured == Money(1749, EUR)


def test_a_missing_cdr_is_captured_into_held_and_settled_when_it_comes(world: World) -> None:
    session = charge(world)
    for _ in range(20):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()
    session = world.session(session.id)
    assert session.state is SessionState.ENDED
    assert session.reason == "awaiting_cdr"
    assert session.payment.captured == Money(1749, EUR)
    session = bill(world, session, kwh="20", excl="9.80")
    assert session.state is SessionState.BILLED
    assert session.payment.refunded == Money(1749 - 1166, EUR)
    assert {b.name for b in session.booked} == {
        "provisional",
        "cash",
        "provisional_reversed",
        "sale",
        "refund",
    }


def test_a_provider_that_does_not_answer_is_asked_again_with_the_same_key(world: World) -> None:
    world.ports.payments.lose_next("capture")
    session = bill(world, charge(world))
    assert session.payment.state is PaymentState.CAPTURE_REQUESTED
    world.ports.clock.forward(minutes=10)
    sweep(world.ports)
    world.settle()
    session = world.session(session.id)
    assert session.payment.captured == Money(1749, EUR)
    assert [b.name for b in session.booked] == ["sale", "cash"]


def test_a_capture_whose_key_was_forgotten_is_looked_up_not_repeated(world: World) -> None:
    world.ports.payments.lose_next("capture")
    session = bill(world, charge(world))
    world.ports.clock.at += timedelta(hours=30)
    sweep(world.ports)
    world.settle()
    assert world.session(session.id).payment.captured == Money(1749, EUR)


def test_a_lost_completed_report_is_found_at_the_cpo(world: World) -> None:
    session = world.start()
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    pushed = world.ports.cpos.reports
    world.ports.clock.forward(hours=4)
    told = world.cdr(session)
    assert pushed == []
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
    session = bill(world, charge(world, method))
    assert session.payment.captured == Money(1749, EUR)
    sale = entries(world, session)["sale"]
    assert str(sale.postings[0].account) == "invoice_receivable:par_fleet"
