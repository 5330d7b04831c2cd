"""How much of each component is billed, and what does `step_size` add?

Source: OCPI 2.2.1 mod_cdrs 10.3.1 (step_size) and mod_tariffs 11.4.2. `step_size` counts once a
session for energy and once for charging and parking time together, on the total that was priced.
"""

from decimal import ROUND_HALF_EVEN, Decimal

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.prepare import Candidate
from chalicelib.domain.tariff.result import PriceWarning
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.usage import ChargingPeriod

_HOUR_S = Decimal(3600)
_ZERO, _ONE = Decimal(0), Decimal(1)


class Notes:
    """The warnings of one price, one for each code and subject; what they can be off adds up."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], PriceWarning] = {}

    def add(self, code: str, subject: str, text: str, off: Decimal = _ZERO) -> None:
        before = self._found.get((code, subject))
        if before is not None:
            off += before.off
        self._found[code, subject] = PriceWarning(code, text, off)

    def all(self) -> tuple[PriceWarning, ...]:
        return tuple(self._found.values()) if self._found else ()


class Meter:
    """Billed quantities in order of first use: kWh, whole seconds and sessions."""

    __slots__ = ("energy", "flat", "hourly", "reserved", "timed", "used")

    def __init__(self) -> None:
        self.used: dict[Candidate, Decimal] = {}
        self.energy: Candidate | None = None  # the last that was billed, and so on
        self.timed: Candidate | None = None
        self.reserved: Candidate | None = None
        self.flat: Candidate | None = None
        self.hourly = False  # something is billed by time: money is a fraction of an hour's price

    def bill(
        self,
        period: ChargingPeriod,
        energy: Candidate | None,
        time: Candidate | None,
        parking: Candidate | None,
    ) -> None:
        """What no component is active for costs nothing, and is no base of any rounding."""
        kwh, hours, parked = period.energy_kwh, period.time_h, period.parking_time_h
        if kwh and energy is not None:
            self._add(energy, kwh)
            self.energy = energy
        if hours and time is not None:
            self._add(time, whole_seconds(hours))
            self.timed, self.hourly = time, True
        if parked and parking is not None:
            self._add(parking, whole_seconds(parked))
            self.timed, self.hourly = parking, True

    def reserve(self, candidate: Candidate, hours: Decimal) -> None:
        self._add(candidate, whole_seconds(hours))
        self.reserved, self.hourly = candidate, True

    def once(self, candidate: Candidate) -> None:
        self.used[candidate] = _ONE

    def step_extras(self, notes: Notes) -> dict[Candidate, Decimal]:
        """What is billed beyond the use, on the last component of each kind."""
        extras: dict[Candidate, Decimal] = {}
        for last in (self.energy, self.timed, self.reserved):
            if last is not None and last.step is not None:
                over = self._total(last) % last.step
                if over:
                    extras[last] = last.step - over
        if self.timed is not None and self.timed.component.type is Dimension.TIME:
            self._warn_of_order(notes)
        return extras

    def _add(self, candidate: Candidate, quantity: Decimal) -> None:
        if quantity < 0:
            raise Invalid("charging_periods", f"a volume of {quantity} is less than nothing")
        before = self.used.get(candidate)
        self.used[candidate] = quantity if before is None else before + quantity

    def _total(self, last: Candidate) -> Decimal:
        if len(self.used) == 1:
            return self.used[last]
        kind = last.component.type
        total = _ZERO
        for one, quantity in self.used.items():
            if one.component.type is kind and one.reservation is last.reservation:
                total += quantity
        return total

    def _warn_of_order(self, notes: Notes) -> None:
        """OCPI's text rounds what comes last, its example only parking."""
        for one in self.used:
            if one.component.type is Dimension.PARKING_TIME and one.step is not None:
                notes.add(
                    "charging_after_parking",
                    "",
                    "charging followed parking: step_size was applied to the charging time",
                    one.step * one.rate / _HOUR_S,
                )


def whole_seconds(hours: Decimal) -> Decimal:
    """Hours carry 4 decimals, or 0.36 s: the nearest second is what the charger measured.

    Without this, 10 minutes told as 0.1667 h would be 11 by a step of 60 s.
    """
    return (hours * _HOUR_S).to_integral_value(ROUND_HALF_EVEN)
