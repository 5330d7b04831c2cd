"""What if the driver pays by direct debit? Nothing is held; it pays late, and it fails late."""

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, balances
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.payments import DisputeState, ProviderUnavailable
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.payment.chargeback import follow_dispute
from chalicelib.usecases.payment.provider_changed import provider_changed
from sandbox.memory.world import EUR, PARTNERS, World

CARD = PARTNERS[PaymentMethod.CARD]


def billed(method: str) -> tuple[World, Session]:
    world = World(card=f"sepa:cus_1/{method}")
    session = world.charge()
    return world, world.bill(session)


def later(world: World, days: int) -> None:
    for _ in range(days * 2):
        world.ports.clock.forward(hours=12)
        sweep(world.ports)
        world.settle()


def receivable(world: World) -> int:
    book = balances(world.everything())
    return balance(book, Account(Purpose.DRIVER_RECEIVABLE, CARD), EUR).minor


def test_a_session_starts_at_once_and_nothing_is_held() -> None:
    world = World(card="sepa:cus_1/pm_sepa_pays")
    session = world.start()
    assert session.state is SessionState.STARTING
    assert session.payment.state is PaymentState.AUTHORISED
    assert not world.ports.payments.calls


def test_nobody_charges_beyond_what_was_agreed() -> None:
    world = World(card="sepa:cus_1/pm_sepa_pays")
    session = world.start(hold_minor=1000)
    session = world.report(session, ChargerStatus.ACTIVE, "15", 20)
    assert (session.state, session.reason) == (SessionState.STOPPING, "hold_reached")


def test_a_debit_is_collected_for_days_and_then_paid() -> None:
    world, session = billed("pm_sepa_pays")
    assert session.payment.state is PaymentState.COLLECTING
    assert set(world.entries(session)) == {"sale"}
    later(world, 6)  # its webhook never comes: it is looked up
    session = world.session(session.id)
    assert session.payment.captured == Money(1749, EUR)
    assert set(world.entries(session)) == {"sale", "cash"}
    assert not session.effects


def test_the_webhook_s_word_is_taken_at_once_and_once() -> None:
    world, session = billed("pm_sepa_pays")
    world.ports.clock.forward(days=5)
    paid = world.ports.payments.read(session.payment.reference)
    for _ in range(2):
        provider_changed(world.ports, session.id, paid)
        world.settle()
    session = world.session(session.id)
    assert session.payment.state is PaymentState.CAPTURED
    assert not session.effects
    assert receivable(world) == 0


def test_a_debit_that_never_reached_the_provider_in_a_day_is_asked_for_again_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object) -> None:
        raise ProviderUnavailable("away")

    world = World(card="sepa:cus_1/pm_sepa_pays")
    with monkeypatch.context() as patched:
        for call in ("charge", "find"):
            patched.setattr(world.ports.payments, call, away)
        session = world.bill(world.charge())
        later(world, 1)
    later(world, 8)
    session = world.session(session.id)
    assert session.payment.captured == Money(1749, EUR)
    assert [name for name, _ in world.ports.payments.calls] == ["charge"]


@pytest.mark.parametrize("method", ["pm_sepa_fails", "pm_sepa_gone"])
def test_a_debit_that_fails_is_the_driver_s_debt_and_the_cpo_is_paid(method: str) -> None:
    world, session = billed(method)
    later(world, 6)
    session = world.session(session.id)
    assert session.payment.state is PaymentState.CAPTURE_FAILED
    assert receivable(world) == 1749
    assert session.bill is not None
    assert session.bill.cpo_due == Money(1609, EUR)


def test_eight_weeks_later_the_bank_may_still_send_it_back_and_the_driver_owes_it_again() -> None:
    world, session = billed("pm_sepa_pays")
    later(world, 6)
    session = world.session(session.id)
    world.ports.clock.forward(days=60)
    opened = world.ports.payments.open_dispute(
        session.payment.reference, "insufficient_funds", DisputeState.LOST
    )
    follow_dispute(world.ports, world.ports.payments.read_dispute(opened))
    world.settle()
    session = world.session(session.id)
    assert session.payment.state is PaymentState.CHARGED_BACK
    assert receivable(world) == 1749


def test_a_debit_for_a_session_that_is_given_up_is_never_made() -> None:
    world = World(card="sepa:cus_1/pm_sepa_pays")
    session = world.start()
    later(world, 1)
    session = world.session(session.id)
    assert session.payment.state is PaymentState.RELEASED
    assert not world.ports.payments.calls
