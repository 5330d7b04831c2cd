"""What becomes of money when the provider is away for longer than it remembers our keys?"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import SessionState
from chalicelib.ports.cpo import CommandAnswer
from chalicelib.ports.payments import HoldState, PaymentRefused, ProviderUnavailable
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.payment.provider_changed import provider_changed
from chalicelib.usecases.session.stop import stop
from sandbox.memory.world import EUR, PARTNERS, World

CARD = PARTNERS[PaymentMethod.CARD]


@pytest.fixture
def world() -> World:
    return World()


def _sweeps(world: World, hours: int) -> None:
    for _ in range(hours):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()


def _away(monkeypatch: pytest.MonkeyPatch, world: World, *calls: str) -> None:
    def no_answer(*_: Any) -> None:
        raise ProviderUnavailable("away")

    for call in calls:
        monkeypatch.setattr(world.ports.payments, call, no_answer)


def test_a_capture_that_never_arrived_is_made_when_the_provider_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.charge()
    with monkeypatch.context() as patched:
        _away(patched, world, "capture", "read")
        world.bill(session)
        _sweeps(world, 26)
    _sweeps(world, 3)
    session = world.session(session.id)
    assert session.payment.captured == Money(1749, EUR)
    assert [call for call, _ in world.ports.payments.calls].count("capture") == 1


def test_a_release_that_never_arrived_is_made_when_the_provider_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.ports.cpos.answer = CommandAnswer.REJECTED
    with monkeypatch.context() as patched:
        _away(patched, world, "release", "read")
        session = world.start()
        _sweeps(world, 26)
    _sweeps(world, 3)
    session = world.session(session.id)
    assert session.payment.state is PaymentState.RELEASED
    assert world.ports.payments.read(session.payment.reference).state is HoldState.CANCELLED


def test_a_refund_that_never_arrived_is_made_once_when_the_provider_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.charge()
    _sweeps(world, 20)
    with monkeypatch.context() as patched:
        _away(patched, world, "refund", "read")
        world.bill(session, kwh="20", excl="9.80")
        _sweeps(world, 26)
    _sweeps(world, 3)
    session = world.session(session.id)
    assert session.payment.refunded == Money(583, EUR)
    held = world.ports.payments.read(session.payment.reference)
    assert held.refunded == Money(583, EUR)


def test_a_hold_that_is_still_in_the_making_is_no_decline(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = world.ports.payments.hold
    with monkeypatch.context() as patched:
        patched.setattr(
            world.ports.payments,
            "hold",
            lambda request, key: replace(ask(request, key), state=HoldState.PENDING),
        )
        _away(patched, world, "read")
        session = world.start()
    assert session.state is SessionState.REQUESTED
    world.ports.clock.forward(minutes=12)
    sweep(world.ports)
    world.settle()
    assert world.session(session.id).state is SessionState.STARTING


def test_what_the_bank_says_after_the_session_was_given_up_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The provider tells of our own release before we have recorded it."""
    world = World(card="pm_card_authenticationRequired")
    session = world.start()
    with monkeypatch.context() as patched:
        _away(patched, world, "release")
        stop(world.ports, CARD, session.id)
        world.settle()
        for state in (HoldState.CANCELLED, HoldState.DECLINED, HoldState.HELD):
            hold = world.ports.payments.read(session.payment.reference)
            provider_changed(world.ports, session.id, replace(hold, state=state))
    _sweeps(world, 2)
    session = world.session(session.id)
    assert (session.state, session.payment.state) == (
        SessionState.ABANDONED,
        PaymentState.RELEASED,
    )


def test_a_refused_refund_is_noted_for_people_and_stops_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.charge()
    _sweeps(world, 20)

    def refuse(*_: Any) -> None:
        raise PaymentRefused("charge_disputed", "it is disputed")

    with monkeypatch.context() as patched:
        patched.setattr(world.ports.payments, "refund", refuse)
        with suppress(PaymentRefused):  # what the stream's reader notes and goes on after
            world.bill(session, kwh="20", excl="9.80")
        world.settle()
        _sweeps(world, 2)
    noted = world.ports.store.get(keys.quarantine(keys.session(session.id).pk))
    assert noted is not None
    assert "charge_disputed" in noted.body["reason"]
    feed = [key for key in world.ports.store.dump() if key.startswith("events#")]
    assert len(feed) >= 4, "the receipt was told all the same"
    _sweeps(world, 3)
    assert world.session(session.id).payment.state is PaymentState.REFUNDED


def test_a_bill_that_overtakes_the_extension_of_its_hold_takes_all_that_is_held(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.start(hold_minor=1500)
    session = world.report(session, ChargerStatus.ACTIVE, "1", 5)
    extend = world.ports.payments.extend

    def overtaken(reference: str, money: Money, key: str) -> Any:
        answer = extend(reference, money, key)
        monkeypatch.setattr(world.ports.payments, "extend", extend)
        accept_cdr(world.ports, world.connection, world.cdr(session), "cdr/raw.json")
        return answer

    monkeypatch.setattr(world.ports.payments, "extend", overtaken)
    world.report(session, ChargerStatus.ACTIVE, "25", 50)
    session = world.session(session.id)
    assert session.state is SessionState.BILLED
    assert session.payment.captured == Money(1749, EUR)
    assert session.ended_at is not None
    assert session.ended_at - session.requested_at < timedelta(hours=2)
