"""What becomes of a CDR that is handed in, and which are refused?"""

import json
from typing import Any

import pytest

from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import SessionId
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.handlers.ocpi import cdrs
from chalicelib.ports.cpo import Received
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import CdrAccepted, KeptCdr
from sandbox.memory.ports import MemoryPorts

PATH = "/ocpi/2.2.1/cdrs"
CDR: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "NRD",
    "id": "C 1/2",
    "start_date_time": "2026-11-16T08:00:00Z",
    "end_date_time": "2026-11-16T08:30:00Z",
    "session_id": "S-1",
    "authorization_reference": "ses_1",
    "cdr_token": {"uid": "PLG_1", "type": "APP_USER", "contract_id": "DE-PLG-C1"},
    "auth_method": "COMMAND",
    "cdr_location": {"id": "L1", "evse_uid": "E1", "connector_id": "1"},
    "currency": "EUR",
    "charging_periods": [
        {
            "start_date_time": "2026-11-16T08:00:00Z",
            "dimensions": [{"type": "ENERGY", "volume": 30}],
        }
    ],
    "total_cost": {"excl_vat": 14.7, "incl_vat": 17.49},
    "total_energy": 30,
    "total_time": 0.5,
    "last_updated": "2026-11-16T08:31:00Z",
}


def test_a_cdr_is_created_once_and_shown_byte_for_byte(
    ports: MemoryPorts, peer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted: list[ReceivedCdr] = []

    def accept(_: Any, connection: Any, received: Received) -> CdrAccepted:
        cdr = received.value
        ports.files.seal("cdr/x.json", received.raw.encode(), "application/json")
        key = keys.cdr(connection.id, cdr.country_code, cdr.party_id, cdr.id)
        if not accepted:
            kept = KeptCdr(SessionId("ses_1"), cdr.raw_hash, "cdr/x.json", cdr)
            ports.store.write(Put(key, to_plain(kept)))
        accepted.append(cdr)
        return CdrAccepted(cdr.id, SessionId("ses_1"), repeated=len(accepted) > 1)

    monkeypatch.setattr(cdrs, "accept_pulled_cdr", accept)
    raw = json.dumps(CDR, indent=3).replace("14.7", "14.70").encode()
    first = peer.send("POST", PATH, raw=raw)
    assert (first.http, first.status) == (201, 1000)
    where = first.headers["Location"]
    assert where == "https://channel.example/ocpi/2.2.1/cdrs/DE/NRD/C%201%2F2"
    again = peer.send("POST", PATH, raw=raw)
    assert (again.http, again.headers["Location"]) == (200, where)
    shown = peer.send("GET", where.removeprefix("https://channel.example"))
    assert raw.decode() in shown.text


def test_a_cdr_for_an_unknown_session_is_refused(ports: MemoryPorts, peer: Any) -> None:
    before = ports.store.dump()
    answer = peer.send("POST", PATH, CDR)
    assert (answer.http, answer.status) == (200, 2001)
    assert "cdr_for_unknown_session" in answer.message
    assert ports.store.dump() == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"currency": "EURO"}, "currency"),
        ({"total_cost": None}, "total_cost"),
        ({"total_cost": {"incl_vat": 1}}, "total_cost"),
        ({"total_energy": "much"}, "total_energy"),
        ({"total_time": -3}, "total_time"),
        ({"charging_periods": []}, "charging_periods"),
        ({"end_date_time": "2026-11-16T07:00:00Z"}, "end_date_time"),
        ({"id": ""}, "id"),
        ({"id": {"x": 1}}, "id"),
        ({"party_id": "EVL"}, "identity_not_bound"),
        ({"last_updated": "later"}, "last_updated"),
    ],
)
def test_a_cdr_without_a_sensible_reading_is_refused(
    ports: MemoryPorts, peer: Any, change: dict[str, Any], says: str
) -> None:
    before = ports.store.dump()
    answer = peer.send("POST", PATH, {**CDR, **change})
    assert (answer.http, answer.status) == (200, 2001)
    assert says in answer.message
    assert (ports.store.dump(), ports.files.content) == (before, {})


def test_a_cdr_that_nobody_sent_is_not_found(peer: Any) -> None:
    answer = peer.send("GET", f"{PATH}/DE/NRD/none")
    assert (answer.http, answer.status) == (404, 2001)


def test_two_megabytes_are_no_cdr(ports: MemoryPorts, peer: Any) -> None:
    before = ports.store.dump()
    answer = peer.send("POST", PATH, {**CDR, "remark": "x" * 2_000_000})
    assert (answer.http, ports.store.dump()) == (413, before)
