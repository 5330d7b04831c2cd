"""Are places found by distance, and no cell of the map forgotten?"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.network.place import Point, cell_of, cells_around, distance_m


def point(latitude: str, longitude: str) -> Point:
    return Point(Decimal(latitude), Decimal(longitude))


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (("52.52", "13.405"), ("52.52", "13.405"), 0),
        (("52.5200", "13.4050"), ("52.5163", "13.3777"), 1892),  # Alexanderplatz to the Gate
        (("48.8584", "2.2945"), ("48.8606", "2.3376"), 3163),  # the Tower to the Louvre
        (("0", "179.9"), ("0", "-179.9"), 22239),  # across the date line
    ],
)
def test_distances_are_right_to_a_few_metres(
    one: tuple[str, str], other: tuple[str, str], metres: int
) -> None:
    assert distance_m(point(*one), point(*other)) == pytest.approx(metres, rel=0.002, abs=1)


places = st.builds(
    Point,
    st.decimals(-85, 85, places=4),
    st.decimals(-180, 180, places=4).filter(lambda degrees: degrees != 180),
)


@given(places, st.decimals(-1, 1, places=3), st.decimals(-1, 1, places=3), st.integers(1, 50_000))
def test_whatever_lies_within_the_radius_lies_in_a_cell_that_is_looked_at(
    centre: Point, north: Decimal, east: Decimal, radius_m: int
) -> None:
    longitude = (centre.longitude + east * 6 + 180) % 360 - 180
    place = Point(centre.latitude + north / 2, longitude)
    if distance_m(centre, place) <= radius_m:
        assert cell_of(place) in set(cells_around(centre, radius_m))


def test_a_search_looks_at_few_cells() -> None:
    assert len(list(cells_around(point("52.52", "13.4"), 5_000))) <= 4
    assert len(list(cells_around(point("60", "25"), 50_000))) <= 70
