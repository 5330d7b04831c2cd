"""What may a CPO tell of a session, and what is refused?"""

import json
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.usecases.charger_session.fold import fold
from sandbox.memory.ports import MemoryPorts

PATH = "/ocpi/2.2.1/sessions/DE/NRD/S-1"
SESSION: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "NRD",
    "id": "S-1",
    "start_date_time": "2026-11-16T08:00:00Z",
    "kwh": 0,
    "cdr_token": {
        "country_code": "DE",
        "party_id": "PLG",
        "uid": "PLG_1",
        "type": "APP_USER",
        "contract_id": "DE-PLG-C1",
    },
    "auth_method": "COMMAND",
    "authorization_reference": "ses_1",
    "location_id": "L1",
    "evse_uid": "E1",
    "connector_id": "1",
    "currency": "EUR",
    "status": "ACTIVE",
    "last_updated": "2026-11-16T08:00:00Z",
}


def period(minute: int, kwh: float) -> dict[str, Any]:
    return {
        "start_date_time": f"2026-11-16T08:{minute:02}:00Z",
        "dimensions": [{"type": "ENERGY", "volume": kwh}],
    }


def patch(minute: int, **members: Any) -> dict[str, Any]:
    return {"last_updated": f"2026-11-16T08:{minute:02}:00Z", **members}


def folded(ports: MemoryPorts, peer: Any) -> Any:
    return fold(ports.store, peer.connection.id, "DE", "NRD", "S-1")


def test_patches_fold_onto_the_put_and_append_periods(ports: MemoryPorts, peer: Any) -> None:
    assert peer.send("PUT", PATH, SESSION).status == 1000
    first = patch(5, kwh=1.25, charging_periods=[period(0, 1.25)])
    assert peer.send("PATCH", PATH, first).status == 1000
    second = patch(10, kwh=2.5, charging_periods=[period(5, 1.25)], status="COMPLETED")
    assert peer.send("PATCH", PATH, second).status == 1000
    session = folded(ports, peer)
    assert session.kwh == Decimal("2.5")
    assert session.status is ChargerStatus.COMPLETED
    assert [p.energy_kwh for p in session.periods] == [Decimal("1.25")] * 2
    assert session.authorization_reference == "ses_1"
    shown = peer.send("GET", PATH)
    assert shown.data["kwh"] == 2.5
    assert len(shown.data["charging_periods"]) == 2
    assert shown.data["cdr_token"] == SESSION["cdr_token"]


def test_a_put_without_periods_removes_them(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", PATH, {**SESSION, "charging_periods": [period(0, 1)]})
    peer.send("PUT", PATH, {**SESSION, "last_updated": "2026-11-16T08:09:00Z"})
    assert folded(ports, peer).periods == ()


def test_a_patch_is_one_write_that_the_stream_hands_on(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", PATH, SESSION)
    ports.store.stream.clear()
    before = ports.store.writes
    peer.send("PATCH", PATH, patch(5, kwh=1.25, charging_periods=[period(0, 1.25)]))
    assert ports.store.writes - before == 1
    assert [key.pk for key in ports.store.stream] == [f"charging#{peer.connection.id}#DE*NRD#s-1"]


def test_a_repeated_message_changes_nothing(ports: MemoryPorts, peer: Any) -> None:
    body = patch(5, kwh=1)
    peer.send("PUT", PATH, SESSION)
    peer.send("PATCH", PATH, body)
    peer.send("PATCH", PATH, patch(6, kwh=2))
    before = ports.store.dump()
    assert peer.send("PATCH", PATH, body).status == 1000  # late, but known
    assert peer.send("PUT", PATH, SESSION).status == 1000
    assert ports.store.dump() == before


def test_a_patch_to_an_unknown_session_asks_for_a_put(ports: MemoryPorts, peer: Any) -> None:
    before = ports.store.dump()
    answer = peer.send("PATCH", PATH, patch(5, kwh=1))
    assert (answer.http, answer.status) == (200, 2001)
    assert "update_of_unknown" in answer.message
    assert "PUT" in answer.message
    assert ports.store.dump() == before


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_message_older_than_the_state_is_refused(
    ports: MemoryPorts, peer: Any, method: str
) -> None:
    peer.send("PUT", PATH, SESSION)
    peer.send("PATCH", PATH, patch(9, kwh=2))
    before = ports.store.dump()
    body = patch(5, kwh=1) if method == "PATCH" else {**SESSION, **patch(5, kwh=1)}
    answer = peer.send(method, PATH, body)
    assert (answer.http, answer.status) == (200, 2001)
    assert "update_outdated" in answer.message
    assert ports.store.dump() == before


def test_a_finished_session_does_not_start_again(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", PATH, {**SESSION, "status": "COMPLETED"})
    before = ports.store.dump()
    answer = peer.send("PATCH", PATH, patch(5, status="ACTIVE"))
    assert (answer.status, ports.store.dump()) == (2001, before)
    assert "session_is_final" in answer.message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kwh": "abc"}, "kwh"),
        ({"kwh": -1}, "kwh"),
        ({"kwh": True}, "kwh"),
        ({"kwh": 1e300}, "kwh"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": 978}, "currency"),
        ({"status": "DANCING"}, "status"),
        ({"last_updated": None}, "last_updated"),
        ({"last_updated": "yesterday"}, "last_updated"),
        ({"last_updated": "0001-01-01T00:00:00Z"}, "last_updated"),
        ({"start_date_time": 5}, "start_date_time"),
        ({"end_date_time": "2026-11-16T07:00:00Z"}, "end_date_time"),
        ({"id": "S-2"}, "URL"),
        ({"party_id": "EVL"}, "URL"),
        ({"charging_periods": "none"}, "charging_periods"),
        ({"charging_periods": [{"dimensions": []}]}, "charging_periods.0.start_date_time"),
        ({"cdr_token": []}, "cdr_token"),
    ],
)
def test_a_session_without_a_sensible_reading_is_refused_by_its_member(
    ports: MemoryPorts, peer: Any, change: dict[str, Any], says: str
) -> None:
    before = ports.store.dump()
    answer = peer.send("PUT", PATH, {**SESSION, **change})
    assert (answer.http, answer.status) == (200, 2001)
    assert says in answer.message
    assert ports.store.dump() == before


def test_real_feeds_are_read_leniently(ports: MemoryPorts, peer: Any) -> None:
    sloppy = {
        **SESSION,
        "kwh": "3.5",
        "currency": "eur",
        "status": "reserved",
        "connector_id": 1,
        "end_date_time": None,
        "last_updated": "2026-11-16T09:00:00+01:00",
        "start_date_time": "2026-11-16T08:00:00",
        "total_cost": 4,
        "surprise": {"x": [1]},
        "charging_periods": period(0, 1),
    }
    assert peer.send("PUT", PATH, sloppy).status == 1000
    session = folded(ports, peer)
    assert (session.kwh, session.currency, session.connector_id) == (Decimal("3.5"), "EUR", "1")
    assert session.status is ChargerStatus.RESERVATION
    (kept,) = ports.store.query(f"charging#{peer.connection.id}#DE*NRD#s-1")
    assert len(kept.body["mended"]) >= 6
    assert json.loads(kept.body["raw"])["surprise"] == {"x": [1]}


@pytest.mark.parametrize(
    "path", ["/ocpi/2.2.1/sessions/DE/EVL/S-1", "/ocpi/2.2.1/sessions/NL/NRD/S-1"]
)
def test_a_peer_cannot_speak_for_another_party(ports: MemoryPorts, peer: Any, path: str) -> None:
    before = ports.store.dump()
    country, party = path.split("/")[4:6]
    body = {**SESSION, "country_code": country, "party_id": party}
    answer = peer.send("PUT", path, body)
    assert (answer.http, answer.status) == (200, 2001)
    assert "identity_not_bound" in answer.message
    assert peer.send("PATCH", path, patch(5)).status == 2001
    assert ports.store.dump() == before


def test_a_session_that_was_never_told_is_not_found(peer: Any) -> None:
    answer = peer.send("GET", "/ocpi/2.2.1/sessions/DE/NRD/none")
    assert (answer.http, answer.status) == (404, 2001)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"a":1,"a":2}',
        b"\xff\xfe",
        b'{"kwh":NaN}',
        b'{"id":"\\ud800"}',
        b"[" * 3000,
        b'{"kwh":1' + b"0" * 500 + b"}",
    ],
)
def test_what_is_not_a_json_object_is_http_400(ports: MemoryPorts, peer: Any, raw: bytes) -> None:
    before = ports.store.dump()
    answer = peer.send("PUT", PATH, raw=raw)
    assert (answer.http, answer.status) == (400, 2001)
    assert "malformed_json" in answer.message
    assert ports.store.dump() == before


def test_a_body_of_two_megabytes_is_refused(ports: MemoryPorts, peer: Any) -> None:
    before = ports.store.dump()
    raw = json.dumps({**SESSION, "remark": "x" * 2_000_000}).encode()
    answer = peer.send("PUT", PATH, raw=raw)
    assert (answer.http, answer.status) == (413, 2001)
    assert ports.store.dump() == before


def test_a_body_of_another_type_is_refused(ports: MemoryPorts, peer: Any) -> None:
    before = ports.store.dump()
    answer = peer.send("PUT", PATH, SESSION, headers={"Content-Type": "text/xml"})
    assert (answer.http, answer.status) == (415, 2001)
    assert ports.store.dump() == before


def test_a_long_message_is_sealed_as_a_file_and_still_shown(ports: MemoryPorts, peer: Any) -> None:
    periods = [period(minute, 0.5) for minute in range(50)]
    body = {**SESSION, **patch(55, charging_periods=periods)}
    assert peer.send("PUT", PATH, body).status == 1000
    assert len(ports.files.content) == 1
    assert len(peer.send("GET", PATH).data["charging_periods"]) == 50
    assert len(folded(ports, peer).periods) == 50


def test_more_periods_than_a_charge_has_are_refused(ports: MemoryPorts, peer: Any) -> None:
    before = ports.store.dump()
    periods = [
        {"start_date_time": f"2026-11-16T08:00:00.{number:04}Z", "dimensions": []}
        for number in range(5000)
    ]
    answer = peer.send("PUT", PATH, {**SESSION, "charging_periods": periods})
    assert (answer.http, answer.status) == (200, 2001)
    assert "report_too_large" in answer.message
    assert (ports.store.dump(), ports.files.content) == (before, {})


def test_an_id_that_no_table_could_hold_is_refused(ports: MemoryPorts, peer: Any) -> None:
    before = ports.store.dump()
    for id_ in ("x" * 3000, "%00", "%C3%A4"):
        answer = peer.send("PATCH", f"/ocpi/2.2.1/sessions/DE/NRD/{id_}", patch(5))
        assert (answer.http, answer.status) == (200, 2001)
        assert "session_id" in answer.message
    assert ports.store.dump() == before


def test_a_report_writes_no_line_into_the_log(
    peer: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Each line costs as much as a read, and says nothing that the table does not keep.

    `python -m bench cost` counts on it.
    """
    with caplog.at_level("INFO"):
        assert peer.send("PUT", PATH, SESSION).status == 1000
        assert peer.send("PATCH", PATH, patch(5, kwh=1.25)).status == 1000
        assert peer.send("PATCH", PATH, patch(1, kwh=1.25)).status == 2001  # refused, and told so
    written = capfd.readouterr()
    assert (written.out, written.err, caplog.records) == ("", "", [])
