"""Are places found by distance, and no square of the map forgotten?"""

from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.network.area import Circle, Corridor
from chalicelib.domain.network.place import DEGREE, Point, distance_m, runs_over, square_of


def point(latitude: str, longitude: str) -> Point:
    return Point.at(Decimal(latitude), Decimal(longitude))


def great_circle_m(one: Point, other: Point) -> float:
    """By the haversine formula, on the same sphere."""
    (a, b), (c, d) = ([radians(at / DEGREE) for at in place] for place in (one, other))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * 6_371_000 * asin(sqrt(half))


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
    st.integers(-80 * DEGREE, 80 * DEGREE),
    st.integers(-180 * DEGREE, 180 * DEGREE),
)
nearby = st.integers(-DEGREE // 2, DEGREE // 2)


def moved(start: Point, north: int, east: int) -> Point:
    longitude = (start.longitude + east + 180 * DEGREE) % (360 * DEGREE) - 180 * DEGREE
    return Point(start.latitude + north, longitude)


def is_looked_at(area: Circle | Corridor, place: Point) -> bool:
    found = square_of(place)
    return any(
        run.cell == found.cell
        and run.first <= found.name
        and (found.name < run.last or found.name.startswith(run.last))
        for run in runs_over(area.boxes(), 6)
    )


@given(places, nearby, nearby)
def test_distances_agree_with_the_great_circle(start: Point, north: int, east: int) -> None:
    place = moved(start, north, east)
    assert distance_m(start, place) == pytest.approx(great_circle_m(start, place), rel=0.005, abs=2)


@given(places, nearby, st.integers(-6 * DEGREE, 6 * DEGREE), st.integers(1, 50_000))
def test_whatever_lies_within_the_radius_lies_in_a_square_that_is_looked_at(
    centre: Point, north: int, east: int, radius_m: int
) -> None:
    circle, place = Circle(centre, radius_m), moved(centre, north, east)
    if circle.reach(place) is not None:
        assert is_looked_at(circle, place)


@given(places, st.lists(st.tuples(nearby, nearby), min_size=1, max_size=6), nearby, nearby)
def test_whatever_lies_along_a_route_lies_in_a_square_that_is_looked_at(
    start: Point, legs: list[tuple[int, int]], north: int, east: int
) -> None:
    route = [start]
    for leg in legs:
        route.append(Point(min(route[-1].latitude + leg[0], 80 * DEGREE), route[-1].longitude))
        route[-1] = moved(route[-1], 0, leg[1])
    corridor = Corridor(tuple(route), 10_000)
    place = moved(route[len(legs) // 2], north // 4, east // 4)
    if corridor.reach(place) is not None:
        assert is_looked_at(corridor, place)


@pytest.mark.parametrize("radius_m", [100, 2_000, 5_000, 20_000, 50_000])
@pytest.mark.parametrize("centre", [("52.52", "13.4"), ("37.98", "23.7"), ("65", "25")])
def test_a_search_looks_at_a_handful_of_runs(centre: tuple[str, str], radius_m: int) -> None:
    runs = runs_over(Circle(point(*centre), radius_m).boxes(), 6)
    assert len(runs) <= max(6, len({run.cell for run in runs})) <= 8
    squares = [int(run.last, 4) - int(run.first, 4) + 1 for run in runs]
    covered = Decimal(sum(squares)) / 4**4  # of a degree by a degree
    circle = Decimal(radius_m) ** 2 * 3 / 111_195**2 / Decimal(cos(radians(float(centre[0]))))
    assert covered < 3 * circle + Decimal(9) / 4**4, "what is read is not much more than asked"


def test_runs_leave_out_the_widest_gaps_and_no_more_than_they_may() -> None:
    """Two places in one degree and one in another: three runs part them, two join the near ones."""
    here = [Circle(point("50.03", at), 100) for at in ("8.03", "8.97", "9.53")]
    boxes = [box for circle in here for box in circle.boxes()]
    apart = runs_over(boxes, 3)
    assert [run.cell for run in apart] == ["50:8", "50:8", "50:9"]
    assert all(run.first == run.last for run in apart)
    joined = runs_over(boxes, 2)
    assert [run.cell for run in joined] == ["50:8", "50:9"]
    assert (joined[0].first, joined[0].last) == (apart[0].first, apart[1].last)
    assert runs_over(boxes, 1) == joined, "a run stays within its degree"


def test_a_place_on_the_date_line_is_one_place_however_it_is_told() -> None:
    assert square_of(point("-16.8", "180")) == square_of(point("-16.8", "-180"))
    assert is_looked_at(Circle(point("-16.8", "179.99"), 5_000), point("-16.8", "180"))
