"""How far is it, and in which cell of the map does a place lie? In whole metres, without floats."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache

from chalicelib.domain.ids import external_id
from chalicelib.domain.network.location import Location

_METRES_PER_DEGREE = 111_195  # of latitude, on a sphere of 6371 km
_CELL = Decimal("0.2")  # degrees: about 22 km
_PI = Decimal("3.14159265358979323846")


@dataclass(frozen=True, slots=True)
class Point:
    """WGS 84 degrees."""

    latitude: Decimal
    longitude: Decimal


def public_id(location: Location) -> str:
    """What partners call a location: opaque, and the same for ever."""
    return external_id(
        "loc", location.peer_id, location.country_code, location.party_id, location.id
    )


def distance_m(one: Point, other: Point) -> int:
    """Metres between two places, on a plane: within 0.1 % up to 50 km."""
    middle = (one.latitude + other.latitude) / 2
    north = (one.latitude - other.latitude) * _METRES_PER_DEGREE
    east = _turn(one.longitude - other.longitude) * _METRES_PER_DEGREE * _cosine(round(middle, 2))
    return int((north * north + east * east).sqrt())


def cell_of(point: Point) -> str:
    """The name of the cell that a place lies in: its south-western corner in cells."""
    return f"{_index(point.latitude)}:{_index(point.longitude)}"


def cells_around(centre: Point, radius_m: int) -> Iterator[str]:
    """The cells that a circle may touch."""
    high = Decimal(radius_m) / _METRES_PER_DEGREE
    slimmest = max(
        _cosine(round(min(abs(centre.latitude) + high, Decimal(89)), 2)), Decimal("0.02")
    )
    wide = min(high / slimmest, Decimal(180))
    rows = range(_index(centre.latitude - high), _index(centre.latitude + high) + 1)
    columns = range(_index(centre.longitude - wide), _index(centre.longitude + wide) + 1)
    around = int(360 / _CELL)
    first = -around // 2  # longitude -180
    names = dict.fromkeys((row, (col - first) % around + first) for row in rows for col in columns)
    for row, column in names:
        yield f"{row}:{column}"


def _index(degrees: Decimal) -> int:
    return int((degrees / _CELL).to_integral_value(rounding="ROUND_FLOOR"))


def _turn(degrees: Decimal) -> Decimal:
    """Across the date line the short way round."""
    return (degrees + 540) % 360 - 180


@cache
def _cosine(degrees: Decimal) -> Decimal:
    """By its series; ten terms are exact to 1e-10 up to a right angle."""
    with localcontext(prec=28):
        x = degrees * _PI / 180
        term = total = Decimal(1)
        for n in range(1, 11):
            term = -term * x * x / ((2 * n - 1) * (2 * n))
            total += term
        return max(total, Decimal(0))
