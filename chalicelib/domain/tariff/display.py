"""Which prices is a driver shown before a charge, in which order, and when do they change?

Source: Regulation (EU) 2023/1804 (AFIR) art. 5(4): ad hoc from 50 kW on, a price per kWh and,
against long occupancy, one per minute; below it per kWh, per minute, per session, then any other
component. Art. 5(5) has a driver's provider tell all components before the session.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.candidate import Candidate, active
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.rule import Moment
from chalicelib.domain.tariff.tariff import Dimension, PriceLimit, Tariff
from chalicelib.domain.tariff.usage import Usage
from chalicelib.domain.tariff.walk import length_s, steps

FAST_W = 50_000  # AFIR art. 5(4): publicly accessible points of 50 kW or more
_MINUTES = 60  # of an hour, which OCPI's prices of time are for
_SHOWN = Decimal("0.0001")


class Per(StrEnum):
    """In the order in which they are shown."""

    KWH = "kWh"
    MINUTE = "minute"
    SESSION = "session"


class Of(StrEnum):
    ENERGY = "energy"
    CHARGING = "charging"  # time in which the car takes power
    OCCUPANCY = "occupancy"  # time in which it only stands there
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class ShownPrice:
    """`amount` per unit with at most 4 decimals (half up), VAT included if `vat_included`."""

    per: Per
    of: Of
    amount: Decimal
    vat_included: bool
    element: int


@dataclass(frozen=True, slots=True)
class PricesFrom:
    """What applies from an instant of the plan on: so long after arrival, with so much charged."""

    at: datetime
    after_s: int
    after_kwh: Decimal
    prices: tuple[ShownPrice, ...]


@dataclass(frozen=True, slots=True)
class OtherPart:
    """Something else that decides the price: its stable code, and the sentence for the driver."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class PriceDisplay:
    """`stages`: the first applies at arrival, each later one is a change within the plan.

    `fast`: the point gives 50 kW or more. `others` stand last, as AFIR asks. `departures` name
    what AFIR does not foresee at a fast point: it is shown all the same, since it will be billed.
    """

    fast: bool
    stages: tuple[PricesFrom, ...]
    others: tuple[OtherPart, ...]
    departures: tuple[OtherPart, ...]


def display(
    prepared: PreparedTariff, planned: Usage, power_max_w: int, vat: Decimal | None = None
) -> PriceDisplay:
    """`vat` is the fraction that the driver pays on prices that state none; None: shown net."""
    with localcontext(EXACT):
        stages = tuple(_stages(prepared, planned, vat))
    shown = [price for stage in stages for price in stage.prices]
    fast = power_max_w >= FAST_W
    departures = tuple(_departures(shown)) if fast else ()
    return PriceDisplay(fast, stages, tuple(_others(prepared)), departures)


def _stages(prepared: PreparedTariff, planned: Usage, vat: Decimal | None) -> Iterator[PricesFrom]:
    before: tuple[ShownPrice, ...] | None = None
    billed = False
    for step in steps(prepared, planned, planned.periods):
        flat = None if billed else active(prepared.flat, step.moment)
        billed = billed or flat is not None
        running = _running(prepared, step.moment, vat)
        if running != before or flat is not None:
            once = () if flat is None else (_shown(flat, Per.SESSION, Of.SESSION, vat),)
            at = step.period.start
            yield PricesFrom(at, length_s(planned.start, at), step.moment.kwh, (*running, *once))
        before = running


def _running(
    prepared: PreparedTariff, moment: Moment, vat: Decimal | None
) -> tuple[ShownPrice, ...]:
    wanted = (
        (prepared.energy, Per.KWH, Of.ENERGY),
        (prepared.time, Per.MINUTE, Of.CHARGING),
        (prepared.parking, Per.MINUTE, Of.OCCUPANCY),
    )
    found = ((active(part, moment), per, of) for part, per, of in wanted)
    return tuple(_shown(one, per, of, vat) for one, per, of in found if one is not None)


def _shown(one: Candidate, per: Per, of: Of, vat: Decimal | None) -> ShownPrice:
    unstated = one.factor is None and not one.inclusive
    amount = one.gross * (1 + vat) if unstated and vat is not None else one.gross
    unit = amount / _MINUTES if per is Per.MINUTE else amount
    places = unit.quantize(_SHOWN, ROUND_HALF_UP).normalize()
    return ShownPrice(per, of, places, not unstated or vat is not None, one.basis.element)


def _departures(shown: list[ShownPrice]) -> Iterator[OtherPart]:
    kinds = {price.of for price in shown if price.amount}
    if Of.ENERGY not in kinds:
        yield OtherPart("no_price_per_kwh", "This point has no price per kWh.")
    if Of.CHARGING in kinds:
        text = "The time of charging is billed beside the energy."
        yield OtherPart("charging_per_minute", text)
    if Of.SESSION in kinds:
        yield OtherPart("price_per_session", "A price per session is billed beside the energy.")


def _others(prepared: PreparedTariff) -> Iterator[OtherPart]:
    tariff = prepared.tariff
    for code, words, limit in (
        ("min_price", "A session costs at least", tariff.min_price),
        ("max_price", "A session costs at most", tariff.max_price),
    ):
        if limit is not None:
            yield OtherPart(code, f"{words} {_limit(limit, tariff)}.")
    yield from _blocks(prepared)
    if prepared.reserved_time or prepared.reserved_flat:
        yield OtherPart("reservation", "A reservation is billed for itself.")


def _limit(limit: PriceLimit, tariff: Tariff) -> str:
    if limit.incl_vat is not None:
        return f"{limit.incl_vat:f} {tariff.currency}, VAT included"
    return f"{limit.excl_vat or Decimal(0):f} {tariff.currency}, VAT not included"


def _blocks(prepared: PreparedTariff) -> Iterator[OtherPart]:
    """Steps that a driver would notice: more than a Wh or a second."""
    seen = set[tuple[Dimension, Decimal]]()
    for one in (*prepared.energy, *prepared.time, *prepared.parking):
        kind, step = one.component.type, one.step
        if step is None or one.component.step_size <= 1 or (kind, step) in seen:
            continue
        seen.add((kind, step))
        if kind is Dimension.ENERGY:
            text = f"Energy is billed in steps of {step:f} kWh, rounded up."
        else:
            what = "Charging time" if kind is Dimension.TIME else "Occupancy"
            text = f"{what} is billed in steps of {_time(int(step))}, rounded up."
        yield OtherPart("step_size", text)


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds % 60 else f"{seconds // 60} min"
