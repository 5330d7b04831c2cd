"""Where does a value lie in a panel, and what do its axes look like?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from sandbox.picture import svg

_TICKS = 5
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Frame:
    """A panel's plot: its corner and size in pixels, and the values at its far ends."""

    left: float
    top: float
    width: float
    height: float
    x_max: float
    y_max: float
    y_min: float = 0.0

    def x(self, value: float) -> float:
        return self.left + self.width * value / self.x_max

    def y(self, value: float) -> float:
        share = (value - self.y_min) / (self.y_max - self.y_min)
        return self.top + self.height * (1 - share)

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def right(self) -> float:
        return self.left + self.width


def axes(
    frame: Frame,
    x_ticks: Sequence[tuple[float, str]],
    y_format: Callable[[float], str],
    x_name: str,
    y_name: str,
) -> list[str]:
    parts = []
    for value in ticks(frame.y_min, frame.y_max):
        y = frame.y(value)
        parts.append(svg.line(frame.left, y, frame.right, y, "grid"))
        parts.append(svg.text(frame.left - 8, y + 4, y_format(value), "small", "end"))
    for value, words in x_ticks:
        x = frame.x(value)
        parts.append(svg.line(x, frame.bottom, x, frame.bottom + 4, "axis"))
        parts.append(svg.text(x, frame.bottom + 17, words, "small", "middle"))
    zero = frame.y(max(0.0, frame.y_min))
    parts.append(svg.line(frame.left, zero, frame.right, zero, "axis"))
    parts.append(svg.text(frame.right, frame.bottom + 33, x_name, "small", "end"))
    parts.append(svg.text(frame.left - 36, frame.top - 13, y_name, "small"))
    return parts


def ticks(low: float, high: float) -> list[float]:
    """Round values from the first to the last, about five."""
    step = nice((high - low) / _TICKS)
    first, last = ceil(low / step - _EDGE), floor(high / step + _EDGE)
    return [number * step for number in range(first, last + 1)]


def nice(value: float) -> float:
    """The next of 1, 2, 2.5, 5 and 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= value * (1 - _EDGE))


def top_of(value: float) -> float:
    """A full tick above the highest value."""
    step = nice(value / _TICKS)
    return step * ceil(value / step + 0.15) if value > 0 else 1.0


def decimals(step: float) -> int:
    """How many decimals tell ticks apart."""
    return 0 if step >= 1 and step == int(step) else 2
