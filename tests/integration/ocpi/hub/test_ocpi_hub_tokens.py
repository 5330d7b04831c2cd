"""What may an eMSP tell of its drivers' tokens?"""

import json

import pytest

from chalicelib.usecases.token.list import partner_tokens
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.emsp_scene import PARTNER, TOKEN

BASE = "/ocpi/2.2.1/cpo"
LATER = "2026-11-16T09:30:00Z"
TOKEN_PATH = f"{BASE}/tokens/NL/APP/0482AB"


def test_a_token_is_kept_with_what_we_do_not_know(world: World, emsp: Peer) -> None:
    body = {**TOKEN, "x_colour": "blue"}
    assert emsp.send("PUT", TOKEN_PATH, body).status == 1000
    assert emsp.send("GET", TOKEN_PATH).data == body
    change = {"valid": False, "last_updated": LATER}
    assert emsp.send("PATCH", TOKEN_PATH, change).status == 1000
    assert emsp.send("GET", f"{TOKEN_PATH}?type=RFID").data == {**body, **change}
    kept = json.dumps(world.ports.store.dump())
    assert TOKEN["contract_id"] not in kept  # it is personal
    assert "visual_number" not in kept


def test_a_token_gets_one_of_ours_that_falls_with_it(world: World, emsp: Peer) -> None:
    for valid, at in ((True, "07:10"), (False, "07:20"), (True, "07:30")):
        body = {**TOKEN, "valid": valid, "last_updated": f"2026-11-16T{at}:00Z"}
        assert emsp.send("PUT", TOKEN_PATH, body).status == 1000
        ours, _ = partner_tokens(world.ports, PARTNER, "", 10)
        cards = [token for token in ours if token.uid == TOKEN["uid"]]
        assert [(token.type, token.valid) for token in cards] == [("RFID", valid)]


def test_the_token_of_an_app_has_another_uid_with_cpos(world: World, emsp: Peer) -> None:
    path = f"{TOKEN_PATH}?type=APP_USER"
    assert emsp.send("PUT", path, {**TOKEN, "type": "APP_USER"}).status == 1000
    assert TOKEN["uid"] not in json.dumps(world.ports.store.dump())


def test_what_is_older_foreign_or_unreadable_is_refused(world: World, emsp: Peer) -> None:
    assert emsp.send("PUT", TOKEN_PATH, TOKEN).status == 1000
    before = world.ports.store.dump(), world.ports.personal.dump()
    older = {**TOKEN, "valid": False, "last_updated": "2026-11-16T06:00:00Z"}
    foreign = f"{BASE}/tokens/NL/XYZ/0482AB"
    for path, body, code in (
        (TOKEN_PATH, older, "update_outdated"),
        (foreign, {**TOKEN, "party_id": "XYZ"}, "identity_not_bound"),
        (TOKEN_PATH, {**TOKEN, "uid": "OTHER"}, "invalid (uid)"),
        (f"{TOKEN_PATH}?type=APP_USER", TOKEN, "invalid (type)"),
        (TOKEN_PATH, {**TOKEN, "valid": None}, "invalid (valid)"),
        (TOKEN_PATH, {**TOKEN, "uid": ["x"]}, "invalid (uid)"),
    ):
        answer = emsp.send("PUT", path, body)
        assert (answer.http, answer.status) == (200, 2001), body
        assert code in answer.message
    assert emsp.send("PATCH", TOKEN_PATH, {"valid": False}).status == 2001
    assert (world.ports.store.dump(), world.ports.personal.dump()) == before


def test_an_unknown_token_cannot_be_read_or_changed(emsp: Peer) -> None:
    assert emsp.send("GET", TOKEN_PATH).http == 404
    change = {"valid": False, "last_updated": LATER}
    assert emsp.send("PATCH", TOKEN_PATH, change).status == 2004


@pytest.mark.parametrize(
    ("uid", "type_", "contract"),
    [
        ("04_82", "RFID", "DE-PLG-C04_82"),
        ("A" * 36, "RFID", f"DE-PLG-C{'A' * 24}"),
        ("A" * 37, "APP_USER", ""),
    ],
)
def test_what_cpos_are_told_of_a_card_fits_into_ocpi(
    emsp: Peer, cpo: Peer, uid: str, type_: str, contract: str
) -> None:
    before = cpo.send("GET", "/ocpi/2.2.1/tokens").data
    path = f"{BASE}/tokens/NL/APP/{uid}"
    assert emsp.send("PUT", path, {**TOKEN, "uid": uid}).status == 1000
    tokens = cpo.send("GET", "/ocpi/2.2.1/tokens").data
    (listed,) = [one for one in tokens if one not in before]
    assert listed["type"] == type_
    assert (listed["uid"] == uid) is (type_ == "RFID")
    assert listed["contract_id"] == contract or not contract
