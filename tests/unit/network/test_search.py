"""Which chargers are found, in which order, and which are not shown?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.area import Circle, Corridor
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.domain.network.opening import OpeningTimes, RegularHours
from chalicelib.domain.network.place import Point
from chalicelib.domain.network.plug import Car
from chalicelib.domain.network.rank import Order
from chalicelib.usecases.network import on_the_map
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.read import location_by_id
from chalicelib.usecases.network.reliability import saw
from chalicelib.usecases.network.search import Wanted, search
from sandbox.memory.ports import MemoryPorts

AT = datetime(2026, 11, 16, tzinfo=UTC)
CPO = PartyId("cpo_a")
CONNECTION = Connection(PeerId("peer_1"), ConnectionState.REGISTERED, CPO, {"DE*ALF": CPO})
PARTNER = PartyId("par_a")
NEAR = Wanted(Circle(Point.at(Decimal("52.52"), Decimal("13.40")), 20_000))


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
    return [found.location.id for found in search(ports, PARTNER, wanted).found]


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
    (found,) = search(ports, PARTNER, wanted).found
    assert [one.uid for one in found.location.evses] == ["busy", "free"]
    (found,) = search(ports, PARTNER, replace(wanted, available=True)).found
    assert [one.uid for one in found.location.evses] == ["free"]
    (found,) = search(ports, PARTNER, replace(NEAR, connector="iec_62196_t2")).found
    assert [one.uid for one in found.location.evses] == ["slow"]
    assert ids(ports, replace(NEAR, connector="CHADEMO")) == []
    assert ids(ports, replace(NEAR, cpo_ids=frozenset({PartyId("cpo_b")}))) == []


def test_a_location_that_is_not_to_be_published_is_not_shown(ports: MemoryPorts) -> None:
    public = location("a", "52.53")
    for publish in (False, True, False):
        keep(ports, replace(public, publish=publish))
        assert ids(ports) == ([public.id] if publish else [])


def test_a_location_that_moves_is_found_where_it_is(ports: MemoryPorts) -> None:
    keep(ports, location("a", "52.53"), location("a", "50.10"))
    assert ids(ports) == []
    assert ids(ports, Wanted(Circle(Point.at(Decimal("50.1"), Decimal("13.40")), 20_000))) == ["a"]


def test_pages_continue_where_they_ended(ports: MemoryPorts) -> None:
    keep(ports, *(location(f"l{number}", f"52.5{number}") for number in range(7)))
    seen: list[str] = []
    cursor = ""
    while True:
        page = search(ports, PARTNER, NEAR, cursor, limit=3)
        seen.extend(one.location_id for one in page.found)
        cursor = page.cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 7
    assert location_by_id(ports, seen[0]).id == "l2"


def test_an_unknown_public_id_is_not_found(ports: MemoryPorts) -> None:
    with pytest.raises(NotFound):
        location_by_id(ports, "loc_none")


HERE = Point.at(Decimal("52.52"), Decimal("13.40"))
CAR = Car(Decimal(30))


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(Circle(HERE, 0)), "radius_m"),
        (Wanted(Circle(HERE, 50_001)), "radius_m"),
        (Wanted(Corridor((HERE, HERE), 10_001)), "radius_m"),
        (Wanted(Corridor((HERE, Point(0, 0)), 2_000)), "route"),
        (replace(NEAR, order=Order.PRICE), "order"),
        (replace(NEAR, car=Car(Decimal(0))), "energy_kwh"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_by_its_field(
    ports: MemoryPorts, wanted: Wanted, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        search(ports, PARTNER, wanted)
    assert refused.value.field == field


def test_a_cursor_of_somebody_else_is_refused(ports: MemoryPorts) -> None:
    for cursor in ("x", ":", "5:", "-1:loc"):
        with pytest.raises(Invalid):
            search(ports, PARTNER, NEAR, cursor)


def test_along_a_route_is_found_what_lies_beside_it_wherever_it_is(ports: MemoryPorts) -> None:
    keep(ports, location("start", "52.00"), location("end", "54.01"), location("beyond", "54.50"))
    north = Corridor((Point.at(Decimal(52), Decimal("13.41")), Point(54_000_000, 13_410_000)), 2000)
    found = {one.location.id: one.reach for one in search(ports, PARTNER, Wanted(north)).found}
    assert found.keys() == {"start", "end"}
    assert found["start"].distance_m == pytest.approx(684, abs=10)
    assert found["end"].along_m == pytest.approx(222_390, abs=100)


def test_a_location_that_is_closed_then_is_not_shown(ports: MemoryPorts) -> None:
    by_day = OpeningTimes(
        twentyfourseven=False, regular=tuple(RegularHours(day, 480, 1200) for day in range(1, 8))
    )
    keep(ports, replace(location("a", "52.53"), opening_times=by_day), location("b", "52.54"))
    assert ids(ports, replace(NEAR, open_at=AT + timedelta(hours=12))) == ["a", "b"]
    assert ids(ports, replace(NEAR, open_at=AT)) == ["b"]


def test_only_places_for_people_with_disabilities_where_that_is_asked(ports: MemoryPorts) -> None:
    plain = evse("E1", 150_000, "IEC_62196_T2_COMBO", EvseStatus.AVAILABLE)
    old, new = (
        replace(plain, uid="E2", parking_restrictions=("EV_ONLY", "DISABLED")),
        replace(plain, uid="E3", vehicle_types=("DISABLED", "VAN")),
    )
    keep(ports, location("a", "52.53", plain, old, new), location("b", "52.54", plain))
    (found,) = search(ports, PARTNER, replace(NEAR, accessible=True)).found
    assert [one.uid for one in found.location.evses] == ["E2", "E3"]


def test_a_status_that_changes_leaves_the_map_as_it_is(ports: MemoryPorts) -> None:
    at = ports.clock.now()
    keep(ports, replace(location("a", "52.53"), last_updated=at))
    before = ports.store.writes
    busy = evse("E1", 150_000, "IEC_62196_T2_COMBO", EvseStatus.CHARGING)
    keep(ports, replace(location("a", "52.53", busy), last_updated=at + timedelta(seconds=1)))
    assert ports.store.writes - before == 1, "one put of the location"
    keep(ports, replace(location("a", "52.53", busy), last_updated=at + timedelta(seconds=1)))
    assert ports.store.writes - before == 1, "and none for what did not change"


def test_a_connector_that_changes_is_found_by_what_it_is_now(ports: MemoryPorts) -> None:
    keep(ports, location("a", "52.53"))
    slow = evse("E1", 22_000, "IEC_62196_T2", EvseStatus.AVAILABLE)
    keep(ports, location("a", "52.53", slow))
    assert ids(ports, replace(NEAR, connector="IEC_62196_T2")) == ["a"]
    assert ids(ports, replace(NEAR, min_power_w=50_000)) == []


def test_what_failed_at_an_evse_ranks_it_lower_until_it_works_again(ports: MemoryPorts) -> None:
    good, bad = location("good", "52.55"), location("bad", "52.53")
    keep(ports, good, bad)
    best = replace(NEAR, order=Order.BEST)
    assert ids(ports, best) == ["bad", "good"]
    for _ in range(4):
        saw(ports, bad, "E1", worked=False)
    assert ids(ports, best) == ["good", "bad"]
    for _ in range(80):
        saw(ports, bad, "E1", worked=True)
    assert ids(ports, best) == ["bad", "good"]


@pytest.mark.parametrize("page", [2, 3, 4, 5])
def test_what_failed_is_known_wherever_a_page_of_the_map_ends(
    ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    places = [location(f"{number:02}", f"52.5{number:02}") for number in range(12)]
    keep(ports, *places)
    for place in places[::2]:
        saw(ports, place, "E1", worked=False)
    told = {one.location.id: one.reliability for one in search(ports, PARTNER, NEAR).found}
    monkeypatch.setattr(on_the_map, "_PAGE", page)
    found = search(ports, PARTNER, NEAR).found
    assert {one.location.id: one.reliability for one in found} == told
    assert len(found) == len(told) == len(places)
    assert len(set(told.values())) == 2


def test_what_works_where_nothing_failed_is_not_written_down(ports: MemoryPorts) -> None:
    place = location("a", "52.53")
    keep(ports, place)
    before = ports.store.writes
    saw(ports, place, "E1", worked=True)
    assert ports.store.writes == before
