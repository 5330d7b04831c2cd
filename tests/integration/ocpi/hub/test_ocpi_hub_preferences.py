"""May an eMSP tell what its driver prefers, and what is it answered?"""

from typing import Any

import pytest

from chalicelib.ports.cpo import CpoRefused
from chalicelib.usecases.connection.read import connection_record
from sandbox.memory.world import PEER, World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import BASE, Charge, Wire, second_emsp, start
from tests.integration.ocpi.hub.emsp_scene import LOCATION, PARTNER, TARIFF

WISH = {
    "profile_type": "GREEN",
    "departure_time": "2026-11-16T12:00:00Z",
    "energy_need": 20.5,
    "discharge_allowed": True,
}


@pytest.fixture(autouse=True)
def _capable(world: World, cpo: Peer) -> None:
    record = connection_record(world.ports, PEER)
    assert record.value.version == "2.2.1"
    describe(cpo, ["CHARGING_PREFERENCES_CAPABLE"], "2026-11-16T07:10:00Z")


def describe(cpo: Peer, capabilities: list[str], at: str) -> None:
    evse = {**LOCATION["evses"][0], "capabilities": capabilities, "last_updated": at}
    place = {**LOCATION, "evses": [evse], "last_updated": at}
    assert cpo.send("PUT", "/ocpi/2.2.1/locations/DE/RHE/L1", place).status == 1000


@pytest.fixture
def charge(world: World, cpo: Peer, emsp: Peer, wire: Wire) -> Charge:
    charge = start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 1)
    assert wire.sent
    return charge


def prefer(world: World, emsp: Peer, charge: Charge, **other: Any) -> Any:
    path = f"{BASE}/sessions/{charge.session.id}/charging_preferences"
    answer = emsp.send("PUT", path, {**WISH, **other})
    world.settle()
    return answer


def test_a_wish_is_passed_on_to_the_charger(world: World, emsp: Peer, charge: Charge) -> None:
    answer = prefer(world, emsp, charge)
    assert (answer.http, answer.status, answer.data) == (200, 1000, "ACCEPTED")
    told = world.ports.cpos.preferred["S-1"]
    assert (told.profile, str(told.energy_need_kwh), told.discharge_allowed) == (
        "GREEN",
        "20.5",
        True,
    )
    assert prefer(world, emsp, charge, profile_type="FAST").data == "ACCEPTED"
    assert world.ports.cpos.preferred["S-1"].profile == "FAST"


def test_the_cpos_word_is_told_to_whoever_asks_again(
    world: World, emsp: Peer, charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.ports.cpos, "prefer", lambda *_: "DEPARTURE_REQUIRED")
    assert prefer(world, emsp, charge, departure_time=None).data == "ACCEPTED"
    assert prefer(world, emsp, charge, departure_time=None).data == "DEPARTURE_REQUIRED"
    assert prefer(world, emsp, charge).data == "ACCEPTED"  # another wish
    monkeypatch.setattr(world.ports.cpos, "prefer", lambda *_: "SOMETHING_NEW")
    assert [prefer(world, emsp, charge).data for _ in range(2)][-1] == "ACCEPTED"


def test_a_profile_that_was_not_quoted_is_none_of_the_sessions(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    world.ports.clock.forward(minutes=1)
    tariff = {**TARIFF, "type": "PROFILE_GREEN", "last_updated": "2026-11-16T07:30:00Z"}
    assert cpo.send("PUT", "/ocpi/2.2.1/tariffs/DE/RHE/T1", tariff).status == 1000
    charge = start(world, cpo, emsp)
    charge.put("ACTIVE", 1, 1)
    for wrong in ("FAST", "TURBO"):
        answer = prefer(world, emsp, charge, profile_type=wrong)
        assert (answer.status, answer.data) == (1000, "PROFILE_TYPE_NOT_SUPPORTED")
    assert world.ports.cpos.preferred == {}
    assert prefer(world, emsp, charge).data == "ACCEPTED"
    assert wire.sent


def test_a_charger_that_takes_none_is_a_404(
    world: World, cpo: Peer, emsp: Peer, charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> str:
        raise CpoRefused(2001, "not capable")

    with monkeypatch.context() as silent:
        silent.setattr(world.ports.cpos, "prefer", refused)
        assert prefer(world, emsp, charge).data == "ACCEPTED"
    said_so = prefer(world, emsp, charge)
    describe(cpo, [], "2026-11-16T07:20:00Z")
    without = prefer(world, emsp, charge, profile_type="FAST")
    assert [(one.http, one.status) for one in (said_so, without)] == [(404, 2001)] * 2
    assert "no_preferences" in without.message


def test_only_its_own_sessions_and_only_while_they_charge(
    world: World, cpo: Peer, emsp: Peer, charge: Charge
) -> None:
    other = second_emsp(world, emsp, PARTNER)
    assert "not_found (session_id)" in prefer(world, other, charge).message
    charge.put("COMPLETED", 2, 1)
    over = prefer(world, emsp, charge)
    assert (over.http, over.status, "not_charging" in over.message) == (200, 2001, True)
    assert world.ports.cpos.preferred == {}
    assert cpo.token


@pytest.mark.parametrize(
    "wrong", [{"profile_type": None}, {"energy_need": -1}, {"departure_time": "noon"}]
)
def test_a_wish_without_a_reading_is_refused(
    world: World, emsp: Peer, charge: Charge, wrong: dict[str, Any]
) -> None:
    before = world.ports.store.dump()
    assert prefer(world, emsp, charge, **wrong).status == 2001
    assert world.ports.store.dump() == before
