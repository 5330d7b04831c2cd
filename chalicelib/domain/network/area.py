"""Which places lie in the area that is searched: a circle, or a corridor along a route?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isqrt
from typing import NamedTuple

from chalicelib.domain.network.place import (
    DEGREE,
    METRES_PER_DEGREE,
    Box,
    Point,
    around,
    distance_m,
    metres,
    offset,
)

_BUCKET = DEGREE // 8
_PIECE = DEGREE // 4  # a longer leg is cut, so that its box stays slim
_CLOSER = 10  # points nearer to each other than this part of the corridor's width say nothing new


class Reach(NamedTuple):
    """How far a place is from the point or the route, and how far along the route that is."""

    distance_m: int
    along_m: int = 0


@dataclass(frozen=True, slots=True)
class Circle:
    centre: Point
    radius_m: int

    def boxes(self) -> list[Box]:
        return [around(self.centre, self.radius_m)]

    def reach(self, place: Point) -> Reach | None:
        """None when the place lies outside."""
        away = distance_m(self.centre, place)
        return Reach(away) if away <= self.radius_m else None


class _Leg(NamedTuple):
    start: Point
    end: Point
    before_m: int  # of the route, where the leg starts
    north: int  # of the end from the start, see `offset`
    east: int


@dataclass(frozen=True)
class Corridor:
    """What lies within `radius_m` of a route, to a tenth of it."""

    route: tuple[Point, ...]
    radius_m: int

    def boxes(self) -> list[Box]:
        return [_box(leg, self.radius_m) for leg in self._legs]

    def reach(self, place: Point) -> Reach | None:
        legs = self._near.get((place.latitude // _BUCKET, place.longitude // _BUCKET), ())
        best = min((_reach(leg, place) for leg in legs), default=None)
        return best if best is not None and best.distance_m <= self.radius_m else None

    @property
    def length_m(self) -> int:
        last = self._legs[-1]
        return last.before_m + distance_m(last.start, last.end)

    @cached_property
    def _legs(self) -> list[_Leg]:
        gone, legs = 0, list[_Leg]()
        points = _thinned(self.route, self.radius_m // _CLOSER)
        for start, end in pairwise(points):
            for piece in _pieces(start, end):
                legs.append(_Leg(*piece, gone, *offset(*piece)))
                gone += distance_m(*piece)
        return legs

    @cached_property
    def _near(self) -> dict[tuple[int, int], list[_Leg]]:
        """The legs that a bucket of places can lie within reach of."""
        near = defaultdict[tuple[int, int], list[_Leg]](list)
        for leg in self._legs:
            south, west, north, east = _box(leg, self.radius_m)
            for row in range(south // _BUCKET, north // _BUCKET + 1):
                for column in range(west // _BUCKET, east // _BUCKET + 1):
                    near[row, column].append(leg)
        return near


def _thinned(route: Sequence[Point], apart_m: int) -> list[Point]:
    """Without the points that lie as good as on the one before; the ends stay."""
    kept = [route[0]]
    for point in route[1:-1]:
        if distance_m(kept[-1], point) > apart_m:
            kept.append(point)
    return [*kept, route[-1]]


def _pieces(start: Point, end: Point) -> Iterator[tuple[Point, Point]]:
    north, east = end.latitude - start.latitude, end.longitude - start.longitude
    count = max(abs(north), abs(east)) // _PIECE + 1
    stops = [
        Point(start.latitude + north * at // count, start.longitude + east * at // count)
        for at in range(count)
    ]
    yield from zip([*stops], [*stops[1:], end], strict=True)


def _box(leg: _Leg, reach_m: int) -> Box:
    one, other = around(leg.start, reach_m), around(leg.end, reach_m)
    return Box(
        min(one.south, other.south),
        min(one.west, other.west),
        max(one.north, other.north),
        max(one.east, other.east),
    )


def _reach(leg: _Leg, place: Point) -> Reach:
    """On a plane, seen from the leg's start; the foot of the perpendicular is kept to the leg."""
    north, east = leg.north, leg.east
    up, right = offset(leg.start, place)
    square = north * north + east * east
    foot = min(max(north * up + east * right, 0), square)
    if square:
        up, right = up - north * foot // square, right - east * foot // square
    away = metres(isqrt(up * up + right * right))
    along = isqrt(square) * foot // square if square else 0
    return Reach(away, leg.before_m + along * METRES_PER_DEGREE // DEGREE)
