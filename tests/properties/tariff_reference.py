"""What does a session cost, worked out again in the plainest way? Fractions, no shortcuts.

Written from OCPI's text and our readings, not from the engine: it shares the input values and
nothing else. Slow on purpose; the properties and `bench/pricing.py --differences` compare with it.
"""

from collections.abc import Iterator
from datetime import datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from chalicelib.domain.tariff.tariff import (
    Dimension,
    PriceComponent,
    PriceLimit,
    Reservation,
    Restrictions,
    Tariff,
)
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

Billed = tuple[Dimension, PriceComponent, Fraction]  # quantities in kWh, hours and sessions
Amounts = tuple[Fraction, Fraction | None]


def reference_price(tariff: Tariff, zone: str, usage: Usage) -> Amounts:
    """Total excl. and incl. VAT (None without a VAT statement)."""
    billed = list(_session(tariff, ZoneInfo(zone), usage))
    billed = _stepped(billed, (Dimension.ENERGY,))
    billed = _stepped(billed, (Dimension.TIME, Dimension.PARKING_TIME))
    excl, incl = Fraction(0), Fraction(0)
    stated = True
    for _, component, quantity in billed:
        cost = Fraction(component.price) * quantity
        excl += cost
        if component.vat is not None:
            incl += cost * (1 + Fraction(component.vat) / 100)
        elif cost:
            stated = False
    return _limited(tariff, excl, incl if stated else None)


def _session(tariff: Tariff, zone: ZoneInfo, usage: Usage) -> Iterator[Billed]:
    flat_done, kwh = False, Fraction(0)
    for period in usage.periods:
        gone = int((period.start - usage.periods[0].start).total_seconds())

        def component(
            kind: Dimension,
            period: ChargingPeriod = period,
            gone: int = gone,
            kwh: Fraction = kwh,
        ) -> PriceComponent | None:
            return _component(tariff, kind, period, period.start.astimezone(zone), gone, kwh)

        flat = component(Dimension.FLAT)
        if flat is not None and not flat_done:
            flat_done = True
            yield Dimension.FLAT, flat, Fraction(1)
        for kind, volume in (
            (Dimension.ENERGY, period.energy_kwh),
            (Dimension.TIME, period.time_h),
            (Dimension.PARKING_TIME, period.parking_time_h),
        ):
            found = component(kind)
            if found is not None and volume:
                exact = Fraction(volume)
                if kind is not Dimension.ENERGY:
                    exact = Fraction(round(exact * 3600), 3600)
                yield kind, found, exact
        kwh += Fraction(period.energy_kwh or 0)


def _component(
    tariff: Tariff,
    kind: Dimension,
    period: ChargingPeriod,
    local: datetime,
    gone: int,
    kwh: Fraction,
) -> PriceComponent | None:
    for element in tariff.elements:
        for component in element.price_components:
            if component.type is kind and _holds(element.restrictions, period, local, gone, kwh):
                return component
    return None


def _holds(
    limits: Restrictions, period: ChargingPeriod, local: datetime, gone: int, kwh: Fraction
) -> bool:
    if limits.reservation in (Reservation.RESERVATION, Reservation.RESERVATION_EXPIRES):
        return False
    power, current = period.min_power_kw, period.min_current_a
    return (
        _within(limits.min_kwh, kwh, limits.max_kwh)
        and _within(limits.min_duration_s, gone, limits.max_duration_s)
        and (power is None or _within(limits.min_power, power, limits.max_power))
        and (current is None or _within(limits.min_current, current, limits.max_current))
        and (not limits.day_of_week or local.strftime("%A").upper() in limits.day_of_week)
        and (limits.start_date is None or limits.start_date <= local.date())
        and (limits.end_date is None or local.date() < limits.end_date)
        and _time_of_day(limits.start_time, limits.end_time, local.time())
    )


def _within(low: object, value: object, high: object) -> bool:
    number = Fraction(str(value))
    above = low is None or Fraction(str(low)) <= number
    return above and (high is None or number < Fraction(str(high)))


def _time_of_day(start: time | None, end: time | None, now: time) -> bool:
    begin, until = start or time(0), end or time(0)
    if begin == until:
        return True
    if until == time(0) or begin < until:
        return begin <= now and (until == time(0) or now < until)
    return now >= begin or now < until


def _stepped(billed: list[Billed], kinds: tuple[Dimension, ...]) -> list[Billed]:
    """The last of these kinds takes what its step adds to the total of its own kind."""
    places = [number for number, (kind, _, _) in enumerate(billed) if kind in kinds]
    if not places:
        return billed
    kind, component, quantity = billed[places[-1]]
    if not component.step_size:
        return billed
    total = sum((one[2] for one in billed if one[0] is kind), Fraction(0))
    step = Fraction(component.step_size, 1000 if kind is Dimension.ENERGY else 3600)
    blocks = -(-total // step)
    changed = list(billed)
    changed[places[-1]] = (kind, component, quantity + blocks * step - total)
    return changed


def _limited(tariff: Tariff, excl: Fraction, incl: Fraction | None) -> Amounts:
    """Only limits that name both sides are compared: what else is our own apportioning."""
    low = tariff.min_price or PriceLimit()
    high = tariff.max_price or PriceLimit()
    if low.excl_vat is not None:
        excl = max(excl, Fraction(low.excl_vat))
    if high.excl_vat is not None:
        excl = min(excl, Fraction(high.excl_vat))
    if incl is not None and low.incl_vat is not None:
        incl = max(incl, Fraction(low.incl_vat))
    if incl is not None and high.incl_vat is not None:
        incl = min(incl, Fraction(high.incl_vat))
    return excl, incl
