"""Is a partner told although the stream lost the record that was to tell it?"""

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.dispute.dispute import Reason
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import Session
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.payment.chargeback import follow_dispute
from sandbox.memory.world import World
from tests.unit.dispute.credits import pass_time


@pytest.fixture
def world() -> World:
    return World()


def _billed(world: World, method: PaymentMethod) -> Session:
    session = world.bill(world.charge(method))
    pass_time(world)
    return world.session(session.id)


def _only_sweeps(world: World, session: Session) -> Session:
    """Forty minutes in which the stream brings nothing."""
    for _ in range(4):
        world.ports.store.stream.clear()
        world.ports.clock.forward(minutes=10)
        sweep(world.ports)
    return world.session(session.id)


def test_of_a_chargeback(world: World) -> None:
    session = _billed(world, PaymentMethod.CARD)
    dispute = world.ports.payments.open_dispute(session.payment.reference)
    follow_dispute(world.ports, world.ports.payments.read_dispute(dispute))
    after = _only_sweeps(world, session)
    assert (after.payment.state, after.effects) == (PaymentState.CHARGED_BACK, ())


def test_of_what_a_purse_has_back(world: World) -> None:
    session = _billed(world, PaymentMethod.PREPAID)
    partner, why = session.partner_id, Reason.NOT_DELIVERED
    opened = open_for_driver(world.ports, partner, session.id, why, 500, "no power", "k", "h")
    grant(world.ports, opened.id, None, "the charger stopped", "Ada Lovelace")
    assert _only_sweeps(world, session).effects == ()
