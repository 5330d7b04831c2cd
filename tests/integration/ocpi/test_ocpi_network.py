"""What may a CPO tell of its locations and tariffs, and what is refused?"""

import json
from typing import Any

import pytest

from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ocpi.envelope.body import parse
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from chalicelib.ports.store import StoreUnavailable
from chalicelib.usecases import keys
from chalicelib.usecases.network.read import location_of
from sandbox.memory.ports import MemoryPorts

PATH = "/ocpi/2.2.1/locations/DE/NRD/L1"
CONNECTOR: dict[str, Any] = {
    "id": "1",
    "standard": "IEC_62196_T2_COMBO",
    "format": "CABLE",
    "power_type": "DC",
    "max_voltage": 920,
    "max_amperage": 400,
    "max_electric_power": 150000,
    "tariff_ids": ["T1"],
    "last_updated": "2026-11-16T07:00:00Z",
}


def evse(uid: str, at: str = "07:00:00", **members: Any) -> dict[str, Any]:
    return {
        "uid": uid,
        "evse_id": f"DE*NRD*{uid}",
        "status": "AVAILABLE",
        "connectors": [CONNECTOR],
        "last_updated": f"2026-11-16T{at}Z",
        **members,
    }


LOCATION: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "NRD",
    "id": "L1",
    "publish": True,
    "name": "Harbour",
    "address": "Kai 1",
    "city": "Hamburg",
    "postal_code": "20457",
    "country": "DEU",
    "coordinates": {"latitude": "53.541100", "longitude": "9.984800"},
    "time_zone": "Europe/Berlin",
    "evses": [evse("E1"), evse("E2")],
    "last_updated": "2026-11-16T07:00:00Z",
}
TARIFF: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "NRD",
    "id": "T1",
    "currency": "EUR",
    "elements": [
        {"price_components": [{"type": "ENERGY", "price": 0.49, "vat": 19, "step_size": 1}]}
    ],
    "last_updated": "2026-11-16T07:00:00Z",
}
TARIFF_PATH = "/ocpi/2.2.1/tariffs/DE/NRD/T1"


def known(ports: MemoryPorts, peer: Any) -> Any:
    return location_of(ports, peer.connection.id, "DE", "NRD", "L1")


def test_a_location_is_kept_and_shown_as_it_was_told(ports: MemoryPorts, peer: Any) -> None:
    assert peer.send("PUT", PATH, LOCATION).status == 1000
    location = known(ports, peer)
    assert (location.country, location.cpo_id) == ("DE", "cpo_north")
    assert location.evses[0].connectors[0].max_power_w == 150_000
    assert peer.send("GET", PATH).data == LOCATION
    assert peer.send("GET", f"{PATH}/E2").data == evse("E2")
    assert peer.send("GET", f"{PATH}/E2/1").data == CONNECTOR
    assert peer.send("GET", f"{PATH}/e2/1").data == CONNECTOR  # a CiString has no case


def test_a_status_patch_changes_one_evse_and_its_parents_time(
    ports: MemoryPorts, peer: Any
) -> None:
    peer.send("PUT", PATH, LOCATION)
    before = ports.store.writes
    change = {"status": "CHARGING", "last_updated": "2026-11-16T08:10:00Z"}
    assert peer.send("PATCH", f"{PATH}/E2", change).status == 1000
    assert ports.store.writes - before <= 4  # one put of the location, none of the map
    location = known(ports, peer)
    assert [e.status for e in location.evses] == [EvseStatus.AVAILABLE, EvseStatus.CHARGING]
    assert location.last_updated.isoformat() == "2026-11-16T08:10:00+00:00"


def test_what_comes_while_the_table_is_too_busy_is_to_come_again(
    ports: MemoryPorts, peer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise StoreUnavailable("too busy")

    with monkeypatch.context() as while_:
        while_.setattr(ports.store, "write", busy)
        answer = peer.send("PUT", PATH, LOCATION)
    assert (answer.http, answer.status) == (200, 3000)
    assert answer.message.startswith("store_unavailable")
    assert answer.message.endswith("Send the same message again later.")
    assert peer.send("PUT", PATH, LOCATION).status == 1000
    assert peer.send("GET", PATH).data == LOCATION


def test_news_of_one_evse_does_not_outdate_news_of_another(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", PATH, LOCATION)
    for uid, at in (("E2", "08:10:00"), ("E1", "08:09:59")):  # arrived in the wrong order
        change = {"status": "CHARGING", "last_updated": f"2026-11-16T{at}Z"}
        assert peer.send("PATCH", f"{PATH}/{uid}", change).status == 1000
    location = known(ports, peer)
    assert {e.status for e in location.evses} == {EvseStatus.CHARGING}
    assert location.last_updated.isoformat() == "2026-11-16T08:10:00+00:00"


def test_older_news_of_an_evse_is_refused(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", PATH, LOCATION)
    before = ports.store.dump()
    change = {"status": "CHARGING", "last_updated": "2026-11-16T06:59:00Z"}
    answer = peer.send("PATCH", f"{PATH}/E1", change)
    assert (answer.http, answer.status) == (200, 2001)
    assert "update_outdated" in answer.message
    assert ports.store.dump() == before


def test_evses_and_connectors_can_be_added(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", PATH, LOCATION)
    assert peer.send("PUT", f"{PATH}/E3", evse("E3", "08:00:00")).status == 1000
    second = {**CONNECTOR, "id": "2", "standard": "CHADEMO", "last_updated": "2026-11-16T08:01:00Z"}
    assert peer.send("PUT", f"{PATH}/E3/2", second).status == 1000
    location = known(ports, peer)
    assert [e.uid for e in location.evses] == ["E1", "E2", "E3"]
    assert [c.standard for c in location.evses[2].connectors] == ["IEC_62196_T2_COMBO", "CHADEMO"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PATCH", PATH, 2003), ("PUT", f"{PATH}/E1", 2003), ("PATCH", f"{PATH}/E1/1", 2003)],
)
def test_a_change_of_an_unknown_location_is_status_2003(
    ports: MemoryPorts, peer: Any, method: str, path: str, status: int
) -> None:
    before = ports.store.dump()
    body = {"last_updated": "2026-11-16T08:00:00Z", "status": "BLOCKED"}
    answer = peer.send(method, path, body)
    assert (answer.http, answer.status) == (200, status)
    assert ports.store.dump() == before


def test_a_change_of_an_unknown_evse_or_without_a_time_is_refused(
    ports: MemoryPorts, peer: Any
) -> None:
    peer.send("PUT", PATH, LOCATION)
    before = ports.store.dump()
    later = "2026-11-16T08:00:00Z"
    for path, body, says in [
        (f"{PATH}/E9", {"last_updated": later}, "update_of_unknown"),
        (f"{PATH}/E9/1", {"last_updated": later}, "update_of_unknown"),
        (f"{PATH}/E1/9", {"last_updated": later}, "update_of_unknown"),
        (f"{PATH}/E1", {"status": "BLOCKED"}, "last_updated"),
        (f"{PATH}/E1", {"last_updated": later, "uid": "E2"}, "uid"),
    ]:
        answer = peer.send("PATCH", path, body)
        assert (answer.http, answer.status) == (200, 2001), path
        assert says in answer.message
    assert ports.store.dump() == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"country": "XYZ"}, "country"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"coordinates": {"latitude": "91", "longitude": "0"}}, "latitude"),
        ({"coordinates": {"latitude": "north", "longitude": "0"}}, "latitude"),
        ({"coordinates": None}, "coordinates"),
        ({"evses": [{"uid": "E1"}]}, "evses.0"),
        ({"evses": "many"}, "evses"),
        ({"id": "L2"}, "URL"),
        ({"last_updated": "soon"}, "last_updated"),
    ],
)
def test_a_location_without_a_sensible_reading_is_refused(
    ports: MemoryPorts, peer: Any, change: dict[str, Any], says: str
) -> None:
    before = ports.store.dump()
    answer = peer.send("PUT", PATH, {**LOCATION, **change})
    assert (answer.http, answer.status) == (200, 2001)
    assert says in answer.message
    assert ports.store.dump() == before


def test_an_unknown_status_is_kept_as_unknown(ports: MemoryPorts, peer: Any) -> None:
    body = {**LOCATION, "evses": [evse("E1", status="SLEEPING")], "surprise": 1}
    assert peer.send("PUT", PATH, body).status == 1000
    assert known(ports, peer).evses[0].status is EvseStatus.UNKNOWN


def test_another_partys_location_is_refused(ports: MemoryPorts, peer: Any) -> None:
    before = ports.store.dump()
    path = "/ocpi/2.2.1/locations/DE/EVL/L1"
    for method in ("PUT", "PATCH", "GET"):
        answer = peer.send(method, path, {**LOCATION, "party_id": "EVL"})
        assert (answer.http, answer.status) == (200, 2001)
    assert ports.store.dump() == before


def test_a_location_that_was_never_told_is_not_found(peer: Any) -> None:
    answer = peer.send("GET", PATH)
    assert (answer.http, answer.status) == (404, 2003)


def test_every_published_version_of_a_tariff_is_kept(ports: MemoryPorts, peer: Any) -> None:
    dearer = json.loads(json.dumps(TARIFF).replace("0.49", "0.59"))
    dearer["last_updated"] = "2026-11-16T08:00:00Z"
    back = {**TARIFF, "last_updated": "2026-11-16T09:00:00Z"}
    for body in (TARIFF, TARIFF, dearer, back):
        assert peer.send("PUT", TARIFF_PATH, body).status == 1000
        ports.clock.forward(minutes=1)
    pk = keys.tariff_versions(peer.connection.id, "DE", "NRD", "T1")
    hashes = [row.key.sk.partition("#")[2] for row in ports.store.query(pk)]
    assert len(hashes) == 3  # a repeat is no publication; going back is one, of an old version
    assert hashes[0] == hashes[2] == tariff_hash(_read(TARIFF))
    assert ports.store.get(keys.tariff_version(hashes[1])) is not None
    assert peer.send("GET", TARIFF_PATH).data == back


def _read(body: dict[str, Any]) -> Any:
    return read_tariff(parse(json.dumps(body)))[0]


def test_an_older_tariff_does_not_replace_a_newer_one(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", TARIFF_PATH, TARIFF)
    before = ports.store.dump()
    older = json.loads(json.dumps(TARIFF).replace("0.49", "0.39"))
    older["last_updated"] = "2026-11-16T06:00:00Z"
    answer = peer.send("PUT", TARIFF_PATH, older)
    assert (answer.status, ports.store.dump()) == (2001, before)


def test_a_tariff_half_a_second_newer_replaces_one_told_in_whole_seconds(
    ports: MemoryPorts, peer: Any
) -> None:
    whole = {**TARIFF, "last_updated": "2026-11-16T07:00:00Z"}
    half = json.loads(json.dumps(whole).replace("0.49", "0.59").replace("00Z", "00.5Z"))
    for body in (whole, half):
        assert peer.send("PUT", TARIFF_PATH, body).status == 1000
        ports.clock.forward(seconds=1)
    assert peer.send("GET", TARIFF_PATH).data == half


def test_a_withdrawn_tariff_is_gone_but_its_version_stays(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", TARIFF_PATH, TARIFF)
    assert peer.send("DELETE", TARIFF_PATH).status == 1000
    assert peer.send("GET", TARIFF_PATH).http == 404
    assert ports.store.query(keys.tariff_versions(peer.connection.id, "DE", "NRD", "T1")) == []
    assert ports.store.get(keys.tariff_version(tariff_hash(_read(TARIFF)))) is not None
    assert peer.send("DELETE", TARIFF_PATH).status == 2001


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"currency": "EURO"}, "currency"),
        ({"elements": []}, "elements"),
        ({"elements": None}, "elements"),
        ({"id": "T2"}, "URL"),
        ({"last_updated": 0}, "last_updated"),
    ],
)
def test_a_tariff_without_a_sensible_reading_is_refused(
    ports: MemoryPorts, peer: Any, change: dict[str, Any], says: str
) -> None:
    before = ports.store.dump()
    answer = peer.send("PUT", TARIFF_PATH, {**TARIFF, **change})
    assert (answer.http, answer.status) == (200, 2001)
    assert says in answer.message
    assert ports.store.dump() == before
