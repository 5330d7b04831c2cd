"""Which chargers are found, in which order, and which are not shown?"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.read import location_by_id
from chalicelib.usecases.network.search import Wanted, search
from sandbox.memory.ports import MemoryPorts

AT = datetime(2026, 11, 16, tzinfo=UTC)
CPO = PartyId("cpo_a")
CONNECTION = Connection(PeerId("peer_1"), ConnectionState.REGISTERED, CPO, {"DE*ALF": CPO})
NEAR = Wanted(Decimal("52.52"), Decimal("13.40"), 20_000)


def evse(uid: str, power_w: int, standard: str, status: EvseStatus) -> Evse:
    return Evse(uid, uid, status, (Connector("1", standard, "DC", power_w, ("T",)),), AT)


def location(id_: str, latitude: str, *evses: Evse) -> Location:
    available = evse("E1", 150_000, "IEC_62196_T2_COMBO", EvseStatus.AVAILABLE)
    return Location(
        peer_id=CONNECTION.id,
        cpo_id=CPO,
        country_code="DE",
        party_id="ALF",
        id=id_,
        name=id_,
        address="",
        city="",
        country="DE",
        latitude=Decimal(latitude),
        longitude=Decimal("13.40"),
        time_zone="Europe/Berlin",
        evses=evses or (available,),
        last_updated=AT,
    )


@pytest.fixture
def ports() -> MemoryPorts:
    return MemoryPorts()


def keep(ports: MemoryPorts, *locations: Location) -> None:
    for one in locations:
        accept_location(ports, CONNECTION, one, "{}")


def ids(ports: MemoryPorts, wanted: Wanted = NEAR) -> list[str]:
    return [found.location.id for found in search(ports, wanted).found]


def test_the_nearest_comes_first_and_the_far_not_at_all(ports: MemoryPorts) -> None:
    keep(ports, location("far", "53.52"), location("b", "52.60"), location("a", "52.53"))
    assert ids(ports) == ["a", "b"]


def test_only_connectors_that_fit_are_shown(ports: MemoryPorts) -> None:
    keep(
        ports,
        location(
            "a",
            "52.53",
            evse("slow", 11_000, "IEC_62196_T2", EvseStatus.AVAILABLE),
            evse("busy", 150_000, "IEC_62196_T2_COMBO", EvseStatus.CHARGING),
            evse("free", 150_000, "IEC_62196_T2_COMBO", EvseStatus.AVAILABLE),
            evse("gone", 150_000, "IEC_62196_T2_COMBO", EvseStatus.REMOVED),
        ),
    )
    wanted = replace(NEAR, min_power_w=50_000)
    (found,) = search(ports, wanted).found
    assert [one.uid for one in found.location.evses] == ["busy", "free"]
    (found,) = search(ports, replace(wanted, available=True)).found
    assert [one.uid for one in found.location.evses] == ["free"]
    (found,) = search(ports, replace(NEAR, connector="iec_62196_t2")).found
    assert [one.uid for one in found.location.evses] == ["slow"]
    assert ids(ports, replace(NEAR, connector="CHADEMO")) == []
    assert ids(ports, replace(NEAR, cpo_ids=frozenset({PartyId("cpo_b")}))) == []


def test_a_location_that_is_not_to_be_published_is_not_shown(ports: MemoryPorts) -> None:
    keep(ports, replace(location("a", "52.53"), publish=False))
    assert ids(ports) == []


def test_a_location_that_moves_is_found_where_it_is(ports: MemoryPorts) -> None:
    keep(ports, location("a", "52.53"), location("a", "50.10"))
    assert ids(ports) == []
    assert ids(ports, replace(NEAR, latitude=Decimal("50.1"))) == ["a"]


def test_pages_continue_where_they_ended(ports: MemoryPorts) -> None:
    keep(ports, *(location(f"l{number}", f"52.5{number}") for number in range(7)))
    seen: list[str] = []
    cursor = ""
    while True:
        page = search(ports, NEAR, cursor, limit=3)
        seen.extend(one.location_id for one in page.found)
        cursor = page.cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 7
    assert location_by_id(ports, seen[0]).id == "l2"


def test_an_unknown_public_id_is_not_found(ports: MemoryPorts) -> None:
    with pytest.raises(NotFound):
        location_by_id(ports, "loc_none")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (replace(NEAR, latitude=Decimal(91)), "latitude"),
        (replace(NEAR, longitude=Decimal(-181)), "longitude"),
        (replace(NEAR, radius_m=0), "radius_m"),
        (replace(NEAR, radius_m=50_001), "radius_m"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_by_its_field(
    ports: MemoryPorts, wanted: Wanted, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        search(ports, wanted)
    assert refused.value.field == field


def test_a_cursor_of_somebody_else_is_refused(ports: MemoryPorts) -> None:
    for cursor in ("x", ":", "5:", "-1:loc"):
        with pytest.raises(Invalid):
            search(ports, NEAR, cursor)
