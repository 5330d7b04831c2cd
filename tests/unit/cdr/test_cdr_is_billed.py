"""A CDR becomes one bill: repeated, wrong, late, overcharged or missing."""

from dataclasses import replace

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import SessionState
from chalicelib.usecases.cdr.accept import (
    CdrDiffers,
    CdrForUnknownSession,
    accept_cdr,
)
from chalicelib.usecases.effect.sweep import sweep
from sandbox.memory.world import EUR, PARTNERS, World

CARD = PARTNERS[PaymentMethod.CARD]


@pytest.fixture
def world() -> World:
    return World()


def test_a_cdr_sent_twice_is_billed_once(world: World) -> None:
    session = world.charge()
    cdr = world.cdr(session)
    first = accept_cdr(world.ports, world.connection, cdr, "cdr/raw.json")
    again = accept_cdr(world.ports, world.connection, cdr, "cdr/raw.json")
    world.settle()
    assert (first.repeated, again.repeated) == (False, True)
    assert [b.name for b in world.session(session.id).booked] == ["sale", "cash"]


def test_a_cdr_with_other_content_or_for_no_session_changes_nothing(world: World) -> None:
    session = world.bill(world.charge())
    before = world.ports.store.dump()
    other = replace(world.cdr(session, excl="20.00"), raw_hash="other")
    with pytest.raises(CdrDiffers):
        accept_cdr(world.ports, world.connection, other, "cdr/raw.json")
    unknown = replace(world.cdr(session, id="third"), authorization_reference="ses_unknown")
    with pytest.raises(CdrForUnknownSession):
        accept_cdr(world.ports, world.connection, unknown, "cdr/raw.json")
    assert world.ports.store.dump() == before


def test_an_overcharged_cdr_costs_the_driver_the_published_price_and_leaves_a_claim(
    world: World,
) -> None:
    session = world.bill(world.charge(), excl="20.00")
    assert session.bill is not None
    assert session.bill.gross == Money(1749, EUR)
    assert session.bill.claim is not None
    assert session.bill.claim.excess == Money(631, EUR)


def test_an_undercharged_cdr_is_what_the_driver_pays(world: World) -> None:
    session = world.bill(world.charge(), excl="10.00")
    assert session.bill is not None
    assert session.bill.gross == Money(1190, EUR)
    assert session.bill.claim is None


def test_a_cdr_in_another_currency_is_refused(world: World) -> None:
    session = world.charge()
    with pytest.raises(Exception, match="currency"):
        accept_cdr(world.ports, world.connection, world.cdr(session, currency="SEK"), "x")


def test_a_cdr_that_was_never_pushed_is_pulled(world: World) -> None:
    session = world.charge()
    world.ports.cpos.finished.append(world.cdr(session))
    world.ports.clock.forward(minutes=70)
    sweep(world.ports)
    world.settle()
    assert world.session(session.id).payment.captured == Money(1749, EUR)


def test_a_missing_cdr_is_captured_into_held_and_settled_when_it_comes(world: World) -> None:
    session = world.charge()
    for _ in range(20):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()
    session = world.session(session.id)
    assert session.state is SessionState.ENDED
    assert session.reason == "awaiting_cdr"
    assert session.payment.captured == Money(1749, EUR)
    session = world.bill(session, kwh="20", excl="9.80")
    assert session.state is SessionState.BILLED
    assert session.payment.refunded == Money(1749 - 1166, EUR)
    assert {b.name for b in session.booked} == {
        "provisional",
        "cash",
        "provisional_reversed",
        "sale",
        "refund",
    }
