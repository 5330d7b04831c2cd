"""At which moments of a session can a tariff element hold, as sets that can be subtracted?

Every restriction bounds one of six axes: local time, local day, kWh, duration, power, current. The
edges of all elements cut each axis into pieces within which nothing changes. A box is one bit mask
of pieces an axis; its masks come from the engine's own tests, so that both read a tariff alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.domain.tariff.rule import DAY_S, Moment, reading_checks, seconds, slot_checks
from chalicelib.domain.tariff.tariff import Restrictions

_WEEK = tuple(date(2024, 1, 1) + timedelta(days=number) for number in range(7))  # from a Monday
_ZERO = Decimal(0)
_PIECES_A_BOX = 4  # a test of a piece is so much less work than a subtraction
_ANY = Moment(0, _WEEK[0], _ZERO, 0, None, None)
_WORK_MAX = 200_000  # a second; an adversary's tariff would take hours, and nobody reads the answer
MEMBERS = (
    ("start_time", "end_time"),
    ("start_date", "end_date", "day_of_week"),
    ("min_kwh", "max_kwh"),
    ("min_duration_s", "max_duration_s"),
    ("min_power", "max_power"),
    ("min_current", "max_current"),
)
CLOCK, DAY, KWH, DURATION, POWER, CURRENT = range(len(MEMBERS))

Box = tuple[int, ...]


class TooManyCases(Exception):
    """The question would take too long to answer."""


@dataclass(slots=True)
class Space:
    """`pieces` is one moment for each piece of each axis; `work` is what may still be done."""

    pieces: tuple[tuple[Moment, ...], ...]
    work: int = _WORK_MAX
    _masks: dict[tuple[Any, ...], int] = field(default_factory=dict)  # elements share windows

    @property
    def whole(self) -> Box:
        return tuple((1 << len(axis)) - 1 for axis in self.pieces)

    def box(self, limits: Restrictions) -> Box:
        """Where an element with these restrictions holds; a mask of 0 says never, and why."""
        masks = []
        for number, (members, axis) in enumerate(zip(MEMBERS, self.pieces, strict=True)):
            key = number, *(getattr(limits, name) for name in members)
            mask = self._masks.get(key)
            if mask is None:
                self._spend(len(axis) // _PIECES_A_BOX)
                own = _only(limits, members)
                tests = (*slot_checks(own), *reading_checks(own))
                held = (all(test(moment) for test in tests) for moment in axis)
                mask = sum(1 << place for place, holds in enumerate(held) if holds)
                self._masks[key] = mask
            masks.append(mask)
        return tuple(masks)

    def minus(self, boxes: Iterable[Box], taken: Iterable[Box]) -> list[Box]:
        """What is left of some boxes without the others. Raises TooManyCases."""
        left = [box for box in boxes if all(box)]
        for other in taken:
            self._spend(len(left))
            left = [part for box in left for part in _without(box, other)]
        return left

    def _spend(self, work: int) -> None:
        self.work -= work
        if self.work < 0:
            raise TooManyCases


def space_of(rules: Sequence[Restrictions]) -> Space:
    """The pieces that the edges of these restrictions cut."""
    clock = {0} | {seconds(at) % DAY_S for at in _edges(rules, "start_time", "end_time")}
    kwh, gone = _rising(rules, *MEMBERS[KWH]), _rising(rules, *MEMBERS[DURATION])
    power, current = _rising(rules, *MEMBERS[POWER]), _rising(rules, *MEMBERS[CURRENT])
    return Space(
        (
            tuple(_ANY._replace(second=at) for at in sorted(clock)),
            tuple(_ANY._replace(day=day) for day in _days(rules)),
            tuple(_ANY._replace(kwh=at) for at in kwh),
            tuple(_ANY._replace(duration_s=int(at)) for at in gone),
            tuple(_ANY._replace(power_kw=at) for at in power),
            tuple(_ANY._replace(current_a=at) for at in current),
        )
    )


def overlap(one: Box, other: Box) -> bool:
    return all(a & b for a, b in zip(one, other, strict=True))


def common(one: Box, other: Box) -> Box:
    return tuple(a & b for a, b in zip(one, other, strict=True))


def _without(box: Box, other: Box) -> Iterator[Box]:
    """At most one piece an axis: inside the other on the axes before, outside it on this one."""
    if not overlap(box, other):
        yield box
        return
    inside = list(box)
    for axis, mask in enumerate(other):
        if box[axis] & ~mask:
            yield (*inside[:axis], box[axis] & ~mask, *inside[axis + 1 :])
        inside[axis] &= mask


def _only(limits: Restrictions, members: Sequence[str]) -> Restrictions:
    empty = Restrictions()
    others = [field.name for field in fields(limits) if field.name not in members]
    return replace(limits, **{name: getattr(empty, name) for name in others})


def _edges(rules: Sequence[Restrictions], *members: str) -> Iterator[Any]:
    for rule in rules:
        for name in members:
            if getattr(rule, name) is not None:
                yield getattr(rule, name)


def _rising(rules: Sequence[Restrictions], *members: str) -> list[Decimal]:
    """Nothing that is measured is below zero here; each piece begins at its edge."""
    return sorted({_ZERO, *(Decimal(at) for at in _edges(rules, *members) if at > 0)})


def _days(rules: Sequence[Restrictions]) -> Iterator[date]:
    """Each weekday that occurs between two dates: all days alike in both are one piece."""
    edges = sorted(set(_edges(rules, "start_date", "end_date")))
    if not edges:
        yield from _WEEK
        return
    first = edges[0]
    yield from (first - timedelta(days=number) for number in range(7, 0, -1))
    for start, end in zip(edges, [*edges[1:], None], strict=True):
        length = 7 if end is None else min(7, (end - start).days)
        yield from (start + timedelta(days=number) for number in range(length))
