"""What becomes of a cable that stays locked after the charge?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import Session
from chalicelib.domain.session.unlock import NotUnlockable
from chalicelib.ports.cpo import CommandAnswer, CpoNotAsked, CpoRefused
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.effect.unlocking import unlock_result
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.session.unlock import unlock
from sandbox.memory.world import PARTNERS, World

PARTNER = PARTNERS[PaymentMethod.CARD]


@pytest.fixture
def world() -> World:
    return World()


def ended(world: World) -> Session:
    session = world.start()
    world.report(session, ChargerStatus.ACTIVE, "1", 5)
    return world.report(session, ChargerStatus.COMPLETED, "2", 10)


def answers(world: World) -> list[str]:
    dump = world.ports.store.dump()
    found = [str(body) for name, body in dump.items() if name.startswith("event")]
    return [text for text in found if "session.unlock_answered" in text]


def effect_of(world: World, session: Session) -> str:
    """As it stands in the response_url that the CPO was given."""
    url = world.ports.cpos.unlocked[-1].response_url
    assert f"/commands/UNLOCK_CONNECTOR/{session.id}/" in url
    return url.rpartition("/")[2]


def swept(world: World, minutes: int) -> None:
    for _ in range(minutes // 5):
        world.ports.clock.forward(minutes=5)
        sweep(world.ports)
        world.settle()


def test_the_charger_is_asked_and_the_partner_hears_its_answer(world: World) -> None:
    session = ended(world)
    unlock(world.ports, PARTNER, session.id)
    world.settle()
    (asked,) = world.ports.cpos.unlocked
    assert (asked.evse_uid, asked.connector_id) == (session.evse_uid, session.connector_id)
    assert answers(world) == []
    unlock_result(world.ports, session.peer_id, session.id, effect_of(world, session), "FAILED")
    world.settle()
    (told,) = answers(world)
    assert "FAILED" in told


def test_what_waits_for_its_answer_is_not_sent_again(world: World) -> None:
    session = ended(world)
    unlock(world.ports, PARTNER, session.id)
    world.settle()
    unlock(world.ports, PARTNER, session.id)
    world.settle()
    assert len(world.ports.cpos.unlocked) == 1


def test_a_request_that_comes_again_frees_nothing_more(world: World) -> None:
    """Whoever died between its write and the caller's answer is asked again, with the same key."""
    session = ended(world)
    for key in ("k1", "k2", "k1"):
        unlock(world.ports, PARTNER, session.id, key)
        world.settle()
        effect = effect_of(world, session)
        unlock_result(world.ports, session.peer_id, session.id, effect, "FAILED")
        world.settle()
    assert len(world.ports.cpos.unlocked) == 2


def test_one_that_the_stream_drops_is_found_by_the_sweeper(world: World) -> None:
    session = world.bill(ended(world), kwh="2", excl="0.98")
    swept(world, minutes=40)
    assert world.session(session.id).effects == ()
    unlock(world.ports, PARTNER, session.id)
    world.ports.store.stream.clear()
    swept(world, minutes=15)
    (told,) = answers(world)
    assert "TIMEOUT" in told


@pytest.mark.parametrize("lost", [False, True])
def test_a_silent_charger_is_told_of_and_not_asked_again(world: World, *, lost: bool) -> None:
    session = ended(world)
    world.ports.cpos.loses_answer = lost
    unlock(world.ports, PARTNER, session.id)
    world.settle()
    world.ports.clock.forward(minutes=3)
    sweep(world.ports)
    world.settle()
    assert len(world.ports.cpos.unlocked) == 1
    (told,) = answers(world)
    assert "TIMEOUT" in told


def test_one_that_could_not_be_sent_in_time_is_not_sent_later(world: World) -> None:
    session = ended(world)
    unlock(world.ports, PARTNER, session.id)  # the stream's message is late
    world.ports.clock.forward(minutes=3)
    world.settle()
    assert world.ports.cpos.unlocked == []
    (told,) = answers(world)
    assert "TIMEOUT" in told


def test_an_answer_to_an_earlier_command_is_none_to_this_one(world: World) -> None:
    session = ended(world)
    unlock(world.ports, PARTNER, session.id)
    world.settle()
    first = effect_of(world, session)
    unlock_result(world.ports, session.peer_id, session.id, first, "FAILED")
    unlock(world.ports, PARTNER, session.id)
    world.settle()
    unlock_result(world.ports, session.peer_id, session.id, first, "ACCEPTED")
    world.settle()
    assert len(answers(world)) == 1
    with pytest.raises(NotFound):
        unlock_result(world.ports, PeerId("peer_other"), session.id, first, "ACCEPTED")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (CommandAnswer.NOT_SUPPORTED, "NOT_SUPPORTED"),
        (CpoRefused(2003, "unknown location"), "CPO_STATUS_2003"),
        (CpoNotAsked("left alone"), "TIMEOUT"),
    ],
)
def test_a_no_is_told_at_once(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    said: CommandAnswer | Exception,
    told: str,
) -> None:
    def answer(*_: object) -> CommandAnswer:
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr(world.ports.cpos, "unlock", answer)
    unlock(world.ports, PARTNER, ended(world).id)
    world.settle()
    (text,) = answers(world)
    assert told in text


def test_a_car_that_charges_is_not_unlocked(world: World) -> None:
    session = world.start()
    world.report(session, ChargerStatus.ACTIVE, "1", 5)
    with pytest.raises(NotUnlockable, match="charging"):
        unlock(world.ports, PARTNER, session.id)
    with pytest.raises(NotFound):
        unlock(world.ports, PartyId("par_other"), session.id)


def test_an_hour_later_the_cable_may_be_anybodys(world: World) -> None:
    session = ended(world)
    world.ports.clock.forward(minutes=70)
    with pytest.raises(NotUnlockable, match="hour"):
        unlock(world.ports, PARTNER, session.id)


def test_nor_while_another_car_charges_there(world: World) -> None:
    session = ended(world)
    world.ports.clock.forward(minutes=30)
    at = world.ports.clock.now()
    (place,) = world.ports.cpos.network
    (evse,) = place.evses
    busy = replace(evse, status=EvseStatus.CHARGING, last_updated=at)
    told = replace(place, evses=(busy,), last_updated=at)
    accept_location(world.ports, world.connection, told, "{}")
    with pytest.raises(NotUnlockable, match="another car"):
        unlock(world.ports, PARTNER, session.id)
    free = replace(busy, status=EvseStatus.AVAILABLE, last_updated=at + timedelta(minutes=1))
    told = replace(told, evses=(free,), last_updated=at + timedelta(minutes=1))
    accept_location(world.ports, world.connection, told, "{}")
    unlock(world.ports, PARTNER, session.id)
    world.settle()
    assert len(world.ports.cpos.unlocked) == 1
