"""Can a connected peer make us stumble, whatever it sends to whichever endpoint?

It is answered within bounds, never by a 5xx, in OCPI's envelope; what is refused writes nothing.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from time import process_time
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse
from hypothesis import event, given
from hypothesis import strategies as st

from app import app
from chalicelib import wiring
from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.ids import PartyId
from chalicelib.handlers.ocpi.openapi import all_served
from chalicelib.ocpi.language import VERSIONS
from chalicelib.usecases.connection.invite import invite
from chalicelib.usecases.connection.read import connection_record
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.store import MemoryStore
from tests.interop import told

CPO = PartyId("cpo_north")
TOKEN = {"uid": "card", "type": "APP_USER", "contract_id": "DE-PLG-C1", "auth_id": "DE-PLG-C1"}
LONGEST_S = 5  # of the processor; an ordinary one takes milliseconds
DEEP: Any = 1
for _ in range(40):
    DEEP = [DEEP]

BY_VERSION: dict[str, Callable[[str], Any]] = {
    "locations": told.location,
    "tariffs": told.tariff,
    "sessions": lambda version: told.session(version, TOKEN, "ses_1", "ACTIVE", 5, told.END),
    "cdrs": lambda version: told.cdr(version, TOKEN, "ses_1"),
}
ALIKE: dict[str, Any] = {
    "tokens": {"location_id": "LOC1", "evse_uids": ["EVSE1"]},
    "commands": {"result": "ACCEPTED"},
    "clientinfo": {**told.PARTY, "role": "CPO", "status": "CONNECTED", "last_updated": told.END},
    "invoicereconciliation": {"id": "R1", **told.PARTY, "last_updated": told.END},
    "credentials": {
        "token": "t" * 32,
        "url": "https://cpo.example/ocpi/versions",
        "roles": [{"role": "CPO", **told.PARTY, "business_details": {"name": "x"}}],
        **told.PARTY,
    },
}
IDS = {
    "country_code": ["DE", "de", "NL", "D", "\u00e9"],
    "party_id": ["EXW", "exw", "OTH", "", "EXWX"],
    "location_id": ["LOC1", "loc1", "%2e%2e", "x" * 300, "a/b"],
    "evse_uid": ["EVSE1", "?", "\x00"],
    "connector_id": ["1", "-1", "1" * 50],
    "tariff_id": ["T1", "t1", "#", "🚗"],
    "session_id": ["SES1", "ses1", "*", " "],
    "cdr_id": ["CDR1", "cdr1", "null"],
    "record_id": ["R1", "r1"],
    "token_uid": ["card", "CARD", "nobody"],
    "command": ["START_SESSION", "STOP_SESSION", "FLY"],
    "about_id": ["ses_1", "ses_2", ""],
    "nonce": ["x", "y"],
}
ODD = st.sampled_from(
    [
        None, True, -1, 0, 10**30, 1e300, "", " ", "\x00", "x" * 5000, "1e999999", "NaN", "🚗" * 50,
        "2026-13-45T99:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", DEEP, [], {},
        {"a": {"b": DEEP}}, "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "OTH",
        "' OR 1=1 --", "../../x", ["DE"] * 5000,
    ]
)  # fmt: skip


@dataclass
class Scene:
    ports: MemoryPorts
    client: Client
    token: str
    begun: MemoryStore  # one that is registered, and has told of a place and a tariff

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> HTTPResponse:
        shown = f"Token {b64encode(self.token.encode()).decode()}"
        headers = {"Authorization": shown, **headers}
        return self.client.http.request(method, path, headers=headers, body=body)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    ports = MemoryPorts()
    ports.cpos.versions = VERSIONS
    wiring.use(ports)
    with Client(app) as client:
        invitation = invite(ports, CPO, {"DE*EXW": CPO})
        record = connection_record(ports, invitation.connection.id)
        registered = replace(record.value, state=ConnectionState.REGISTERED, version="2.2.1")
        ports.store.write(record.put(registered))
        scene = Scene(ports, client, invitation.token, ports.store)
        for module, path in (("tariffs", "T1"), ("locations", "LOC1")):
            body = json.dumps(BY_VERSION[module]("2.2.1")).encode()
            url = f"/ocpi/2.2.1/{module}/DE/EXW/{path}"
            told_ = scene.send("PUT", url, {"Content-Type": "application/json"}, body)
            assert json.loads(told_.body)["status_code"] == 1000, told_.body
        yield scene
    wiring.use(None)


@st.composite
def spoiled(draw: st.DrawFn, version: str, module: str) -> Any:
    """A right object of the module, changed at up to three places."""
    build = BY_VERSION.get(module)
    value = deepcopy(ALIKE.get(module, {})) if build is None else build(version)
    for _ in range(draw(st.integers(0, 3))):
        value = _spoil(draw, value)
    return value


def _spoil(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(sorted(value)))
        how = draw(st.sampled_from(["inside", "drop", "odd"]))
        if how == "drop":
            return {key: part for key, part in value.items() if key != name}
        part = _spoil(draw, value[name]) if how == "inside" else draw(ODD)
        return {**value, name: part}
    if isinstance(value, list) and value and draw(st.integers(0, 2)):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], _spoil(draw, value[place]), *value[place + 1 :]]
    return draw(ODD)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, dict[str, str], bytes]:
    """Method, path, headers, body: of any endpoint in any version, mostly nearly right."""
    served = draw(st.sampled_from(all_served()))
    method = draw(st.sampled_from([*served.methods, *served.methods, "GET", "PUT", "DELETE"]))
    path = served.path
    for name, values in IDS.items():
        path = path.replace(f"{{{name}}}", draw(st.sampled_from([values[0], *values])))
    version = served.version or "2.2.1"
    module = path.removeprefix(f"/ocpi/{version}/").partition("/")[0]
    kinds = ["application/json", "application/json; charset=utf-16", "text/plain", ""]
    headers = {"Content-Type": draw(st.sampled_from([kinds[0], kinds[0], *kinds]))}
    if draw(st.booleans()):
        party = draw(st.sampled_from(["EXW", "OTH", "x" * 500]))
        headers |= {"OCPI-from-country-code": "DE", "OCPI-from-party-id": party}
    body = json.dumps(draw(spoiled(version, module))).encode()
    cut = draw(st.sampled_from([None, None, None, None, 0, len(body) // 2]))
    return method, path, headers, body if cut is None else body[:cut]


@given(requests())
def test_no_request_makes_us_stumble_and_what_is_refused_writes_nothing(
    scene: Scene, request_: tuple[str, str, dict[str, str], bytes]
) -> None:
    method, path, headers, body = request_
    scene.ports.store = deepcopy(scene.begun)
    before, begun = scene.ports.store.dump(), process_time()
    answer = scene.send(method, path, headers, body)
    assert process_time() - begun < LONGEST_S
    assert answer.status_code < 500, answer.body
    envelope = json.loads(answer.body)
    if "status_code" not in envelope:
        assert answer.status_code == 403, answer.body  # no such path: the gateway's answer
        assert scene.ports.store.dump() == before
        return
    assert isinstance(envelope["status_code"], int)
    assert envelope["status_code"] < 3000 or "credentials" in path
    event(f"status {envelope['status_code']}")
    if envelope["status_code"] != 1000:
        assert scene.ports.store.dump() == before
