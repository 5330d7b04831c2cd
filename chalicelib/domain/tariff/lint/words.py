"""How is a set of moments said to people: `on SATURDAY, SUNDAY from 22:00 to 06:00`?"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations

from chalicelib.domain.tariff.lint.space import (
    CLOCK,
    CURRENT,
    DAY,
    DURATION,
    KWH,
    POWER,
    Box,
    Space,
)
from chalicelib.domain.tariff.rule import Moment
from chalicelib.domain.tariff.tariff import Weekday

_SHOWN_MAX = 3
_MERGED_MAX = 60
_RUN_MIN = 3  # days that are worth a "to"
_MINUTE_S = 60
_DAYS = list(Weekday)


def told(space: Space, boxes: Sequence[Box]) -> str:
    """The first few of the boxes; `always` for the whole."""
    boxes = _merged(list(boxes)) if len(boxes) <= _MERGED_MAX else boxes
    parts = [_box(space, box) for box in boxes[:_SHOWN_MAX]]
    more = len(boxes) - len(parts)
    return "; ".join(parts) + (f"; and in {more} cases more" if more else "")


def _merged(boxes: list[Box]) -> list[Box]:
    """Boxes that differ on one axis only are one: subtraction cuts finer than people would."""
    for first, second in combinations(boxes, 2):
        differing = [axis for axis in range(len(first)) if first[axis] != second[axis]]
        if len(differing) <= 1:
            boxes = [box for box in boxes if box not in (first, second)]
            joined = tuple(a | b for a, b in zip(first, second, strict=True))
            return _merged([*boxes, joined])
    return boxes


def _box(space: Space, box: Box) -> str:
    whole = space.whole
    bounded = {axis: _runs(box[axis], len(space.pieces[axis])) for axis in range(len(whole))}
    said = []
    if box[DAY] != whole[DAY]:
        said.append(_days(space, box[DAY]))
    if box[CLOCK] != whole[CLOCK]:
        said.append(_spans(_clock(space.pieces[CLOCK], bounded[CLOCK])))
    for axis, values, unit in (
        (KWH, [one.kwh for one in space.pieces[KWH]], "kWh"),
        (DURATION, [one.duration_s for one in space.pieces[DURATION]], ""),
        (POWER, [one.power_kw for one in space.pieces[POWER]], "kW"),
        (CURRENT, [one.current_a for one in space.pieces[CURRENT]], "A"),
    ):
        if box[axis] != whole[axis]:
            texts = [_measure(value, unit) for value in values]
            said.append(_spans(_measured(texts, bounded[axis])))
    return " ".join(said) or "always"


def _runs(mask: int, length: int) -> list[tuple[int, int]]:
    """The runs of set bits, as first and one past the last."""
    runs: list[tuple[int, int]] = []
    for number in range(length):
        if mask >> number & 1:
            if runs and runs[-1][1] == number:
                runs[-1] = runs[-1][0], number + 1
            else:
                runs.append((number, number + 1))
    return runs


def _clock(pieces: Sequence[Moment], runs: list[tuple[int, int]]) -> Iterator[str]:
    """What ends at midnight and goes on there is one span."""
    if len(runs) > 1 and runs[0][0] == 0 and runs[-1][1] == len(pieces):
        runs = [*runs[1:-1], (runs[-1][0], runs[0][1])]
    for start, end in runs:
        until = pieces[end % len(pieces)].second
        yield f"from {_time(pieces[start].second)} to {_time(until)}"


def _time(second: int) -> str:
    return f"{second // 3600:02}:{second // _MINUTE_S % _MINUTE_S:02}"


def _measured(texts: Sequence[str], runs: Sequence[tuple[int, int]]) -> Iterator[str]:
    for start, end in runs:
        if end == len(texts):
            yield f"from {texts[start]} on"
        elif start == 0:
            yield f"below {texts[end]}"
        else:
            yield f"from {texts[start]} to {texts[end]}"


def _measure(value: Decimal | int | None, unit: str) -> str:
    if unit:
        return f"{value} {unit}"
    seconds = int(value or 0)
    return f"{seconds // _MINUTE_S} min" if seconds % _MINUTE_S == 0 else f"{seconds} s"


def _spans(spans: Iterator[str]) -> str:
    return " and ".join(spans)


def _days(space: Space, mask: int) -> str:
    """Weekdays where every date is alike, else the dates."""
    axis = space.pieces[DAY]
    held = {moment.day for number, moment in enumerate(axis) if mask >> number & 1}
    week = {day.weekday() for day in held}
    if all((moment.day in held) == (moment.day.weekday() in week) for moment in axis):
        return "on " + ", ".join(_weekdays(week))
    runs = _runs(mask, len(axis))
    return _spans(_dated(axis, run) for run in runs[:_SHOWN_MAX])


def _weekdays(week: set[int]) -> Iterator[str]:
    for first, end in _runs(sum(1 << day for day in week), len(_DAYS)):
        if end - first >= _RUN_MIN:
            yield f"{_DAYS[first]} to {_DAYS[end - 1]}"
        else:
            yield from _DAYS[first:end]


def _dated(axis: Sequence[Moment], run: tuple[int, int]) -> str:
    """The axis holds a week before the first edge and a week from the last: both mean for good."""
    first, last = axis[run[0]].day, axis[run[1] - 1].day
    if run[0] == 0:
        return f"up to {_day(last)}"
    return (
        f"from {_day(first)} on" if run[1] == len(axis) else f"from {_day(first)} to {_day(last)}"
    )


def _day(day: date) -> str:
    return day.isoformat()
