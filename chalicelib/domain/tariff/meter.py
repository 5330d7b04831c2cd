"""How much of each component is billed, and what does `step_size` add?

Source: OCPI 2.2.1 mod_cdrs 10.3.1 (step_size) and mod_tariffs 11.4.2. `step_size` counts once a
session for energy and once for charging and parking time together, on the total that was priced.
"""

from decimal import Decimal

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.prepare import Candidate
from chalicelib.domain.tariff.result import PriceWarning
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.usage import ChargingPeriod

_WH = 1000
_HOUR_S = 3600


class Notes:
    """The warnings of one price, one for each code and subject; what they can be off adds up."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], PriceWarning] = {}

    def add(self, code: str, subject: str, text: str, off: Decimal = Decimal(0)) -> None:
        before = self._found.get((code, subject))
        if before is not None:
            off += before.off
        self._found[code, subject] = PriceWarning(code, text, off)

    def all(self) -> tuple[PriceWarning, ...]:
        return tuple(self._found.values())


class Meter:
    """Billed quantities in order of first use: kWh, whole seconds and sessions."""

    __slots__ = ("energy", "flat", "reserved", "timed", "used")

    def __init__(self) -> None:
        self.used: dict[Candidate, Decimal | int] = {}
        self.energy: Candidate | None = None  # the last that was billed, and so on
        self.timed: Candidate | None = None
        self.reserved: Candidate | None = None
        self.flat: Candidate | None = None

    def bill(
        self,
        period: ChargingPeriod,
        energy: Candidate | None,
        time: Candidate | None,
        parking: Candidate | None,
    ) -> None:
        """What no component is active for costs nothing, and is no base of any rounding."""
        used, kwh = self.used, period.energy_kwh
        if kwh and energy is not None:
            used[energy] = used.get(energy, 0) + _not_negative(kwh)
            self.energy = energy
        if period.time_h and time is not None:
            used[time] = used.get(time, 0) + whole_seconds(period.time_h)
            self.timed = time
        if period.parking_time_h and parking is not None:
            used[parking] = used.get(parking, 0) + whole_seconds(period.parking_time_h)
            self.timed = parking

    def reserve(self, candidate: Candidate, hours: Decimal) -> None:
        self.used[candidate] = self.used.get(candidate, 0) + whole_seconds(hours)
        self.reserved = candidate

    def once(self, candidate: Candidate) -> None:
        self.used[candidate] = 1

    def step_extras(self, notes: Notes) -> dict[Candidate, Decimal | int]:
        """What is billed beyond the use, on the last component of each kind."""
        extras: dict[Candidate, Decimal | int] = {}
        if self.energy is not None and self.energy.component.step_size:
            over = self._total(self.energy) * _WH % self.energy.component.step_size
            if over:
                extras[self.energy] = (self.energy.component.step_size - over) / _WH
        for last in (self.timed, self.reserved):
            if last is not None and last.component.step_size:
                extra = -int(self._total(last)) % last.component.step_size
                if extra:
                    extras[last] = extra
        if self.timed is not None and self.timed.component.type is Dimension.TIME:
            self._warn_of_order(notes)
        return extras

    def _total(self, last: Candidate) -> Decimal:
        kind = last.component.type
        if len(self.used) == 1:
            return Decimal(self.used[last])
        same = (
            Decimal(quantity)
            for one, quantity in self.used.items()
            if one.component.type is kind and one.reservation is last.reservation
        )
        return sum(same, Decimal(0))

    def _warn_of_order(self, notes: Notes) -> None:
        """OCPI's text rounds what comes last, its example only parking."""
        for one in self.used:
            if one.component.type is Dimension.PARKING_TIME and one.component.step_size:
                notes.add(
                    "charging_after_parking",
                    "",
                    "charging followed parking: step_size was applied to the charging time",
                    Decimal(one.component.step_size) * one.rate / _HOUR_S,
                )


def whole_seconds(hours: Decimal) -> int:
    """Hours carry 4 decimals, or 0.36 s: the nearest second is what the charger measured.

    Without this, 10 minutes told as 0.1667 h would be 11 by a step of 60 s.
    """
    return round(_not_negative(hours) * _HOUR_S)


def _not_negative(volume: Decimal) -> Decimal:
    if volume < 0:
        raise Invalid("charging_periods", f"a volume of {volume} is less than nothing")
    return volume
