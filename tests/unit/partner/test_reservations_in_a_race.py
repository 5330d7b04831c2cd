"""Two that end the same session at once: the purse is given back once, and nothing breaks."""

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases.partner.credit import give_back, settle
from sandbox.memory.world import PARTNERS, World


@pytest.mark.parametrize("method", [PaymentMethod.PREPAID, PaymentMethod.INVOICE])
def test_who_comes_second_reads_again_instead_of_freeing_twice(method: PaymentMethod) -> None:
    world = World()
    session = world.start(method)
    first = give_back(world.ports, PARTNERS[method], session.payment)
    world.ports.store.write(*first.writes)
    with pytest.raises(WriteConflict):
        give_back(world.ports, PARTNERS[method], session.payment)
    with pytest.raises(WriteConflict):
        settle(world.ports, PARTNERS[method], session.payment, session.payment.hold)
