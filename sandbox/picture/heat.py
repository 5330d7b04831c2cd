"""What does a kWh cost at each hour of the week?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.tariff import Dimension, Tariff, TariffElement
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from sandbox.picture import svg
from sandbox.picture.session import Imagined

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WIDTH, _ROW = 846.0, 21.0
_DAY_MINUTES = 1440
_LISTED_MAX = 6
# From little to much, light to dark, alike for those who see no red or green.
_SCALE = (
    (190, 242, 246),
    (103, 215, 232),
    (34, 167, 201),
    (29, 110, 180),
    (49, 64, 155),
    (67, 30, 107),
)
_DARK_FROM = 0.45


def depends_on_clock(tariff: Tariff) -> bool:
    rules = [element.restrictions for element in tariff.elements]
    return any(rule.start_time or rule.end_time or rule.day_of_week for rule in rules)


def heat_map(imagined: Imagined, currency: str, left: float, top: float) -> list[str]:
    """A row a weekday, a column an hour, or less where a price changes within one."""
    minutes = _column_minutes(imagined.tariff)
    prices = _week(imagined, minutes)
    known = sorted({one for row in prices for one in row})
    columns = _DAY_MINUTES // minutes
    width = _WIDTH / columns
    power = f"{imagined.power_kw.normalize():f} kW"
    parts = [svg.text(left - 36, top - 30, f"A kWh through the week, at {power}", "head")]
    for day, row in enumerate(prices):
        y = top + day * _ROW
        parts.append(svg.text(left - 8, y + 15, _DAYS[day], "small", "end"))
        for column, cost in enumerate(row):
            x, share = left + column * width, _share(cost, known)
            parts.append(svg.rect(x, y, width, _ROW, "cell", fill=_colour(share)))
            if columns == 24:  # an hour's cell has room for its price
                kind = "dark" if share > _DARK_FROM else "light"
                parts.append(svg.text(x + width / 2, y + 14, f"{cost:.2f}", kind, "middle"))
    for hour in range(0, 25, 3):
        x = left + _WIDTH * hour / 24
        parts.append(svg.text(x, top + 7 * _ROW + 15, f"{hour:02}:00", "small", "middle"))
    return [*parts, *_legend(known, currency, left, top + 7 * _ROW + 40)]


def _column_minutes(tariff: Tariff) -> int:
    """An hour, or the part of it that every window of the tariff is a multiple of."""
    rules = [element.restrictions for element in tariff.elements]
    times = [at for rule in rules for at in (rule.start_time, rule.end_time) if at is not None]
    fits = (60, 30, 15)
    return next((one for one in fits if all(at.minute % one == 0 for at in times)), fits[-1])


def _week(imagined: Imagined, minutes: int) -> list[list[Decimal]]:
    """Energy and charging time of an hour's charging, divided by its kWh."""
    prepared = prepare(_by_use(imagined.tariff), imagined.zone)
    monday = imagined.start - timedelta(days=imagined.start.weekday())
    midnight = monday.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        [
            _a_kwh(prepared, imagined, (midnight + timedelta(days=day, minutes=at)).astimezone(UTC))
            for at in range(0, _DAY_MINUTES, minutes)
        ]
        for day in range(7)
    ]


def _by_use(tariff: Tariff) -> Tariff:
    """The tariff without what is due once or rounded: the price of a unit alone is left."""
    elements = tuple(
        TariffElement(
            tuple(
                replace(one, step_size=0)
                for one in element.price_components
                if one.type is not Dimension.FLAT
            ),
            element.restrictions,
        )
        for element in tariff.elements
    )
    return replace(tariff, elements=elements, min_price=None, max_price=None)


def _a_kwh(prepared: PreparedTariff, imagined: Imagined, start: datetime) -> Decimal:
    power = imagined.power_kw
    period = ChargingPeriod(
        start=start,
        energy_kwh=power,
        time_h=Decimal(1),
        min_power_kw=power,
        max_power_kw=power,
        tariff_id=prepared.tariff.id,
    )
    cost = price(prepared, Usage(start, start + timedelta(hours=1), (period,)))
    total = cost.excl_vat if cost.incl_vat is None else cost.incl_vat
    return round(total / power, 4)


def _share(cost: Decimal, known: list[Decimal]) -> float:
    span = known[-1] - known[0]
    return float((cost - known[0]) / span) if span else 0.35


def _colour(share: float) -> str:
    place = share * (len(_SCALE) - 1)
    low = min(int(place), len(_SCALE) - 2)
    part = place - low
    mixed = (round(a + (b - a) * part) for a, b in zip(_SCALE[low], _SCALE[low + 1], strict=True))
    return "#" + "".join(f"{one:02x}" for one in mixed)


def _legend(known: list[Decimal], currency: str, left: float, y: float) -> list[str]:
    """Each price, or the ends of the scale where there are many."""
    shown = known if len(known) <= _LISTED_MAX else [known[0], known[len(known) // 2], known[-1]]
    parts, x = list[str](), left - 36
    for cost in shown:
        words = f"{cost:.4f}".rstrip("0").ljust(4, "0") if cost else "0.00"
        words = f"{words} {currency}"
        parts.append(
            svg.rect(x, y - 11, 14, 14, "cell", radius=2, fill=_colour(_share(cost, known)))
        )
        parts.append(svg.text(x + 20, y, words))
        x += 44 + svg.width_of(words)
    return parts
