"""How far is it, and in which squares of the map does a place lie? In whole metres, without floats.

Places are whole microdegrees (11 cm). A square of the map has a name: the degree that it lies in,
and one digit for each time that this is quartered. So squares with neighbouring names are mostly
neighbours, an area is read by a few runs of names, and a handful is enough whatever its size.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, localcontext
from functools import cache
from itertools import pairwise, product
from math import isqrt
from typing import NamedTuple

from chalicelib.domain.ids import PeerId, external_id
from chalicelib.domain.network.location import Location

DEGREE = 1_000_000  # microdegrees
METRES_PER_DEGREE = 111_195  # of latitude, on a sphere of 6371 km
QUARTERINGS = 4  # the finest square is a sixteenth of a degree: 7 km
_SPREAD = [int(f"{number:b}", 4) for number in range(1 << QUARTERINGS)]  # 0b101 -> 0b10001
_SQUARES_MAX = 4096  # that an area is divided into: a wider one takes larger squares
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


class Run(NamedTuple):
    """The squares of a cell that are named from `first` to `last`, both with all within."""

    cell: str
    first: str
    last: str


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
    """The finest square that a place lies in. The date line is at -180 degrees, and at 180."""
    step = DEGREE >> QUARTERINGS
    row, column = point.latitude // step, turned(point.longitude) // step
    cell, number = _numbered(row, column, QUARTERINGS)
    return Square(_cell(cell), _name(number, QUARTERINGS))


def runs_over(boxes: Iterable[Box], at_most: int) -> list[Run]:
    """The squares that cover the boxes, and as few beside them as so many runs can leave out.

    A run stays within a degree: where more degrees are touched than `at_most`, each is a run.
    """
    quarterings, cells = _covered(list(boxes))
    parted = sorted(
        (
            (number - before, cell, number)
            for cell, numbers in cells.items()
            for before, number in pairwise(numbers)
            if number - before > 1
        ),
        reverse=True,
    )
    begin = {(cell, number) for _, cell, number in parted[: max(at_most - len(cells), 0)]}
    runs = []
    for cell, numbers in sorted(cells.items()):
        starts = [0, *(at for at, one in enumerate(numbers) if (cell, one) in begin)]
        for start, end in pairwise([*starts, len(numbers)]):
            first, last = numbers[start], numbers[end - 1]
            runs.append(Run(_cell(cell), _name(first, quarterings), _name(last, quarterings)))
    return runs


_Cell = tuple[int, int]


def _covered(boxes: list[Box]) -> tuple[int, dict[_Cell, list[int]]]:
    """The finest squares that are not too many: how often quartered, and by cell their numbers."""
    for quarterings in range(QUARTERINGS, -1, -1):
        found, step = set[tuple[int, int]](), DEGREE >> quarterings
        for box in boxes:
            rows, columns = _covering(box, step)
            if quarterings and len(found) + len(rows) * len(columns) > _SQUARES_MAX:
                break
            found.update(product(rows, columns))
        else:
            cells = defaultdict[_Cell, list[int]](list)
            for row, column in found:
                cell, number = _numbered(row, column, quarterings)
                cells[cell].append(number)
            return quarterings, {cell: sorted(numbers) for cell, numbers in cells.items()}
    raise AssertionError("whole degrees always cover")


def _covering(box: Box, step: int) -> tuple[range, list[int]]:
    """Rows, and columns from -180 degrees on, once around at most."""
    first, count = -_ROUND // 2 // step, _ROUND // step
    columns = range(box.west // step, box.east // step + 1)[:count]
    turned_ = [(column - first) % count + first for column in columns]
    return range(box.south // step, box.north // step + 1), turned_


def _numbered(row: int, column: int, quarterings: int) -> tuple[_Cell, int]:
    """The degree that a square lies in, and its number there: its name's digits, to base four."""
    within = (1 << quarterings) - 1
    number = _SPREAD[row & within] * 2 + _SPREAD[column & within]
    return (row >> quarterings, column >> quarterings), number


def _cell(cell: _Cell) -> str:
    return f"{cell[0]}:{cell[1]}"


def _name(number: int, quarterings: int) -> str:
    return "".join(str(number >> 2 * place & 3) for place in range(quarterings - 1, -1, -1))


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
