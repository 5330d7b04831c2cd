"""What may any session within stated bounds cost at most?

Every unit is taken at the highest price that any element can have at any hour, meter, duration,
power and current within the bounds, and rounded up by whichever step makes it most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from itertools import product
from math import prod

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.candidate import Candidate, Candidates, active
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.rule import Moment
from chalicelib.domain.tariff.tariff import Dimension, PriceLimit, Tariff, TaxIncluded
from chalicelib.domain.tariff.walk import clock_edges

_HOUR_S = 3600
_TIMED = (Dimension.TIME, Dimension.PARKING_TIME)
_ZERO, _ONE = Decimal(0), Decimal(1)
_WALKED_MAX = timedelta(days=8)
_MOMENTS_MAX = 5_000  # of more than these every element is taken to be possible


@dataclass(frozen=True, slots=True)
class Bounds:
    """Any session without a reservation, between two instants, of at most this energy and time."""

    energy_kwh: Decimal
    duration_s: int
    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class WorstLine:
    """`quantity` in kWh, seconds or sessions; `amount` incl. VAT where `incl_vat` is known."""

    dimension: Dimension
    element: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class WorstCase:
    """No session within `bounds` costs more; each side is a bound of its own.

    `incl_vat` is None where a price without a VAT statement may apply and no rate was given.
    """

    bounds: Bounds
    excl_vat: Decimal
    incl_vat: Decimal | None
    lines: tuple[WorstLine, ...]


@dataclass(frozen=True, slots=True)
class _Possible:
    """What may be active at some moment within the bounds.

    `least` is the factor of the driver's VAT, if a price without a VAT statement is among them: it
    is then put on the whole session, so that no stated rate counts for less.
    """

    kinds: dict[Dimension, list[Candidate]]
    least: Decimal | None

    def unit(self, one: Candidate, *, net: bool) -> Decimal:
        """The price of a kWh, an hour or a session."""
        if net or one.inclusive:
            return one.net if net else one.gross
        return one.net * max(one.factor or _ONE, self.least or _ONE)


def worst_case(prepared: PreparedTariff, bounds: Bounds, vat: Decimal | None = None) -> WorstCase:
    """`vat` is the fraction that the driver pays on prices that state none."""
    kinds = {
        Dimension.ENERGY: prepared.energy,
        Dimension.TIME: prepared.time,
        Dimension.PARKING_TIME: prepared.parking,
        Dimension.FLAT: prepared.flat,
    }
    with localcontext(EXACT):
        moments = _moments(prepared, bounds) if prepared.always is None else None
        possible = {kind: _possible(part, moments) for kind, part in kinds.items() if part}
        rates = _rates(prepared.tariff)
        unstated = _unstated(prepared.tariff, rates)
        least = 1 + vat if unstated and vat is not None else None
        found = _Possible(possible, least)
        lines = tuple(_lines(found, bounds, net=False))
        excl = sum((line.amount for line in _lines(found, bounds, net=True)), _ZERO)
        incl = None
        if vat is not None or not unstated:
            incl = sum((line.amount for line in lines), _ZERO)
        excl, incl = _limited(prepared.tariff, rates, excl, incl, vat)
    return WorstCase(bounds, excl, incl, lines)


def _moments(prepared: PreparedTariff, bounds: Bounds) -> list[Moment] | None:
    """One moment on either side of each edge; None: there are too many to try."""
    edges = prepared.edges
    if bounds.latest - bounds.earliest > _WALKED_MAX:
        return None
    # A session may reach its last instant, so what begins there counts.
    end = bounds.latest + timedelta(seconds=1)
    instants = clock_edges(bounds.earliest, end, prepared) if edges.clock_s else []
    local = [at.astimezone(prepared.zone) for at in (bounds.earliest, *instants)]
    clock = [(at.hour * 3600 + at.minute * 60 + at.second, at.date()) for at in local]
    kwh = [_ZERO, *(edge for edge in edges.kwh if 0 < edge <= bounds.energy_kwh)]
    gone = [0, *(edge for edge in edges.duration_s if 0 < edge <= bounds.duration_s)]
    power = _readings(edges.power_kw)
    current = _readings(edges.current_a)
    counts = (len(clock), len(kwh), len(gone), len(power), len(current))
    if prod(counts) > _MOMENTS_MAX:
        return None
    axes = product(clock, kwh, gone, power, current)
    return [Moment(second, day, at, s, kw, ampere) for (second, day), at, s, kw, ampere in axes]


def _readings(edges: Sequence[Decimal]) -> list[Decimal | None]:
    """Any reading, and none: what a charger does not tell is taken to hold."""
    return [None, _ZERO, *edges] if edges else [None]


def _possible(candidates: Candidates, moments: list[Moment] | None) -> list[Candidate]:
    if moments is None:
        return [one for one in candidates if not one.blocks]
    found = {active(candidates, moment) for moment in moments}
    return [one for one in candidates if one in found]


def _lines(found: _Possible, bounds: Bounds, *, net: bool) -> Iterator[WorstLine]:
    dearest = {kind: best for kind in found.kinds if (best := _dearest(found, kind, net=net))}
    if flat := dearest.get(Dimension.FLAT):
        one, unit = flat
        yield WorstLine(Dimension.FLAT, one.basis.element, _ONE, unit)
    if (energy := dearest.get(Dimension.ENERGY)) and bounds.energy_kwh:
        one, unit = energy
        ups = [_up(bounds.energy_kwh, step) for step in _steps(found, Dimension.ENERGY)]
        quantity = max(ups, default=bounds.energy_kwh)
        yield WorstLine(Dimension.ENERGY, one.basis.element, quantity, unit * quantity)
    units = {kind: dearest[kind][1] if kind in dearest else _ZERO for kind in _TIMED}
    if not any(units.values()):
        return
    for kind, quantity in _times(found, units, bounds.duration_s).items():
        if kind in dearest and quantity:
            one, unit = dearest[kind]
            yield WorstLine(kind, one.basis.element, quantity, unit * quantity / _HOUR_S)


def _dearest(found: _Possible, kind: Dimension, *, net: bool) -> tuple[Candidate, Decimal] | None:
    """None where nothing costs: nobody has to use what would make it cheaper."""
    best, most = None, _ZERO
    for one in found.kinds[kind]:
        unit = found.unit(one, net=net)
        if unit > most:
            best, most = one, unit
    return None if best is None else (best, most)


def _steps(found: _Possible, kind: Dimension) -> set[Decimal]:
    return {one.step for one in found.kinds.get(kind, ()) if one.step is not None}


def _up(total: Decimal, step: Decimal) -> Decimal:
    over = total % step
    return total - over + step if over else total


def _times(
    found: _Possible, units: dict[Dimension, Decimal], duration_s: int
) -> dict[Dimension, Decimal]:
    """How many seconds of each kind cost most.

    Only the kind that comes last is rounded, on its own total: a second beyond a full step of the
    dearer kind, and what is left of the time for the other.
    """
    whole = Decimal(duration_s)
    ways = [{kind: whole} for kind in _TIMED]
    for last, other in (_TIMED, _TIMED[::-1]):
        for step in _steps(found, last):
            for steps in {_ZERO, (whole - 1) // step}:
                used = steps * step + 1
                ways.append({last: (steps + 1) * step, other: max(_ZERO, whole - used)})
    return max(ways, key=lambda way: sum(units[kind] * time for kind, time in way.items()))


def _rates(tariff: Tariff) -> set[Decimal | None]:
    """Of VAT; None: no statement."""
    if tariff.tax_included is TaxIncluded.NA:
        return {_ZERO}
    return {one.vat for element in tariff.elements for one in element.price_components}


def _unstated(tariff: Tariff, rates: set[Decimal | None]) -> bool:
    """Whether a price may apply of which nobody knows the sum incl. VAT."""
    return tariff.tax_included is TaxIncluded.NO and None in rates


def _limited(
    tariff: Tariff,
    rates: set[Decimal | None],
    excl: Decimal,
    incl: Decimal | None,
    vat: Decimal | None,
) -> tuple[Decimal, Decimal | None]:
    """A limit that names one side moves the other along, by no more than the highest VAT."""
    low, high = tariff.min_price or PriceLimit(), tariff.max_price or PriceLimit()
    highest = 1 + max(rate or _ZERO for rate in rates) / 100
    excl = max(excl, (low.incl_vat if low.excl_vat is None else low.excl_vat) or _ZERO)
    # Not where prices include VAT at a rate that nobody states.
    net_is_known = tariff.tax_included is not TaxIncluded.YES or None not in rates
    if not net_is_known:  # then a limit excl. VAT has nothing that it could lower
        high = PriceLimit(None, high.incl_vat)
    if high.excl_vat is not None:
        excl = min(excl, high.excl_vat)
    if incl is None:
        return excl, None
    least = low.incl_vat or _ZERO
    incl = max(incl, least if low.incl_vat is not None else (low.excl_vat or _ZERO) * highest)
    if high.incl_vat is not None:
        incl = min(incl, high.incl_vat)
    elif high.excl_vat is not None:
        incl = max(least, min(incl, high.excl_vat * highest))
    # A sum without VAT meets no limit incl. VAT; of nothing used no rate is known either.
    if vat is not None and _unstated(tariff, rates):
        incl = max(incl, excl * (1 + vat))
    elif vat is not None and low.excl_vat is not None and (None in rates or len(rates) > 1):
        incl = max(incl, min(low.excl_vat, excl) * (1 + vat))
    return excl if net_is_known else max(excl, incl), incl
