"""How does a simulated car charge: how much energy at which second, and where do periods end?

Whole seconds and watt-hours, so that parts always add up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Charge:
    """Constant power from `start` for `charge_s`, then parked, until `end`.

    Stopping early moves `end` only: the curve stays, so what was told before remains true.
    """

    start: int
    end: int
    energy_wh: int
    charge_s: int

    @property
    def full_at(self) -> int:
        """When the car stops drawing power."""
        return min(self.end, self.start + self.charge_s)

    def energy_at(self, at: int) -> int:
        """Watt-hours on the meter at an instant."""
        elapsed = min(at, self.full_at) - self.start
        if elapsed <= 0:
            return 0
        return self.energy_wh * elapsed // self.charge_s

    def reaches(self, energy_wh: int) -> int | None:
        """The first whole second with at least that energy, while it charges."""
        if not 0 < energy_wh <= self.energy_wh:
            return None
        at = self.start - (-energy_wh * self.charge_s // self.energy_wh)
        return at if at <= self.full_at else None


@dataclass(frozen=True, slots=True)
class Period:
    """A ChargingPeriod: exact in Wh and s for the price, in OCPI's four decimals for the wire."""

    start: int
    before_wh: int
    energy_wh: int
    time_s: int
    parking_s: int
    time_h: Decimal
    parking_time_h: Decimal


@dataclass(frozen=True, slots=True)
class Cut:
    """An instant at which a new period must begin, and the meter's reading that belongs to it."""

    at: int
    energy_wh: int


def periods(charge: Charge, cuts: Sequence[Cut], since: int, until: int) -> list[Period]:
    """The periods of [since, until), cut where the tariff changes and where charging ends."""
    readings = {cut.at: cut.energy_wh for cut in cuts if since <= cut.at <= until}
    between = [at for at in {*readings, charge.full_at} if since < at < until]
    instants = sorted({since, *between, until})
    return [_period(charge, readings, a, b) for a, b in pairwise(instants)]


def _period(charge: Charge, readings: dict[int, int], start: int, until: int) -> Period:
    before = readings.get(start, charge.energy_at(start))
    after = readings.get(until, charge.energy_at(until))
    full = charge.full_at
    charged = (min(start, full) - charge.start, min(until, full) - charge.start)
    parked = (max(start, full) - full, max(until, full) - full)
    return Period(
        start=start,
        before_wh=before,
        energy_wh=after - before,
        time_s=charged[1] - charged[0],
        parking_s=parked[1] - parked[0],
        time_h=_hours(*charged),
        parking_time_h=_hours(*parked),
    )


def _hours(since_s: int, until_s: int) -> Decimal:
    """Differences of totals that were rounded down: they add up, however the session is cut."""
    return Decimal(_ten_thousandths(until_s) - _ten_thousandths(since_s)).scaleb(-4)


def _ten_thousandths(seconds: int) -> int:
    return seconds * 25 // 9


def kwh(energy_wh: int) -> Decimal:
    return Decimal(energy_wh).scaleb(-3)
