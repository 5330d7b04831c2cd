"""What if a hold is too small, or about to lapse? The payment owns several, taken once in sum."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from chalicelib.domain.money import Money
from chalicelib.domain.payment import holds
from chalicelib.domain.payment.payment import OtherUse, PaymentState
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.payments import Hold, HoldState, ProviderUnavailable
from chalicelib.usecases.effect.sweep import sweep
from sandbox.memory.world import EUR, World

AMEX = "pm_card_amex"  # its holds cannot be raised


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def holds_of(world: World) -> list[Hold]:
    return [world.ports.payments.read(reference) for reference in world.ports.payments._holds]


def taken(world: World) -> int:
    return sum(hold.captured.minor for hold in holds_of(world) if hold.captured is not None)


def open_holds(world: World) -> int:
    return sum(hold.state is HoldState.HELD for hold in holds_of(world))


def sweeps(world: World, hours: int) -> None:
    for _ in range(hours):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch, world: World, *calls: str) -> Iterator[None]:
    def no_answer(*_: object) -> None:
        raise ProviderUnavailable("away")

    with monkeypatch.context() as patched:
        for call in calls:
            patched.setattr(world.ports.payments, call, no_answer)
        yield


def long_charge(world: World, days: int, step_h: int = 6) -> Session:
    """A car that charges slowly for days; its charger reports."""
    session = world.start(hold_minor=5000)
    for hour in range(step_h, days * 24 + 1, step_h):
        session = world.report(session, ChargerStatus.ACTIVE, "5", hour * 60)
        sweep(world.ports)
        world.settle()
    return world.session(session.id)


def test_a_hold_that_cannot_be_raised_is_joined_by_a_further_one() -> None:
    world = World(card=AMEX)
    session = world.start(hold_minor=1000)
    session = world.report(session, ChargerStatus.ACTIVE, "15", 20)
    assert session.state is SessionState.CHARGING
    assert session.payment.hold == eur(1500)
    assert [held.money for held in holds.secured(session.payment)] == [eur(1000), eur(500)]
    assert open_holds(world) == 2


def test_what_both_hold_is_taken_once_and_in_one_entry() -> None:
    world = World(card=AMEX)
    session = world.start(hold_minor=1000)
    world.report(session, ChargerStatus.ACTIVE, "15", 20)
    world.report(session, ChargerStatus.COMPLETED, "20", 60)
    session = world.bill(session, kwh="20", excl="9.80")
    assert (session.payment.state, session.payment.captured) == (
        PaymentState.CAPTURED,
        eur(1166),
    )
    assert (taken(world), open_holds(world)) == (1166, 0)
    cash = world.entries(session)["cash"]
    assert cash.refs["further"]
    assert session.payment.fee == eur(15 + 25 + 2 + 25)  # each hold costs its own


def test_a_further_hold_that_is_not_needed_goes_back() -> None:
    world = World(card=AMEX)
    session = world.start(hold_minor=1000)
    world.report(session, ChargerStatus.ACTIVE, "15", 20)
    world.report(session, ChargerStatus.COMPLETED, "16", 60)
    session = world.bill(session, kwh="16", excl="7.84")
    assert session.payment.captured == eur(933)
    assert (taken(world), open_holds(world)) == (933, 0)
    assert session.payment.others is not None
    assert [other.use for other in session.payment.others] == [OtherUse.GONE]
    assert not session.effects


def test_a_refund_goes_to_the_holds_that_were_taken() -> None:
    world = World(card=AMEX)
    session = world.start(hold_minor=1000)
    world.report(session, ChargerStatus.ACTIVE, "15", 20)
    session = world.report(session, ChargerStatus.COMPLETED, "20", 60)
    sweeps(world, 20)  # no CDR comes: 11.66 are taken, held for it
    assert taken(world) == 1166
    session = world.bill(session, kwh="1", excl="0.49")
    sweeps(world, 1)
    session = world.session(session.id)
    assert session.payment.refunded == eur(1166 - 58)
    back = [hold.refunded.minor for hold in holds_of(world) if hold.refunded is not None]
    assert sorted(back) == [108, 1000]


def test_when_no_further_hold_can_be_had_the_charger_is_stopped() -> None:
    world = World(card=AMEX)
    session = world.start(hold_minor=1000)
    world.ports.payments.declining = "insufficient_funds"
    session = world.report(session, ChargerStatus.ACTIVE, "15", 20)
    assert (session.state, session.reason) == (SessionState.STOPPING, "hold_reached")
    assert session.payment.hold == eur(1000)


def test_a_further_hold_whose_answer_was_lost_is_looked_up_and_released(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(card=AMEX)
    session = world.start(hold_minor=1000)
    world.ports.payments.lose_next("hold")
    session = world.report(session, ChargerStatus.ACTIVE, "15", 20)
    assert open_holds(world) == 2  # the provider has it, we do not know
    with away(monkeypatch, world, "hold", "find"):
        session = world.report(session, ChargerStatus.COMPLETED, "16", 60)
        session = world.bill(session, kwh="16", excl="7.84")
        sweeps(world, 25)  # the key is forgotten by now
    sweeps(world, 3)
    session = world.session(session.id)
    assert (taken(world), open_holds(world)) == (933, 0)
    assert not session.effects


def test_a_hold_that_nears_its_end_is_replaced_before_it_lapses() -> None:
    world = World()
    session = long_charge(world, 8)
    assert session.state is SessionState.CHARGING
    before = session.payment.capture_before
    assert before is not None
    assert before > world.ports.clock.now() + timedelta(days=4)
    assert open_holds(world) == 1
    session = world.report(session, ChargerStatus.COMPLETED, "30", 8 * 24 * 60 + 60)
    sweeps(world, 20)
    assert taken(world) == 1749
    assert open_holds(world) == 0
    assert not [hold for hold in holds_of(world) if hold.reason == "expired"]


def test_when_the_later_hold_is_declined_the_charge_ends_before_the_old_one_lapses() -> None:
    world = World()
    session = long_charge(world, 5)
    world.ports.payments.declining = "expired_card"
    for hour in range(5 * 24 + 6, 6 * 24 + 13, 6):
        world.report(session, ChargerStatus.ACTIVE, "5", hour * 60)
        sweep(world.ports)
        world.settle()
    session = world.session(session.id)
    assert (session.state, session.reason) == (SessionState.STOPPING, "hold_expiring")
    assert session.payment.capture_before is not None
    assert world.ports.clock.now() < session.payment.capture_before


def test_a_partial_capture_when_one_hold_lapsed_leaves_the_rest_as_a_debt() -> None:
    world = World(card=AMEX)
    session = world.start(hold_minor=1000)
    world.report(session, ChargerStatus.ACTIVE, "15", 20)
    session = world.report(session, ChargerStatus.COMPLETED, "20", 60)
    further = holds.secured(session.payment)[1]
    world.ports.payments.release(further.reference, "the bank took it back")
    session = world.bill(session, kwh="20", excl="9.80")
    assert session.payment.captured == eur(1000)
    assert session.payment.state is PaymentState.CAPTURED
    assert session.bill is not None
    assert session.bill.cpo_due.minor > 1000  # the CPO is paid all the same
