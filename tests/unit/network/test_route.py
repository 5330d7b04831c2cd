"""Is a route read right, and what lies along it found by how far it is off the way?"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.network.area import Corridor
from chalicelib.domain.network.place import DEGREE, Point
from chalicelib.domain.network.polyline import decoded


def encoded(places: list[tuple[int, int]]) -> str:
    """Written from the format's description, in hundred-thousandths of a degree."""
    text, before = "", (0, 0)
    for place in places:
        for now, then in zip(place, before, strict=True):
            left = (now - then) << 1
            left = ~left if now < then else left
            while left >= 32:
                text += chr((32 | left & 31) + 63)
                left >>= 5
            text += chr(left + 63)
        before = place
    return text


coordinates = st.tuples(st.integers(-9_000_000, 9_000_000), st.integers(-18_000_000, 18_000_000))


def test_the_known_example_is_read() -> None:
    """(38.5, -120.2), (40.7, -120.95), (43.252, -126.453): the example of the format's authors."""
    assert decoded("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == (
        Point(38_500_000, -120_200_000),
        Point(40_700_000, -120_950_000),
        Point(43_252_000, -126_453_000),
    )


@given(st.lists(coordinates, min_size=2, max_size=30))
def test_what_was_encoded_is_read_again(places: list[tuple[int, int]]) -> None:
    assert decoded(encoded(places)) == tuple(Point(a * 10, b * 10) for a, b in places)


@given(st.text(alphabet=[chr(sign) for sign in range(32, 127)], max_size=60))
def test_any_text_is_read_or_refused_by_its_name(text: str) -> None:
    try:
        places = decoded(text)
    except Invalid as error:
        refused = error
    else:
        assert all(abs(place.latitude) <= 90 * DEGREE for place in places)
        return
    assert refused.field == "route"


@pytest.mark.parametrize("text", ["", "_p~iF", "_p~iF~ps|U", "\x00\x00", "~~~~~~~~~~~~", "zzzz"])
def test_no_route_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        decoded(text)


EAST = Corridor((Point(50_000_000, 8_000_000), Point(50_000_000, 9_000_000)), 2_000)  # 71.5 km


@pytest.mark.parametrize(
    ("latitude", "longitude", "away_m", "along_m"),
    [
        ("50", "8", 0, 0),
        ("50", "8.5", 0, 35_737),  # half of 111195 m x cos 50
        ("50.01", "8.5", 1_112, 35_737),
        ("49.99", "9", 1_112, 71_475),
        ("50", "9.02", 1_430, 71_475),  # beyond the end: as far as from the end
    ],
)
def test_a_place_is_as_far_as_from_the_nearest_point_of_the_route(
    latitude: str, longitude: str, away_m: int, along_m: int
) -> None:
    reach = EAST.reach(Point.at(Decimal(latitude), Decimal(longitude)))
    assert reach is not None
    assert reach.distance_m == pytest.approx(away_m, abs=15)
    assert reach.along_m == pytest.approx(along_m, rel=0.003, abs=15)


@pytest.mark.parametrize(("latitude", "longitude"), [("50.02", "8.5"), ("50", "9.1"), ("0", "0")])
def test_what_lies_outside_the_corridor_is_not_reached(latitude: str, longitude: str) -> None:
    assert EAST.reach(Point.at(Decimal(latitude), Decimal(longitude))) is None


def test_points_close_to_each_other_change_the_way_by_a_tenth_of_the_corridor_at_most() -> None:
    wiggly = tuple(
        Point(50_000_000 + (step % 2) * 300, 8_000_000 + step * 500) for step in range(2001)
    )
    place = Point.at(Decimal("50.01"), Decimal("8.5"))
    found = Corridor(wiggly, 2_000).reach(place)
    assert found is not None
    assert found.distance_m == pytest.approx(1_112 - 17, abs=200)
    assert Corridor(wiggly, 2_000).length_m == pytest.approx(71_475, rel=0.01)
