"""How much of each component is billed, and what does `step_size` add?

Source: OCPI 2.2.1 mod_cdrs 10.3.1 (step_size) and mod_tariffs 11.4.2. `step_size` counts once a
session for energy and once for charging and parking time together, on the total that was priced.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.candidate import Candidate
from chalicelib.domain.tariff.result import PriceWarning
from chalicelib.domain.tariff.tariff import Dimension
from chalicelib.domain.tariff.usage import ChargingPeriod

_HOUR_S = Decimal(3600)
_ZERO, _ONE = Decimal(0), Decimal(1)
# The other reading of these is that nothing is due, or less: the tariff in force stays the promise.
_ONLY_LESS = frozenset({"net_not_derivable", "tariff_missing", "tariff_other", "tax_contradiction"})


PATIENCE = 500_000  # tests of a restriction that the amounts of one price's warnings may take


class Notes:
    """The warnings of one price, one for each code and subject; what they can be off adds up."""

    __slots__ = ("_found", "patience")

    def __init__(self) -> None:
        self.patience = PATIENCE
        self._found: dict[tuple[str, str], PriceWarning] = {}

    def add(self, code: str, subject: str, text: str, off: Decimal = _ZERO) -> None:
        before = self._found.get((code, subject))
        if before is not None:
            off, text = off + before.off, before.text
        self._found[code, subject] = PriceWarning(code, text, off, code not in _ONLY_LESS)

    def all(self) -> tuple[PriceWarning, ...]:
        return tuple(self._found.values()) if self._found else ()


class Counted(NamedTuple):
    """What one period added to a component; None: no component was active, it costs nothing."""

    period: int
    dimension: Dimension
    candidate: Candidate | None
    quantity: Decimal


class Meter:
    """Billed quantities in order of first use: kWh, whole seconds and sessions.

    `counted`, where it is a list, remembers them by period.
    """

    # The class holds what most sessions never set: a meter is made for each.
    energy: Candidate | None = None  # the last that was billed, and so on
    timed: Candidate | None = None
    parked: Candidate | None = None
    reserved: Candidate | None = None
    flat: Candidate | None = None
    reserved_flat: Candidate | None = None
    flats_left_out: frozenset[Candidate] = frozenset()
    hourly = False  # something is billed by time: money is a fraction of an hour's price
    fed_back = _ZERO  # the price of energy that went back into the grid

    def __init__(self, counted: list[Counted] | None = None) -> None:
        self.counted = counted
        self.used: dict[Candidate, Decimal] = {}
        self.extras: dict[Candidate, Decimal] = {}

    def bill(
        self,
        number: int,
        period: ChargingPeriod,
        energy: Candidate | None,
        time: Candidate | None,
        parking: Candidate | None,
    ) -> None:
        """What no component is active for costs nothing, and is no base of any rounding."""
        kwh, hours, parked = period.energy_kwh, period.time_h, period.parking_time_h
        if kwh:
            if energy is not None:
                if kwh < 0:
                    self.fed_back -= kwh * energy.net
                before = self.used.get(energy)
                self.used[energy] = kwh if before is None else before + kwh
                self.energy = energy
            if self.counted is not None:
                self.counted.append(Counted(number, Dimension.ENERGY, energy, kwh))
        counted = self.counted is not None
        if hours and (time is not None or counted):
            self.timed = self._time(number, Dimension.TIME, time, hours) or self.timed
        if parked and (parking is not None or counted):
            last = self._time(number, Dimension.PARKING_TIME, parking, parked)
            self.timed, self.parked = last or self.timed, last or self.parked

    def reserve(self, number: int, candidate: Candidate | None, hours: Decimal) -> None:
        self.reserved = self._time(number, Dimension.TIME, candidate, hours) or self.reserved

    def once(self, number: int, candidate: Candidate) -> None:
        if self.counted is not None:
            self.counted.append(Counted(number, Dimension.FLAT, candidate, _ONE))
        self.used[candidate] = _ONE

    def _time(
        self, number: int, kind: Dimension, candidate: Candidate | None, hours: Decimal
    ) -> Candidate | None:
        """What was billed by. Less than half a second is no use, and no last of its kind."""
        if hours < 0:
            raise Invalid("charging_periods", f"a time of {hours} h is less than nothing")
        seconds = whole_seconds(hours)
        if not seconds:
            return None
        if candidate is not None:
            before = self.used.get(candidate)
            self.used[candidate] = seconds if before is None else before + seconds
            self.hourly = True
        if self.counted is not None:
            self.counted.append(Counted(number, kind, candidate, seconds))
        return candidate

    def round_up(self, notes: Notes) -> None:
        """Into `extras`: what is billed beyond the use, on the last component of each kind."""
        for last in (self.energy, self.timed, self.reserved):
            if last is not None and last.step is not None:
                total = self.total(last)
                if total > 0 and total % last.step:
                    self.extras[last] = over(total, last.step)
        if (
            self.parked is not None
            and self.timed is not None
            and self.timed.component.type is Dimension.TIME
        ):
            self._warn_of_order(self.timed, self.parked, notes)

    def total(self, last: Candidate) -> Decimal:
        """Of its kind, by its tariff: no step reaches across a change of tariff."""
        if len(self.used) == 1:
            return self.used[last]
        kind = last.component.type
        total = _ZERO
        for one, quantity in self.used.items():
            if (
                one.component.type is kind
                and one.reservation is last.reservation
                and one.tariff_id == last.tariff_id
            ):
                total += quantity
        return total

    def _warn_of_order(self, timed: Candidate, parked: Candidate, notes: Notes) -> None:
        """OCPI's text rounds what comes last, its example only parking: instead, or as well."""
        if parked.step is None or parked.tariff_id != timed.tariff_id:
            return
        added = over(self.total(parked), parked.step) * parked.net
        instead = added - self.extras.get(timed, _ZERO) * timed.net
        text = "charging followed parking: step_size was applied to the charging time"
        off = max(abs(added), abs(instead)) / _HOUR_S
        notes.add("charging_after_parking", "", text, off)


def over(total: Decimal, step: Decimal | None) -> Decimal:
    """What rounding up adds to what was used; nothing used is nothing billed."""
    if step is None or total <= 0:
        return _ZERO
    part = total % step
    return step - part if part else _ZERO


def whole_seconds(hours: Decimal) -> Decimal:
    """Hours carry 4 decimals, or 0.36 s: the nearest second is what the charger measured.

    Without this, 10 minutes told as 0.1667 h would be 11 by a step of 60 s.
    """
    return (hours * _HOUR_S).to_integral_value(ROUND_HALF_EVEN)
