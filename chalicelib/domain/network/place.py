"""How far is it, and in which squares of the map does a place lie? In whole metres, without floats.

Places are whole microdegrees (11 cm). A square of the map has a name: the degree that it lies in,
and one digit for each time that this is quartered. So an area is read by prefixes of names, coarse
ones when it is wide, and a handful is enough whatever its size.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal, localcontext
from functools import cache
from math import isqrt
from typing import NamedTuple

from chalicelib.domain.ids import PeerId, external_id
from chalicelib.domain.network.location import Location

DEGREE = 1_000_000  # microdegrees
METRES_PER_DEGREE = 111_195  # of latitude, on a sphere of 6371 km
QUARTERINGS = 4  # the finest square is a sixteenth of a degree: 7 km
_POLE, _ROUND = 90 * DEGREE, 360 * DEGREE
_COSINE = 10**9
_PI = Decimal("3.14159265358979323846")


class Point(NamedTuple):
    """Microdegrees in WGS 84."""

    latitude: int
    longitude: int

    @classmethod
    def at(cls, latitude: Decimal, longitude: Decimal) -> "Point":
        return cls(int(latitude * DEGREE), int(longitude * DEGREE))


class Box(NamedTuple):
    """Microdegrees; `west` may be beyond the date line, and `east` beyond it the other way."""

    south: int
    west: int
    north: int
    east: int


class Square(NamedTuple):
    """`cell` is a degree by a degree; `name` has a digit a quartering, none: the whole cell."""

    cell: str
    name: str


def public_id(location: Location) -> str:
    """What partners call a location: opaque, and the same for ever."""
    return public_name(location.peer_id, location.country_code, location.party_id, location.id)


def public_name(peer_id: PeerId, country_code: str, party_id: str, id_: str) -> str:
    """As `public_id`, by the names that make it."""
    return external_id("loc", peer_id, country_code, party_id, id_)


def offset(one: Point, other: Point) -> tuple[int, int]:
    """(north, east) of `other` from `one` in microdegrees of latitude, on a plane."""
    middle = (one.latitude + other.latitude) // 2
    east = turned(other.longitude - one.longitude) * cosine(middle) // _COSINE
    return other.latitude - one.latitude, east


def distance_m(one: Point, other: Point) -> int:
    """Metres between two places: within 0.1 % up to 50 km."""
    north, east = offset(one, other)
    return metres(isqrt(north * north + east * east))


def metres(microdegrees: int) -> int:
    """Of latitude."""
    return microdegrees * METRES_PER_DEGREE // DEGREE


def around(point: Point, reach_m: int) -> Box:
    """The box about a circle."""
    high = reach_m * DEGREE // METRES_PER_DEGREE + 1
    utmost = min(abs(point.latitude) + high, 89 * DEGREE)
    wide = min(high * _COSINE // cosine(utmost) + 1, _ROUND // 2)
    north, south = point.latitude + high, point.latitude - high
    return Box(
        max(south, -_POLE), point.longitude - wide, min(north, _POLE), point.longitude + wide
    )


def square_of(point: Point) -> Square:
    """The finest square that a place lies in."""
    step = DEGREE >> QUARTERINGS
    return _square(point.latitude // step, point.longitude // step, QUARTERINGS)


def squares_over(boxes: Iterable[Box], at_most: int) -> list[Square]:
    """The finest squares of one size that cover the boxes, no more than `at_most` of them.

    Whole degrees are not made any wider: a large area takes as many as it has.
    """
    boxes, found = list(boxes), set[tuple[int, int]]()
    for quarterings in range(QUARTERINGS, -1, -1):
        found = set()
        for box in boxes:
            found.update(_covering(box, DEGREE >> quarterings))
            if len(found) > at_most and quarterings:
                break
        else:
            return [_square(row, column, quarterings) for row, column in sorted(found)]
    raise AssertionError("whole degrees always cover")


def _covering(box: Box, step: int) -> Iterator[tuple[int, int]]:
    first = -_ROUND // 2 // step  # longitude -180
    count = _ROUND // step
    columns = range(box.west // step, box.east // step + 1)[:count]
    for row in range(box.south // step, box.north // step + 1):
        for column in columns:
            yield row, (column - first) % count + first


def _square(row: int, column: int, quarterings: int) -> Square:
    north, east = row >> quarterings, column >> quarterings
    digits = (
        str((row >> bit & 1) * 2 + (column >> bit & 1)) for bit in range(quarterings - 1, -1, -1)
    )
    return Square(f"{north}:{east}", "".join(digits))


def turned(degrees: int) -> int:
    """Across the date line the short way round."""
    return (degrees + _ROUND // 2) % _ROUND - _ROUND // 2


def cosine(latitude: int) -> int:
    """In billionths, of the hundredth of a degree."""
    return _cosine(abs(latitude) // (DEGREE // 100))


@cache
def _cosine(hundredths: int) -> int:
    """By its series; ten terms are exact to 1e-10 up to a right angle."""
    with localcontext(prec=28):
        x = hundredths * _PI / 18_000
        term = total = Decimal(1)
        for n in range(1, 11):
            term = -term * x * x / ((2 * n - 1) * (2 * n))
            total += term
        return max(int(total * _COSINE), 1)
