"""Is the best location the one that the stated rule names?"""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.area import Reach
from chalicelib.domain.network.place import Point
from chalicelib.domain.network.plug import MapRow, Plug
from chalicelib.domain.network.rank import Order, Ranked, ranked
from chalicelib.domain.network.record import UNSEEN, Record

PLUG = Plug("IEC_62196_T2_COMBO", "DC", 150_000, ("T",), ("E1", "E2"))
RADIUS_M = 10_000


def row(id_: str, **seen: Record) -> MapRow:
    owner, peer = ("DE", "ALF"), PeerId("peer_1")
    return MapRow(
        id_, "", Point(0, 0), peer, PartyId("c"), owner, "DE", "Europe/Berlin", (PLUG,), seen
    )


def one(id_: str, away_m: int, cents: int | None, **seen: Record) -> Ranked:
    there = row(id_, **seen)
    return Ranked(there, Reach(away_m), there.reliability((PLUG,)), None, cents)


def order(by: Order, *found: Ranked) -> list[str]:
    return [each.row.id for each in ranked(found, by, RADIUS_M)]


def test_by_distance_the_nearest_is_first_and_by_price_the_cheapest() -> None:
    found = one("far", 900, 1000), one("near", 100, 2000), one("unpriced", 50, None)
    assert order(Order.DISTANCE, *found) == ["unpriced", "near", "far"]
    assert order(Order.PRICE, *found) == ["far", "near", "unpriced"]


def test_a_saving_of_a_fifth_is_worth_a_fifth_of_the_radius() -> None:
    """At 20.00 against 16.00, 0.2 of the price is above the cheapest: as much as 2 km of 10."""
    near = one("near", 0, 2000)
    assert order(Order.BEST, near, one("cheap", 1_990, 1600)) == ["cheap", "near"]
    assert order(Order.BEST, near, one("cheap", 2_010, 1600)) == ["near", "cheap"]


def test_where_starts_fail_is_ranked_behind_what_is_farther() -> None:
    broken = Record(failed=4)
    bad = one("bad", 0, 2000, E1=broken, E2=broken)
    assert order(Order.BEST, bad, one("far", 7_000, 2000)) == ["far", "bad"]
    mended = Record(failed=4, worked=90)
    good = one("good", 0, 2000, E1=mended, E2=mended)
    assert order(Order.BEST, good, one("far", 7_000, 2000)) == ["good", "far"]


def test_what_was_never_seen_is_expected_to_work_19_times_in_20() -> None:
    assert UNSEEN.per_mille() == 950
    assert row("a", E1=Record(failed=1)).reliability((PLUG,)) == (904 + 950) // 2


@given(st.lists(st.booleans(), max_size=300))
def test_a_record_forgets_slowly_and_stays_a_share(starts: list[bool]) -> None:
    record = UNSEEN
    for worked in starts:
        before = record.per_mille()
        record = record.and_one_more(worked=worked)
        assert 0 <= record.per_mille() <= 1000
        assert record.failed + record.worked <= 100
        assert worked or record.per_mille() <= before
