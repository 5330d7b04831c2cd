"""What becomes of a driver's wishes while the car charges?"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.preferences import (
    NotCharging,
    OtherProfile,
    Preferences,
    Profile,
)
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.cpo import CpoRefused
from chalicelib.usecases import keys
from chalicelib.usecases.records import load
from chalicelib.usecases.session.prefer import prefer
from sandbox.memory.world import PARTNERS, World

PARTNER = PARTNERS[PaymentMethod.CARD]
CHEAP = Preferences(Profile.CHEAP, energy_need_kwh=Decimal("20.5"))


@pytest.fixture
def world() -> World:
    return World()


def charging(world: World) -> str:
    session = world.start()
    return world.report(session, ChargerStatus.ACTIVE, "1", 5).id


def answers(world: World) -> list[str]:
    dump = world.ports.store.dump()
    found = [str(body) for name, body in dump.items() if name.startswith("event")]
    return [text for text in found if "session.preferences" in text]


def test_the_cpo_is_told_and_the_partner_hears_the_answer(world: World) -> None:
    id_ = charging(world)
    departure = world.ports.clock.now() + timedelta(hours=3)
    wanted = replace(CHEAP, departure=departure, discharge_allowed=True)
    prefer(world.ports, PARTNER, id_, wanted)
    world.settle()
    assert list(world.ports.cpos.preferred.values()) == [wanted]
    (told,) = answers(world)
    assert "ACCEPTED" in told


def test_the_last_wishes_count_when_the_cpo_was_silent(world: World) -> None:
    id_ = charging(world)
    world.ports.cpos.down = True
    prefer(world.ports, PARTNER, id_, CHEAP)
    world.settle()
    world.ports.cpos.down = False
    prefer(world.ports, PARTNER, id_, Preferences(Profile.GREEN))
    world.settle()
    assert list(world.ports.cpos.preferred.values()) == [Preferences(Profile.GREEN)]


def test_a_charger_that_takes_none_is_said_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise CpoRefused(404, "not capable")

    monkeypatch.setattr(world.ports.cpos, "prefer", refuse)
    prefer(world.ports, PARTNER, charging(world), CHEAP)
    world.settle()
    (told,) = answers(world)
    assert "NOT_SUPPORTED" in told


def test_preferences_are_of_a_session_that_charges(world: World) -> None:
    session = world.start()
    with pytest.raises(NotCharging):
        prefer(world.ports, PARTNER, session.id, CHEAP)
    with pytest.raises(NotFound):
        prefer(world.ports, PartyId("par_other"), session.id, CHEAP)


def test_another_profile_than_was_quoted_is_refused(world: World) -> None:
    id_ = charging(world)
    session = world.session(id_)
    key = keys.tariff_version(session.tariff_hash)
    record = load(world.ports.store, key, Tariff, "tariff")
    world.ports.store.write(record.put(replace(record.value, type="PROFILE_FAST")))
    with pytest.raises(OtherProfile):
        prefer(world.ports, PARTNER, id_, CHEAP)
    prefer(world.ports, PARTNER, id_, Preferences(Profile.FAST))
