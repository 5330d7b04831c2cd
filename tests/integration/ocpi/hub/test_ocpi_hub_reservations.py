"""May an eMSP keep a charger free for its driver, as a partner may by the API?"""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.codec import instant_text
from chalicelib.domain.session.reservation import ReservationState as S
from chalicelib.domain.tariff.tariff import Reservation as When
from chalicelib.ports.cpo import CommandAnswer, ReserveCommand
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.reservation.ask import cancel_reservation, read_reservation
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import BASE, COMMAND, Wire, second_emsp, start
from tests.integration.ocpi.hub.emsp_scene import LOCATION, PARTNER, TARIFF, TOKEN

RESERVE, CANCEL = f"{BASE}/commands/RESERVE_NOW", f"{BASE}/commands/CANCEL_RESERVATION"
URL, LATER_URL, CANCEL_URL = (f"https://app.example/{name}" for name in ("one", "two", "gone"))
GIVE_BACK = {"response_url": CANCEL_URL, "reservation_id": "R-1"}
ACCEPTED = {"result": "ACCEPTED"}


@pytest.fixture(autouse=True)
def _reservable(cpo: Peer) -> None:
    evse = {**LOCATION["evses"][0], "capabilities": ["RESERVABLE"]}
    place = {**LOCATION, "evses": [evse], "last_updated": "2026-11-16T07:10:00Z"}
    assert cpo.send("PUT", "/ocpi/2.2.1/locations/DE/RHE/L1", place).status == 1000


def body(world: World, minutes: int = 30, **other: Any) -> dict[str, Any]:
    return {
        "response_url": URL,
        "token": TOKEN,
        "expiry_date": instant_text(world.ports.clock.now() + timedelta(minutes=minutes)),
        "reservation_id": "R-1",
        "location_id": "L1",
        "evse_uid": "E1",
        **other,
    }


def reserve(world: World, emsp: Peer, minutes: int = 30, **other: Any) -> ReserveCommand:
    """What its CPO is told of an accepted RESERVE_NOW."""
    answer = emsp.send("POST", RESERVE, body(world, minutes, **other))
    assert (answer.status, answer.data) == (1000, {"result": "ACCEPTED", "timeout": 300})
    world.settle()
    (told,) = world.ports.cpos.reserved.values()
    return told


def cpo_says(world: World, cpo: Peer, told: ReserveCommand, word: str) -> None:
    path = told.response_url.removeprefix(world.ports.public_url)
    assert cpo.send("POST", path, {"result": word}).status == 1000
    world.settle()


def state(world: World, told: ReserveCommand) -> S:
    return read_reservation(world.ports, PARTNER, told.reservation_id).state


def test_a_charger_is_kept_free_and_its_answer_posted(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    told = reserve(world, emsp)
    assert (told.location_id, told.evse_uid, told.owner) == ("L1", "E1", "DE*RHE")
    assert (told.token.uid, told.reservation_id) != (TOKEN["contract_id"], "R-1")
    assert wire.to("/one") == []
    cpo_says(world, cpo, told, "ACCEPTED")
    assert wire.to("/one") == [ACCEPTED]
    ((_, _, headers, _),) = wire.sent
    assert (headers["OCPI-from-party-id"], headers["OCPI-to-party-id"]) == ("RHE", "APP")
    assert start(world, cpo, emsp).session.evse_uid == "E1"
    assert world.ports.cpos.starts[-1].token.uid == told.token.uid


def test_the_same_command_is_one_command(world: World, emsp: Peer, wire: Wire) -> None:
    first = reserve(world, emsp)
    before = world.ports.store.dump()
    assert reserve(world, emsp) == first
    assert world.ports.store.dump() == before
    assert wire.sent == []


def test_the_same_id_replaces_what_is_reserved(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    first = reserve(world, emsp)
    changed = reserve(world, emsp, minutes=60, response_url=LATER_URL)
    assert changed.reservation_id == first.reservation_id
    assert changed.until - first.until == timedelta(minutes=30)
    cpo_says(world, cpo, first, "ACCEPTED")  # of what is replaced: it says nothing of the change
    assert (state(world, first), wire.sent) == (S.ASKED, [])
    cpo_says(world, cpo, changed, "ACCEPTED")
    assert (wire.to("/one"), wire.to("/two")) == ([], [ACCEPTED])


def test_a_change_that_is_refused_leaves_what_was_held(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    first = reserve(world, emsp)
    cpo_says(world, cpo, first, "ACCEPTED")
    changed = reserve(world, emsp, minutes=60, response_url=LATER_URL)
    cpo_says(world, cpo, changed, "EVSE_OCCUPIED")
    (said,) = wire.to("/two")
    assert said["result"] == "EVSE_OCCUPIED"
    held = read_reservation(world.ports, PARTNER, first.reservation_id)
    assert (held.state, held.until) == (S.HELD, first.until)


@pytest.mark.parametrize(
    ("word", "result"), [("REJECTED", "REJECTED"), ("EVSE_OCCUPIED",) * 2, ("NEW_WORD", "FAILED")]
)
def test_a_charger_that_says_no_is_told(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, word: str, result: str
) -> None:
    cpo_says(world, cpo, reserve(world, emsp), word)
    (said,) = wire.to("/one")
    assert said == {"result": result, "message": [{"language": "en", "text": word.lower()}]}


def test_a_cpo_that_takes_the_charger_back_is_told_at_the_same_url(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    told = reserve(world, emsp)
    cpo_says(world, cpo, told, "ACCEPTED")
    cpo_says(world, cpo, told, "CANCELED_RESERVATION")
    assert [said["result"] for said in wire.to("/one")] == ["ACCEPTED", "CANCELED_RESERVATION"]


def test_a_partner_may_give_back_what_its_emsp_reserved(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    told = reserve(world, emsp)
    cpo_says(world, cpo, told, "ACCEPTED")
    cancel_reservation(world.ports, PARTNER, told.reservation_id)
    world.settle()
    assert [said["result"] for said in wire.to("/one")] == ["ACCEPTED", "CANCELED_RESERVATION"]


def test_an_emsp_gives_it_back(world: World, cpo: Peer, emsp: Peer, wire: Wire) -> None:
    told = reserve(world, emsp)
    cpo_says(world, cpo, told, "ACCEPTED")
    assert emsp.send("POST", CANCEL, {**GIVE_BACK, "reservation_id": "r-1"}).data == {
        "result": "ACCEPTED",
        "timeout": 300,
    }
    world.settle()
    assert (world.ports.cpos.reserved, wire.to("/gone")) == ({}, [ACCEPTED])
    over = emsp.send("POST", CANCEL, GIVE_BACK).data
    assert over["result"] == "REJECTED"
    assert "reservation_is_over" in over["message"][0]["text"]
    assert reserve(world, emsp).reservation_id == told.reservation_id  # its id is free again


def test_what_is_given_back_before_the_charger_answered_is_answered_too(
    world: World, emsp: Peer, wire: Wire
) -> None:
    reserve(world, emsp)
    assert emsp.send("POST", CANCEL, GIVE_BACK).data["result"] == "ACCEPTED"
    assert emsp.send("POST", RESERVE, body(world)).data["result"] == "REJECTED"  # it is going
    world.settle()
    assert wire.to("/gone") == [ACCEPTED]
    assert [said["result"] for said in wire.to("/one")] == ["REJECTED"]


@pytest.mark.parametrize(
    ("word", "result"),
    [
        (CommandAnswer.NOT_SUPPORTED, "NOT_SUPPORTED"),
        (CommandAnswer.REJECTED, "REJECTED"),
        (CommandAnswer.UNKNOWN_SESSION, "UNKNOWN_RESERVATION"),
    ],
)
def test_a_cpo_that_does_not_cancel_says_so(
    world: World, cpo: Peer, emsp: Peer, wire: Wire, word: CommandAnswer, result: str
) -> None:
    cpo_says(world, cpo, reserve(world, emsp), "ACCEPTED")
    world.ports.cpos.cancels = word
    assert emsp.send("POST", CANCEL, GIVE_BACK).data["result"] == "ACCEPTED"
    world.settle()
    assert [said["result"] for said in wire.to("/gone")] == [result]


def test_a_cpo_that_is_silent_until_the_end_is_a_timeout(
    world: World, emsp: Peer, wire: Wire
) -> None:
    world.ports.cpos.down = True
    assert emsp.send("POST", RESERVE, body(world)).data["result"] == "ACCEPTED"
    world.settle()
    world.ports.clock.forward(minutes=40)
    sweep(world.ports)
    world.settle()
    assert [said["result"] for said in wire.to("/one")] == ["TIMEOUT"]


def test_a_result_that_the_emsp_missed_comes_later(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    told = reserve(world, emsp)
    wire.down = True
    cpo_says(world, cpo, told, "ACCEPTED")
    wire.down = False
    for _ in range(3):
        world.ports.clock.forward(minutes=20)
        sweep(world.ports)
        world.settle()
    assert wire.to("/one") == [ACCEPTED]


def test_another_emsp_reserves_and_cancels_nothing_of_it(
    world: World, cpo: Peer, emsp: Peer, wire: Wire
) -> None:
    cpo_says(world, cpo, reserve(world, emsp), "ACCEPTED")
    other = second_emsp(world, emsp, PARTNER)
    unknown = other.send("POST", CANCEL, GIVE_BACK).data
    assert unknown["result"] == "REJECTED"
    assert "not_found (reservation_id)" in unknown["message"][0]["text"]
    token = {**TOKEN, "country_code": "FR", "party_id": "TWO", "uid": "X"}
    assert other.send("POST", RESERVE, body(world, token=token)).data["result"] == "ACCEPTED"
    world.settle()
    assert len(world.ports.cpos.reserved) == 2
    assert wire.to("/one") == [ACCEPTED]


def test_an_id_names_one_location_until_it_is_over(world: World, cpo: Peer, emsp: Peer) -> None:
    reserve(world, emsp)
    evse = {**LOCATION["evses"][0], "capabilities": ["RESERVABLE"], "uid": "E2"}
    place = {**LOCATION, "id": "L2", "evses": [evse]}
    assert cpo.send("PUT", "/ocpi/2.2.1/locations/DE/RHE/L2", place).status == 1000
    elsewhere = body(world, location_id="L2", evse_uid="E2")
    refused = emsp.send("POST", RESERVE, elsewhere).data
    assert "reserved_otherwise (reservation_id)" in refused["message"][0]["text"]
    world.ports.clock.forward(minutes=31)
    later = {**elsewhere, "expiry_date": body(world)["expiry_date"]}
    assert emsp.send("POST", RESERVE, later).data["result"] == "ACCEPTED"


@pytest.mark.parametrize(
    ("change", "minutes", "code"),
    [
        ({"location_id": "L9"}, 30, "location_unknown"),
        ({"evse_uid": "E9"}, 30, "invalid (evse_uid)"),
        ({}, 241, "invalid (expiry_date)"),
        ({}, -1, "invalid (expiry_date)"),
        ({"token": {**TOKEN, "valid": False}}, 30, "invalid (token)"),
        ({"token": {**TOKEN, "party_id": "XYZ"}}, 30, "identity_not_bound"),
        ({"response_url": "https://169.254.169.254/x"}, 30, "invalid (response_url)"),
        ({"response_url": "http://app.example/x"}, 30, "invalid (response_url)"),
    ],
)
def test_what_cannot_be_reserved_is_rejected_with_its_reason(
    world: World, emsp: Peer, change: dict[str, Any], minutes: int, code: str
) -> None:
    before = world.ports.store.dump()
    answer = emsp.send("POST", RESERVE, body(world, minutes, **change))
    assert (answer.http, answer.status, answer.data["result"]) == (200, 1000, "REJECTED")
    assert code in answer.data["message"][0]["text"]
    assert world.ports.store.dump() == before


def test_a_charger_that_takes_none_or_prices_them_is_refused(
    world: World, cpo: Peer, emsp: Peer
) -> None:
    priced = {
        "price_components": [{"type": "TIME", "price": 6.0, "step_size": 60}],
        "restrictions": {"reservation": When.RESERVATION.value},
    }
    tariff = {**TARIFF, "elements": [priced, *TARIFF["elements"]]}
    tariff = {**tariff, "last_updated": "2026-11-16T07:30:00Z"}
    world.ports.clock.forward(minutes=1)
    assert cpo.send("PUT", "/ocpi/2.2.1/tariffs/DE/RHE/T1", tariff).status == 1000
    costs = emsp.send("POST", RESERVE, body(world)).data
    assert (costs["result"], "reservation_costs" in costs["message"][0]["text"]) == (
        "REJECTED",
        True,
    )
    place = {**LOCATION, "last_updated": "2026-11-16T07:31:00Z"}
    assert cpo.send("PUT", "/ocpi/2.2.1/locations/DE/RHE/L1", place).status == 1000
    assert emsp.send("POST", RESERVE, body(world)).data["result"] == "NOT_SUPPORTED"


def test_a_reservation_without_a_reading_is_refused(world: World, emsp: Peer) -> None:
    before = world.ports.store.dump()
    for wrong in ({}, COMMAND, body(world, expiry_date="soon"), body(world, token=1)):
        assert emsp.send("POST", RESERVE, wrong).status == 2001
    assert emsp.send("POST", CANCEL, {"response_url": URL}).status == 2001
    bad = emsp.send("POST", CANCEL, {**GIVE_BACK, "response_url": "https://10.0.0.1/x"})
    assert bad.data["result"] == "REJECTED"
    assert world.ports.store.dump() == before
