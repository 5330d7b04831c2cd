"""Is a pack that waits for the money's outcome left alone until the money is tried again?"""

from datetime import timedelta

from chalicelib.domain.effect import EffectKind
from chalicelib.domain.session.effects import added
from chalicelib.usecases.effect.telling import seal_evidence
from sandbox.memory.world import World


def test_it_is_looked_at_when_the_capture_is_due_and_not_every_five_minutes() -> None:
    world = World()
    session = world.bill(world.charge())
    at = world.ports.clock.now()
    session = added(session, EffectKind.CAPTURE, at, after=timedelta(hours=1))
    session = added(session, EffectKind.SEAL_EVIDENCE, at)
    (waits,) = (each for each in session.effects if each.kind is EffectKind.SEAL_EVIDENCE)
    later = seal_evidence(world.ports, session, waits).session
    (again,) = (each for each in later.effects if each.kind is EffectKind.SEAL_EVIDENCE)
    assert again.due == at + timedelta(hours=1)
