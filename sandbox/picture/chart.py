"""How does the price grow over time and over energy?"""

from collections.abc import Callable, Sequence
from datetime import datetime

from chalicelib.domain.tariff.tariff import Dimension
from sandbox.picture import svg
from sandbox.picture.frame import Frame, axes, decimals, nice, top_of
from sandbox.picture.session import Curve, Imagined, Point

_NAMES = {
    Dimension.FLAT: "per session (FLAT)",
    Dimension.ENERGY: "energy (ENERGY)",
    Dimension.TIME: "charging time (TIME)",
    Dimension.PARKING_TIME: "parking (PARKING_TIME)",
}
_HOUR_S = 3600
_LIMITS = {"min_price": "least price", "max_price": "greatest price"}


def over_time(
    curve: Curve, imagined: Imagined, currency: str, left: float, top: float
) -> list[str]:
    """Stacked parts, and the total as a line; it leaves the stack where a limit holds."""
    points = curve.points
    highest = max([float(one.total) for one in points] + [_sum(one) for one in points])
    lowest = min(0.0, *(float(one.total) for one in points))
    frame = Frame(left, top, 400, 220, float(imagined.length_s), top_of(highest), lowest)
    parts = [svg.text(left - 36, top - 30, "Over time", "head")]
    parts += axes(frame, _clock_ticks(imagined), _money(frame), "local time", currency)
    base = [0.0] * len(points)
    used = [kind for kind in _NAMES if any(one.parts.get(kind) for one in points)]
    for kind in used:
        upper = [low + float(one.parts.get(kind, 0)) for low, one in zip(base, points, strict=True)]
        edge = [(frame.x(one.second), frame.y(y)) for one, y in zip(points, upper, strict=True)]
        back = [(frame.x(one.second), frame.y(y)) for one, y in zip(points, base, strict=True)]
        parts.append(svg.path([*edge, *reversed(back)], f"{kind} area", closed=True))
        base = upper
    line = [(frame.x(one.second), frame.y(float(one.total))) for one in points]
    parts.append(svg.path(line, "total"))
    if imagined.charged_s < imagined.length_s:
        x = frame.x(imagined.charged_s)
        late = x > frame.left + frame.width * 0.6
        aside, anchor = (x - 5, "end") if late else (x + 5, "start")
        parts.append(svg.line(x, frame.top, x, frame.bottom, "mark"))
        parts.append(svg.text(aside, frame.top + 12, "full, from here parked", "small", anchor))
    lines, names = _limits(frame, points)
    return [*parts, *lines, *_legend(used, names, left, frame.bottom + 52)]


def over_energy(
    curves: Sequence[tuple[str, Curve]], currency: str, left: float, top: float
) -> list[str]:
    """A line for each power: what a session costs that ends at so many kWh."""
    charging = [(name, _charging(curve.points)) for name, curve in curves]
    every = [one for _, points in charging for one in points]
    x_max = max(float(one.kwh) for one in every) or 1.0
    lowest = min(0.0, *(float(one.total) for one in every))
    frame = Frame(
        left, top, 400, 220, x_max, top_of(max(float(one.total) for one in every)), lowest
    )
    step = nice(x_max / 6)
    x_ticks = [(step * n, f"{step * n:g}") for n in range(int(x_max / step + 1e-9) + 1)]
    parts = [svg.text(left - 36, top - 30, "Over energy, ended when charged", "head")]
    parts += axes(frame, x_ticks, _money(frame), "kWh", currency)
    x = left - 36
    for number, (name, points) in enumerate(charging):
        kind = f"p{number}" if len(charging) > 1 else "p1"
        line = [(frame.x(float(one.kwh)), frame.y(float(one.total))) for one in points]
        parts.append(svg.path(line, kind))
        y = frame.bottom + 48
        parts += [svg.line(x, y, x + 18, y, kind), svg.text(x + 24, y + 4, name)]
        x += 44 + svg.width_of(name)
    return parts


def _charging(points: Sequence[Point]) -> list[Point]:
    """Until the meter stands still."""
    last = points[-1].kwh
    end = next(number for number, one in enumerate(points) if one.kwh == last)
    return list(points[: end + 1])


def _sum(point: Point) -> float:
    return float(sum(point.parts.values()))


def _limits(frame: Frame, points: Sequence[Point]) -> tuple[list[str], list[str]]:
    """A line where the least or greatest price is paid, and the names of those there are."""
    parts, names = list[str](), list[str]()
    for name, words in _LIMITS.items():
        held = [one for one in points if one.limit == name]
        if held:
            y = frame.y(float(held[-1].total))
            parts.append(svg.line(frame.left, y, frame.right, y, "limit"))
            names.append(words)
    return parts, names


def _legend(used: Sequence[Dimension], limits: Sequence[str], left: float, y: float) -> list[str]:
    """In rows as wide as the panel."""
    entries = [(_NAMES[kind], f"{kind} area") for kind in used]
    entries += [("what is paid", "total"), *((" and ".join(limits), "limit") for _ in limits[:1])]
    parts, start = list[str](), left - 36
    x = start
    for words, kind in entries:
        if x + svg.width_of(words) > start + 430:
            x, y = start, y + 19
        if kind.endswith("area"):
            parts.append(svg.rect(x, y - 10, 14, 12, kind, radius=2))
        else:
            parts.append(svg.line(x, y - 4, x + 14, y - 4, kind))
        parts.append(svg.text(x + 19, y, words))
        x += 34 + svg.width_of(words)
    return parts


def _clock_ticks(imagined: Imagined) -> list[tuple[float, str]]:
    """Whole, half or quarter hours on the wall clock."""
    step = next(
        one
        for one in (900, 1800, 3600, 7200, 10_800, 21_600, 86_400, 10**9)
        if imagined.length_s / one <= 8
    )
    first = -_second_of_day(imagined.start) % step
    zone, began = imagined.start.tzinfo, imagined.start.timestamp()
    return [
        (float(second), datetime.fromtimestamp(began + second, zone).strftime("%H:%M"))
        for second in range(first, imagined.length_s + 1, step)
    ]


def _second_of_day(at: datetime) -> int:
    return at.hour * _HOUR_S + at.minute * 60 + at.second


def _money(frame: Frame) -> Callable[[float], str]:
    """Values of the axis with as many decimals as they need."""
    places = decimals(nice((frame.y_max - frame.y_min) / 5))
    return lambda value: f"{value:.{places}f}"
