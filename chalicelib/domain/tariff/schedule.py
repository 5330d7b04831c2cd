"""Which candidates are left at a moment, before power and current? Found once, then looked up.

A tariff of hourly prices for a week has 170 elements. Between two edges of the clock, the energy
and the duration, on days that no restriction tells apart, the same few of them hold.
"""

from bisect import bisect_right
from typing import NamedTuple

from chalicelib.domain.tariff.candidate import Candidate, Candidates
from chalicelib.domain.tariff.edges import Edges
from chalicelib.domain.tariff.rule import Moment

_SLOTS_MAX = 1024  # what one prepared tariff may keep; what comes after is found anew
Key = tuple[int, int, int, int, int]


class Slot(NamedTuple):
    """What may be active: each dimension's candidates that only power and current decide on."""

    energy: Candidates
    time: Candidates
    parking: Candidates
    flat: Candidates


class Schedule:
    """The slots of one tariff. Kept as they are met, and never more than a fixed number."""

    __slots__ = ("_all", "_edges", "_slots")

    def __init__(self, edges: Edges, everything: Slot) -> None:
        self._all = everything
        self._edges = edges
        self._slots: dict[Key, Slot] = {}

    def at(self, moment: Moment) -> Slot:
        edges = self._edges
        key = (
            bisect_right(edges.clock_s, moment.second),
            bisect_right(edges.kwh, moment.kwh) if edges.kwh else 0,
            bisect_right(edges.duration_s, moment.duration_s) if edges.duration_s else 0,
            bisect_right(edges.days, moment.day) if edges.days else 0,
            moment.day.weekday() if edges.weekly else 0,
        )
        found = self._slots.get(key)
        if found is None:
            if len(self._slots) >= _SLOTS_MAX:
                self._slots.clear()
            held: dict[int, bool] = {}  # by element: its dimensions share the restrictions
            found = Slot(*(_left(candidates, moment, held) for candidates in self._all))
            self._slots[key] = found
        return found


def _left(candidates: Candidates, moment: Moment, held: dict[int, bool]) -> Candidates:
    """Those whose slot this is, up to the first that then always holds."""
    found = []
    for candidate in candidates:
        holds = held.get(candidate.basis.element)
        if holds is None:
            holds = held[candidate.basis.element] = _holds(candidate, moment)
        if holds:
            found.append(candidate)
            if not candidate.readings:
                break
    return tuple(found)


def _holds(candidate: Candidate, moment: Moment) -> bool:
    for test in candidate.slot:  # noqa: SIM110 - all() makes a generator for each of a thousand
        if not test(moment):
            return False
    return True
