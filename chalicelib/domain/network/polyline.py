"""Which places does an encoded polyline name? (Google's algorithm, five digits of a degree)

Each coordinate is the change from the one before in hundred-thousandths of a degree, doubled, its
bits inverted where it is negative, in groups of five bits, the lowest first, as signs from `?` on.
"""

from collections.abc import Iterator

from chalicelib.domain.errors import Invalid
from chalicelib.domain.network.place import DEGREE, Point

_FIELD = "route"
_FIRST, _LAST = ord("?"), ord("~")
_MORE = 32
_UNIT = DEGREE // 100_000
_BITS_MAX = 30  # 360 degrees and a sign need 27
_LATITUDE_MAX, _LONGITUDE_MAX = 90 * DEGREE, 180 * DEGREE


def decoded(text: str) -> tuple[Point, ...]:
    """At least two places. Raises Invalid for `route`."""
    changes = list(_changes(text))
    if len(changes) % 2:
        raise Invalid(_FIELD, "ends with a latitude that has no longitude")
    places, latitude, longitude = list[Point](), 0, 0
    for number in range(0, len(changes), 2):
        latitude += changes[number] * _UNIT
        longitude += changes[number + 1] * _UNIT
        if abs(latitude) > _LATITUDE_MAX or abs(longitude) > _LONGITUDE_MAX:
            raise Invalid(
                _FIELD,
                f"its point {number // 2 + 1} lies outside the world",
                "encode the polyline with five digits of a degree, latitude first",
            )
        places.append(Point(latitude, longitude))
    if len(places) <= 1:
        raise Invalid(_FIELD, "has fewer than two points", "search around a point instead")
    return tuple(places)


def _changes(text: str) -> Iterator[int]:
    value = bits = 0
    for place, sign in enumerate(text):
        if not _FIRST <= ord(sign) <= _LAST:
            raise Invalid(_FIELD, f"character {place + 1} is not one of an encoded polyline")
        if bits >= _BITS_MAX:
            raise Invalid(_FIELD, f"has a number that is too long at character {place + 1}")
        group = ord(sign) - _FIRST
        value |= (group & (_MORE - 1)) << bits
        bits += 5
        if not group & _MORE:
            yield ~(value >> 1) if value & 1 else value >> 1
            value = bits = 0
    if bits:
        raise Invalid(_FIELD, "ends within a number", "send the whole polyline, URL-encoded")
