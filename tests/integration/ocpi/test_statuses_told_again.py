"""What does it cost that a CPO tells a status again, and what is it good for?"""

from collections.abc import Iterator
from random import Random
from string import ascii_letters
from typing import Any

import pytest

from bench.counting import CountingStore
from chalicelib import wiring
from chalicelib.domain.network.location import EvseStatus
from chalicelib.usecases.network.read import location_of
from sandbox.memory.ports import MemoryPorts

PATH = "/ocpi/2.2.1/locations/DE/NRD/L1"
DIRECTIONS = [  # texts that deflate as badly as any
    {"language": code, "text": "".join(Random(code).choices(ascii_letters, k=200))}
    for code in ("bg", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "it", "nl", "pl")
]


def evse(number: int, at: str = "08:00:00") -> dict[str, Any]:
    connector = {
        "id": "1",
        "standard": "IEC_62196_T2_COMBO",
        "format": "CABLE",
        "power_type": "DC",
        "max_voltage": 920,
        "max_amperage": 400,
        "max_electric_power": 150000,
        "tariff_ids": ["T1"],
        "last_updated": f"2026-11-16T{at}Z",
    }
    return {
        "uid": f"E{number}",
        "evse_id": f"DE*NRD*E{number}",
        "status": "AVAILABLE",
        "connectors": [connector],
        "last_updated": f"2026-11-16T{at}Z",
    }


def place(at: str = "08:00:00", evses: int = 12) -> dict[str, Any]:
    """A site as large ones are told: several KB of JSON."""
    return {
        "country_code": "DE",
        "party_id": "NRD",
        "id": "L1",
        "publish": True,
        "name": "Harbour",
        "address": "Kai 1",
        "city": "Hamburg",
        "country": "DEU",
        "coordinates": {"latitude": "53.541100", "longitude": "9.984800"},
        "time_zone": "Europe/Berlin",
        "directions": DIRECTIONS,
        "evses": [evse(number, at) for number in range(evses)],
        "last_updated": f"2026-11-16T{at}Z",
    }


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
def ports(store: CountingStore) -> Iterator[MemoryPorts]:
    bundle = MemoryPorts(store=store)
    wiring.use(bundle)
    yield bundle
    wiring.use(None)


def units(store: CountingStore) -> int:
    """What was written since last asked, in DynamoDB's write units."""
    total = sum(one.units for one in store.written)
    store.written.clear()
    return total


def test_a_status_told_again_with_a_newer_date_costs_one_unit_whatever_the_size(
    store: CountingStore, peer: Any
) -> None:
    peer.send("PUT", PATH, place())
    units(store)
    change = {"status": "CHARGING", "last_updated": "2026-11-16T08:00:10Z"}
    peer.send("PATCH", f"{PATH}/E3", change)
    assert units(store) > 1, "this site is larger than a unit"
    again = {"status": "CHARGING", "last_updated": "2026-11-16T08:00:20Z"}
    for _ in range(2):
        assert peer.send("PATCH", f"{PATH}/E3", again).status == 1000
    assert units(store) == 1, "once for its date, and not for what is said twice"


def test_a_whole_location_told_again_costs_one_unit_and_is_shown_as_told(
    store: CountingStore, peer: Any
) -> None:
    peer.send("PUT", PATH, place())
    units(store)
    assert peer.send("PUT", PATH, place("08:30:00")).status == 1000
    assert units(store) == 1
    assert peer.send("GET", PATH).data == place("08:30:00")
    assert peer.send("PUT", PATH, place("08:30:00")).status == 1000
    assert units(store) == 0
    assert peer.send("PUT", PATH, place("08:20:00")).status == 2001


@pytest.mark.parametrize("dated", ["08:00:15", "08:00:20"])
def test_another_status_from_between_comes_too_late(
    ports: MemoryPorts, peer: Any, dated: str
) -> None:
    """Free, taken, free again; that it was taken arrives last."""
    peer.send("PUT", PATH, place())
    for uid in ("E1", "E3"):
        free = {"status": "AVAILABLE", "last_updated": "2026-11-16T08:00:20Z"}
        peer.send("PATCH", f"{PATH}/{uid}", free)
    late = {"status": "CHARGING", "last_updated": f"2026-11-16T{dated}Z"}
    outdated = dated < "08:00:20"
    assert peer.send("PATCH", f"{PATH}/E3", late).status == (2001 if outdated else 1000)
    known = location_of(ports, peer.connection.id, "DE", "NRD", "L1")
    assert known is not None
    assert (known.evses[3].status is EvseStatus.AVAILABLE) is outdated
    # Another EVSE's news is as new as that EVSE's own.
    assert peer.send("PATCH", f"{PATH}/E5", late).status == 1000


def test_a_date_lasts_through_what_changes_beside_it(peer: Any) -> None:
    peer.send("PUT", PATH, place())
    again = {"status": "AVAILABLE", "last_updated": "2026-11-16T08:00:30Z"}
    peer.send("PATCH", f"{PATH}/E3", again)
    other = {"status": "CHARGING", "last_updated": "2026-11-16T08:00:10Z"}
    peer.send("PATCH", f"{PATH}/E4", other)
    late = {"status": "CHARGING", "last_updated": "2026-11-16T08:00:20Z"}
    assert peer.send("PATCH", f"{PATH}/E3", late).status == 2001
    shown = peer.send("GET", PATH).data
    assert [one["last_updated"][-3:-1] for one in shown["evses"][3:5]] == ["30", "10"]
    assert shown["last_updated"] == "2026-11-16T08:00:30Z"


def test_news_of_two_evses_at_once_are_both_kept(
    ports: MemoryPorts, peer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E4's arrives after E3's was merged into what was there, and before that is written."""
    peer.send("PUT", PATH, place())
    query, waiting = ports.store.query, [f"{PATH}/E4"]
    status = {"status": "CHARGING", "last_updated": "2026-11-16T08:00:10Z"}

    def overtaken(*args: Any, **named: Any) -> Any:
        found = query(*args, **named)
        if args[0].startswith("location#") and waiting:
            peer.send("PATCH", waiting.pop(), status)
        return found

    monkeypatch.setattr(ports.store, "query", overtaken)
    assert peer.send("PATCH", f"{PATH}/E3", {**status, "last_updated": "2026-11-16T08:00:11Z"})
    assert not waiting
    known = location_of(ports, peer.connection.id, "DE", "NRD", "L1")
    assert known is not None
    taken = [one.uid for one in known.evses if one.status is EvseStatus.CHARGING]
    assert taken == ["E3", "E4"]


def test_what_comes_an_hour_late_does_not_pass_by_a_newer_date(
    ports: MemoryPorts, peer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No pull would tell it again: so the two meet in the table, and the late one is refused."""
    peer.send("PUT", PATH, place("06:00:00"))
    query, waiting = ports.store.query, ["once"]
    again = {"status": "AVAILABLE", "last_updated": "2026-11-16T07:00:00Z"}
    reads: list[str] = []

    def overtaken(*args: Any, **named: Any) -> Any:
        found = query(*args, **named)
        if args[0].startswith("location#"):
            reads.append(args[0])
            if len(reads) == 2 and waiting:  # the late one was compared with what is there
                waiting.pop()
                peer.send("PATCH", f"{PATH}/E3", again)
        return found

    monkeypatch.setattr(ports.store, "query", overtaken)
    late = {"status": "CHARGING", "last_updated": "2026-11-16T06:59:00Z"}
    assert peer.send("PATCH", f"{PATH}/E3", late).status == 2001
    assert not waiting
    assert peer.send("GET", f"{PATH}/E3").data["status"] == "AVAILABLE"


def test_a_date_that_becomes_something_else_is_a_change_and_harms_nothing(peer: Any) -> None:
    peer.send("PUT", PATH, {**place(), "own": {"last_updated": "yesterday"}})
    peer.send("PUT", PATH, {**place("08:00:30"), "own": {"last_updated": True}})
    assert peer.send("GET", PATH).data["own"] == {"last_updated": True}
    change = {"status": "CHARGING", "last_updated": "2026-11-16T08:01:00Z"}
    assert peer.send("PATCH", f"{PATH}/E3", change).status == 1000
    assert peer.send("GET", f"{PATH}/E3").data["status"] == "CHARGING"


@pytest.mark.parametrize("date", ["yesterday", "9999-12-31T23:59:59-10:00", 5, None])
def test_a_date_that_no_reading_needed_keeps_no_update_off(peer: Any, date: object) -> None:
    """A connector's own is read by nobody: so it may be anything, and then it is no date."""
    told = place()
    told["evses"][3]["connectors"][0]["last_updated"] = date
    assert peer.send("PUT", PATH, told).status == 1000
    change = {"max_amperage": 200, "last_updated": "2026-11-16T08:01:00Z"}
    assert peer.send("PATCH", f"{PATH}/E3/1", change).status == 1000
    shown = peer.send("GET", f"{PATH}/E3/1").data
    assert (shown["max_amperage"], shown["last_updated"]) == (200, "2026-11-16T08:01:00Z")
    late = {"max_amperage": 100, "last_updated": "2026-11-16T08:00:59Z"}
    assert peer.send("PATCH", f"{PATH}/E3/1", late).status == 2001, "from then on it has one"
