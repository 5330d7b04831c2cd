"""What does the simulated CPO ask for a session? Its own small reading of its own tariffs.

It shares no code with the channel: where the two disagree, a test shall see it. OCPI 2.2.1
mod_tariffs 11.4: the first matching element wins per dimension; restrictions are local time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.peers.cpo.charge import Charge, Cut, Period, kwh

Tariff = Mapping[str, Any]

_KNOWN = {
    "start_time",
    "end_time",
    "start_date",
    "end_date",
    "min_kwh",
    "max_kwh",
    "min_duration",
    "max_duration",
    "day_of_week",
}
_WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
_UNITS = {"ENERGY": 1000, "TIME": 3600, "PARKING_TIME": 3600}


@dataclass(slots=True)
class Price:
    """Unrounded. `parts` by dimension; incl_vat is None when a component says nothing of VAT."""

    excl_vat: Decimal = Decimal(0)
    incl_vat: Decimal | None = Decimal(0)
    parts: dict[str, tuple[Decimal, Decimal | None]] = field(default_factory=dict)

    def add(self, kind: str, amount: Decimal, vat: Decimal | None) -> None:
        gross = None if vat is None else amount * (1 + vat / 100)
        excl, incl = self.parts.get(kind, (Decimal(0), Decimal(0)))
        self.parts[kind] = (excl + amount, _sum(incl, gross))
        self.excl_vat += amount
        self.incl_vat = _sum(self.incl_vat, gross)

    def within(self, low: Tariff | None, high: Tariff | None) -> None:
        """Apply min_price and max_price: each side of the limit to its own total."""
        for limit, choose in ((low, max), (high, min)):
            if limit is None:
                continue
            if "excl_vat" in limit:
                self.excl_vat = choose(self.excl_vat, Decimal(limit["excl_vat"]))
            if "incl_vat" in limit and self.incl_vat is not None:
                self.incl_vat = choose(self.incl_vat, Decimal(limit["incl_vat"]))


def _sum(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left + right


def refuse_what_cannot_be_priced(tariff: Tariff) -> None:
    """ValueError names a restriction that this simulator does not know."""
    for element in tariff["elements"]:
        unknown = set(element.get("restrictions", {})) - _KNOWN
        if unknown:
            raise ValueError(f"tariff {tariff['id']}: the simulated CPO cannot price {unknown}")


def price(tariff: Tariff, zone: str, start: int, periods: Sequence[Period]) -> Price:
    """Price the periods of a session that began at `start`."""
    total = Price()
    flat: Tariff | None = None
    used: dict[str, tuple[int, Tariff]] = {}
    last_timed = ""
    for period in periods:
        active = _active(tariff, zone, start, period)
        if flat is None and "FLAT" in active:
            flat = active["FLAT"]
            total.add("FLAT", Decimal(flat["price"]), _vat(flat))
        for kind, volume in _volumes(period):
            component = active.get(kind)
            if component is not None and volume:
                _charge(total, kind, volume, component)
                used[kind] = (used[kind][0] + volume if kind in used else volume, component)
                last_timed = last_timed if kind == "ENERGY" else kind
    for kind in ("ENERGY", last_timed):
        if kind in used:
            volume, component = used[kind]
            _charge(total, kind, -volume % (component.get("step_size") or 1), component)
    total.within(tariff.get("min_price"), tariff.get("max_price"))
    return total


def _volumes(period: Period) -> tuple[tuple[str, int], ...]:
    return (
        ("ENERGY", period.energy_wh),
        ("TIME", period.time_s),
        ("PARKING_TIME", period.parking_s),
    )


def _charge(total: Price, kind: str, volume: int, component: Tariff) -> None:
    """Prices are per kWh and per hour; volumes and steps are in Wh and seconds.

    The step rounds up once a session, on the total, by the last component's (mod_cdrs, step_size).
    """
    amount = volume * Decimal(component["price"]) / _UNITS[kind]
    total.add(kind, amount, _vat(component))


def _vat(component: Tariff) -> Decimal | None:
    return Decimal(component["vat"]) if "vat" in component else None


def _active(tariff: Tariff, zone: str, start: int, period: Period) -> dict[str, Tariff]:
    """The component of each dimension at the period's beginning."""
    found: dict[str, Tariff] = {}
    local = datetime.fromtimestamp(period.start, ZoneInfo(zone))
    for element in tariff["elements"]:
        if _matches(element.get("restrictions", {}), local, period, period.start - start):
            for component in element["price_components"]:
                found.setdefault(component["type"], component)
    return found


def _matches(rule: Tariff, local: datetime, period: Period, elapsed_s: int) -> bool:
    clock, day = local.strftime("%H:%M"), local.date().isoformat()
    days = rule.get("day_of_week") or _WEEKDAYS
    return (
        _within_day(clock, rule.get("start_time"), rule.get("end_time"))
        and _WEEKDAYS[local.weekday()] in days
        and rule.get("start_date", day) <= day < rule.get("end_date", "9999")
        and _in_range(kwh(period.before_wh), rule.get("min_kwh"), rule.get("max_kwh"))
        and _in_range(Decimal(elapsed_s), rule.get("min_duration"), rule.get("max_duration"))
    )


def _within_day(clock: str, begins: str | None, ends: str | None) -> bool:
    first, last = (begins or "00:00")[:5], (ends or "00:00")[:5]
    if first == last:
        return True
    if last == "00:00" or first < last:
        return first <= clock < (last if last != "00:00" else "24:00")
    return clock >= first or clock < last


def _in_range(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or value >= low) and (high is None or value < high)


def cuts(tariff: Tariff, zone: str, charge: Charge) -> list[Cut]:
    """Every instant of the session at which another component may begin to apply."""
    rules = [element.get("restrictions", {}) for element in tariff["elements"]]
    found: dict[int, int] = {at: charge.energy_at(at) for at in _wall_cuts(rules, zone, charge)}
    for rule in rules:
        for name in ("min_duration", "max_duration"):
            if name in rule:
                at = charge.start + int(rule[name])
                found.setdefault(at, charge.energy_at(at))
        for name in ("min_kwh", "max_kwh"):
            energy_wh = int(Decimal(rule.get(name, 0)) * 1000)
            at_energy = charge.reaches(energy_wh)
            if at_energy is not None:
                found[at_energy] = energy_wh  # interpolated, as mod_cdrs allows
    return [Cut(at, wh) for at, wh in sorted(found.items()) if charge.start < at < charge.end]


def _wall_cuts(rules: Sequence[Tariff], zone: str, charge: Charge) -> set[int]:
    """Local times of restrictions, local midnights, and the hours at which clocks change."""
    dated = any({"day_of_week", "start_date", "end_date"} & set(rule) for rule in rules)
    times = {rule[n][:5] for rule in rules for n in ("start_time", "end_time") if n in rule}
    times |= {"00:00"} if dated else set()
    if not times:
        return set()
    place = ZoneInfo(zone)
    first = datetime.fromtimestamp(charge.start, place).date()
    last = datetime.fromtimestamp(charge.end, place).date()
    found: set[int] = set()
    for day in range((last - first).days + 1):
        for wall in times:
            at = datetime.fromisoformat(f"{first + timedelta(days=day)}T{wall}:00")
            found |= {int(at.replace(tzinfo=place, fold=f).timestamp()) for f in (0, 1)}
    return found | _clock_changes(place, charge)


def _clock_changes(place: ZoneInfo, charge: Charge) -> set[int]:
    hours = range(charge.start // 3600, charge.end // 3600 + 2)
    offset = {
        hour: datetime.fromtimestamp(hour * 3600, UTC).astimezone(place).utcoffset()
        for hour in hours
    }
    return {
        hour * 3600 for hour in hours if hour - 1 in offset and offset[hour] != offset[hour - 1]
    }
