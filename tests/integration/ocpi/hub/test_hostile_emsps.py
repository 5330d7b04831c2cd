"""Can a connected eMSP make us stumble, whatever it sends to whichever endpoint of ours?"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from chalice.test import Client
from hypothesis import given
from hypothesis import strategies as st

from app import app
from chalicelib import wiring
from chalicelib.handlers.ocpi.openapi import all_served
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Peer
from tests.integration.ocpi.hub.charge_scene import COMMAND
from tests.integration.ocpi.hub.emsp_scene import TOKEN, connected_cpo, connected_emsp
from tests.integration.ocpi.test_hostile_peers import IDS, ODD

PATHS = [served for served in all_served() if "/cpo/" in served.path]
NAMES = {
    **IDS,
    "country_code": ["NL", "nl", "DE", "\u00e9"],
    "party_id": ["APP", "app", "OTH", ""],
    "location_id": ["L1", "%2e%2e", "x" * 300, "a/b"],
    "token_uid": ["0482AB", "0482ab", "\x00", "🚗"],
    "command": ["START_SESSION", "STOP_SESSION", "RESERVE_NOW", "FLY"],
}
QUERIES = ["", "?limit=0", "?offset=-1", "?limit=1e9", "?date_from=now", "?type=%00"]
QUERIES += ["?date_from=0001-01-01T00:00:00Z", "?date_to=9999-12-31T23:59:59Z&offset=1000000"]


class Scene(NamedTuple):
    world: World
    emsp: Peer
    begun: MemoryStore


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    world = World()
    wiring.use(world.ports)
    with Client(app) as client:
        connected_cpo(world, client)
        emsp = connected_emsp(world, client)
        emsp.send("PUT", "/ocpi/2.2.1/cpo/tokens/NL/APP/0482AB", TOKEN)
        yield Scene(world, emsp, world.ports.store)
    wiring.use(None)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, bytes]:
    served = draw(st.sampled_from(PATHS))
    path = served.path
    for name, values in NAMES.items():
        path = path.replace(f"{{{name}}}", draw(st.sampled_from([values[0], *values])))
    method = draw(st.sampled_from([*served.methods, *served.methods, "PUT", "DELETE"]))
    right: dict[str, Any] = deepcopy(TOKEN if "/tokens/" in path else COMMAND)
    if path.endswith("STOP_SESSION"):
        right = {"session_id": "ses_1", "response_url": COMMAND["response_url"]}
    for _ in range(draw(st.integers(0, 2))):
        right[draw(st.sampled_from([*sorted(right), "x"]))] = draw(ODD)
    body = json.dumps(right).encode()
    cut = draw(st.sampled_from([None, None, None, 0, len(body) // 2]))
    return method, path + draw(st.sampled_from(QUERIES)), body if cut is None else body[:cut]


@given(requests())
def test_no_request_makes_us_stumble_and_what_is_refused_writes_nothing(
    scene: Scene, request_: tuple[str, str, bytes]
) -> None:
    method, path, body = request_
    ports = scene.world.ports
    ports.store = deepcopy(scene.begun)
    before = ports.store.dump()
    shown = {"Authorization": f"Token {scene.emsp.token}", "Content-Type": "application/json"}
    answer = scene.emsp.client.http.request(method, path, headers=shown, body=body)
    assert answer.status_code < 500, answer.body
    envelope = json.loads(answer.body)
    if "status_code" not in envelope:
        assert answer.status_code == 403, answer.body  # no such path: the gateway's answer
    else:
        assert envelope["status_code"] < 3000
    if envelope.get("status_code") != 1000:
        assert ports.store.dump() == before
