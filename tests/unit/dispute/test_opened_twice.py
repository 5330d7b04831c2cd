"""A partner's call and its repetition at once: are both answered with the one dispute?"""

import pytest

from chalicelib.domain.dispute.dispute import Dispute, Reason
from chalicelib.domain.session.session import Session
from chalicelib.ports.store import Item, Key
from chalicelib.usecases.dispute.open import open_for_driver
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import World
from tests.unit.dispute.credits import pass_time


def _opened(world: World, session: Session) -> Dispute:
    why = Reason.NOT_DELIVERED
    return open_for_driver(
        world.ports, session.partner_id, session.id, why, 500, "no power", "k", "h"
    )


@pytest.mark.parametrize("read_before", [1, 2, 3])
def test_the_repetition_may_come_between_any_two_reads(
    monkeypatch: pytest.MonkeyPatch, read_before: int
) -> None:
    world, reads, others = World(), 0, list[Dispute]()
    session = world.charge()
    world.bill(session)
    pass_time(world)
    get = MemoryStore.get

    def overtaken(self: MemoryStore, key: Key) -> Item | None:
        nonlocal reads
        found = get(self, key)
        reads += 1
        if reads == read_before:
            others.append(_opened(world, session))
        return found

    monkeypatch.setattr(MemoryStore, "get", overtaken)
    assert [_opened(world, session).id] == [other.id for other in others]
