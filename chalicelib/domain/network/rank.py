"""Which location is the best? By a stated rule, so that no CPO is preferred and anyone can check.

`distance` and `price` are what they say. `best` adds three shares in thousandths, the lowest sum
first: how far it is, of the radius searched; how much of its price is above the cheapest found
(without a car: nothing; without a price: all of it); and how likely a start is to fail there, which
counts five times: one failure in five is as bad as the farthest place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.money import Money
from chalicelib.domain.network.area import Reach
from chalicelib.domain.network.plug import MapRow

_WHOLE = 1000
_FAILURE_WEIGHS = 5
_LAST = 10**12


class Order(StrEnum):
    DISTANCE = "distance"
    PRICE = "price"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Ranked:
    """`cents` is the price in euro, to compare by. `score` is set by `ranked`; less is better."""

    row: MapRow
    reach: Reach
    reliability: int
    price: Money | None = None
    cents: int | None = None
    score: int = 0

    @property
    def position(self) -> tuple[int, str]:
        return self.score, self.row.id


def least(found: Iterable[Ranked]) -> int | None:
    """The cheapest price among them, in cents."""
    return min((one.cents for one in found if one.cents is not None), default=None)


def ranked(
    found: Iterable[Ranked], order: Order, radius_m: int, cheapest: int | None = None
) -> list[Ranked]:
    """The best first; equals by their id, so that pages continue where they ended.

    `cheapest` is of all that were found where these are a part; None: these are all.
    """
    found = list(found)
    cheapest = least(found) if cheapest is None else cheapest
    scored = [replace(one, score=_score(one, order, radius_m, cheapest)) for one in found]
    return sorted(scored, key=lambda one: one.position)


def _score(one: Ranked, order: Order, radius_m: int, cheapest: int | None) -> int:
    if order is Order.DISTANCE:
        return one.reach.distance_m
    if order is Order.PRICE:
        return _LAST if one.cents is None else one.cents
    away = _WHOLE * one.reach.distance_m // radius_m
    return away + _dearer(one.cents, cheapest) + _FAILURE_WEIGHS * (_WHOLE - one.reliability)


def _dearer(cents: int | None, cheapest: int | None) -> int:
    if cheapest is None:
        return 0
    if cents is None:
        return _WHOLE
    return _WHOLE * (cents - cheapest) // cents if cents > 0 else 0
