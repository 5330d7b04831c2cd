"""How much of each component is billed, and what does `step_size` add?

Source: OCPI 2.2.1 mod_cdrs 10.3.1 (step_size) and mod_tariffs 11.4.2. `step_size` counts once a
session for energy and once for charging and parking time together, on the total that was priced.
"""

from decimal import ROUND_HALF_EVEN, Decimal

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

    # Most prices have none: what they share stands in the class.
    patience = PATIENCE
    _found: dict[tuple[str, str], PriceWarning] | None = None

    def add(self, code: str, text: str, off: Decimal = _ZERO, subject: str = "") -> None:
        if self._found is None:
            self._found = {}
        before = self._found.get((code, subject))
        if before is not None:
            off, text = off + before.off, before.text
        self._found[code, subject] = PriceWarning(code, text, off, code not in _ONLY_LESS)

    def all(self) -> tuple[PriceWarning, ...]:
        return tuple(self._found.values()) if self._found else ()


Use = tuple[int, Decimal]  # the number of a period, and how much was billed in it


class Meter:
    """What is billed of each component, in kWh, whole seconds and sessions: all its uses."""

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

    def __init__(self) -> None:
        self.used: dict[Candidate, list[Use]] = {}

    def bill(
        self,
        number: int,
        period: ChargingPeriod,
        energy: Candidate | None,
        time: Candidate | None,
        parking: Candidate | None,
    ) -> None:
        """What no component is active for costs nothing, and is no base of any rounding."""
        kwh = period.energy_kwh
        if kwh and energy is not None:
            if kwh < 0:
                self.fed_back -= kwh * energy.net
            self.add(number, energy, kwh)
            self.energy = energy
        if time is not None and period.time_h:
            self.timed = self._time(number, time, period.time_h) or self.timed
        if parking is not None and period.parking_time_h:
            last = self._time(number, parking, period.parking_time_h)
            self.timed, self.parked = last or self.timed, last or self.parked

    def reserve(self, number: int, candidate: Candidate | None, hours: Decimal) -> None:
        if candidate is not None:
            self.reserved = self._time(number, candidate, hours) or self.reserved

    def add(self, number: int, candidate: Candidate, quantity: Decimal = _ONE) -> None:
        uses = self.used.get(candidate)
        if uses is None:
            self.used[candidate] = [(number, quantity)]
        else:
            uses.append((number, quantity))

    def _time(self, number: int, candidate: Candidate, hours: Decimal) -> Candidate | None:
        """What was billed by. Less than half a second is no use, and no last of its kind."""
        if hours < 0:
            raise Invalid("charging_periods", f"a time of {hours} h is less than nothing")
        seconds = whole_seconds(hours)
        if not seconds:
            return None
        self.add(number, candidate, seconds)
        self.hourly = True
        return candidate

    def step_extra(self, candidate: Candidate) -> Decimal:
        """What is billed beyond the use: the last component of each kind says the step."""
        if candidate is self.energy or candidate is self.timed or candidate is self.reserved:
            return over(self.total(candidate), candidate.step)
        return _ZERO

    def used_of(self, candidate: Candidate) -> Decimal:
        uses = self.used[candidate]
        if len(uses) == 1:  # mostly, and sum() costs ten times as much
            return uses[0][1]
        return sum((quantity for _, quantity in uses), _ZERO)

    def total(self, last: Candidate) -> Decimal:
        """Of its kind, by its tariff: no step reaches across a change of tariff."""
        if len(self.used) == 1:
            return self.used_of(last)
        own, total = last.basis, _ZERO
        for one in self.used:
            basis = one.basis
            if (
                basis.dimension is own.dimension
                and basis.reservation is own.reservation
                and basis.tariff_id == own.tariff_id
            ):
                total += self.used_of(one)
        return total

    def warn_of_order(self, notes: Notes) -> None:
        """OCPI's text rounds what comes last, its example only parking: instead, or as well."""
        timed, parked = self.timed, self.parked
        if timed is None or parked is None or parked.step is None:
            return
        if timed.basis.dimension is not Dimension.TIME:
            return
        if parked.basis.tariff_id != timed.basis.tariff_id:
            return
        added = over(self.total(parked), parked.step) * parked.net
        instead = added - self.step_extra(timed) * timed.net
        text = "charging followed parking: step_size was applied to the charging time"
        off = max(abs(added), abs(instead)) / _HOUR_S
        notes.add("charging_after_parking", text, off)


def over(total: Decimal, step: Decimal | None) -> Decimal:
    """What rounding up adds to what was used; nothing used is nothing billed."""
    if step is None:
        return _ZERO
    part = total % step  # of the sign of the total
    return step - part if part > 0 else _ZERO


def whole_seconds(hours: Decimal) -> Decimal:
    """Hours carry 4 decimals, or 0.36 s: the nearest second is what the charger measured.

    Without this, 10 minutes told as 0.1667 h would be 11 by a step of 60 s.
    """
    return (hours * _HOUR_S).to_integral_value(ROUND_HALF_EVEN)
