"""How long does a session that never ends keep a partner's money reserved? A week."""

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import SessionState
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.session.watch import STUCK
from sandbox.memory.world import PARTNERS, World

PURSES = [PaymentMethod.PREPAID, PaymentMethod.INVOICE]


def sweeps(world: World, hours: int) -> None:
    for _ in range(hours // 3):
        world.ports.clock.forward(hours=3)
        sweep(world.ports)
        world.settle()


def reserved(world: World, method: PaymentMethod) -> int:
    (purse,) = balances_of(world.ports, PARTNERS[method])
    return purse.reserved.minor


@pytest.mark.parametrize("method", PURSES)
def test_a_stuck_session_s_reservation_is_freed_after_a_week(method: PaymentMethod) -> None:
    world = World()
    session = world.start(method)
    world.report(session, ChargerStatus.ACTIVE, "5", 10)
    sweeps(world, 24)
    assert world.session(session.id).reason == STUCK
    sweeps(world, 5 * 24)
    assert reserved(world, method) == 3000
    sweeps(world, 3 * 24)
    assert reserved(world, method) == 0
    assert world.session(session.id).payment.state is PaymentState.RELEASED


@pytest.mark.parametrize("method", PURSES)
def test_a_session_whose_cdr_never_comes_frees_it_too_and_is_billed_if_it_comes(
    method: PaymentMethod,
) -> None:
    world = World()
    session = world.charge(method)
    sweeps(world, 9 * 24)
    assert reserved(world, method) == 0
    session = world.bill(session)
    assert session.state is SessionState.BILLED
    (purse,) = balances_of(world.ports, PARTNERS[method])
    assert (purse.used.minor, purse.reserved.minor) == (1749, 0)


@pytest.mark.parametrize("method", PURSES)
def test_a_cdr_in_time_uses_the_reservation_and_nothing_is_freed_later(
    method: PaymentMethod,
) -> None:
    world = World()
    session = world.charge(method)
    sweeps(world, 3 * 24)
    session = world.bill(session)
    assert not session.effects
    sweeps(world, 9 * 24)
    (purse,) = balances_of(world.ports, PARTNERS[method])
    assert (purse.used.minor, purse.reserved.minor) == (1749, 0)
    assert world.session(session.id).payment.state is PaymentState.CAPTURED
