"""What will a planned session cost, what may it cost at the worst, and what is to be held?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.planned import PowerStep, plan
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import Usage
from chalicelib.domain.tariff.worst import Bounds, WorstCase, worst_case

__all__ = ["Estimate", "Hold", "HoldReason", "PowerStep", "estimate", "hold_of", "plan"]

MARGIN = Decimal("0.2")  # a car takes more than its driver thinks, and stays longer


@dataclass(frozen=True, slots=True)
class Estimate:
    """`worst` holds for every session within its `bounds`, whatever the plan was."""

    planned: Usage
    expected: Price
    worst: WorstCase


class HoldReason(StrEnum):
    WORST_CASE = "worst_case"
    PREAUTHORIZE_AMOUNT = "preauthorize_amount"  # the CPO asks for more to be held


@dataclass(frozen=True, slots=True)
class Hold:
    amount: Decimal
    reason: HoldReason


def estimate(
    prepared: PreparedTariff,
    start: datetime,
    energy_kwh: Decimal,
    duration_s: int | None,
    margin: Decimal = MARGIN,
    *,
    power: Sequence[PowerStep] = (),
    starts: tuple[datetime, datetime] | None = None,
    vat: Decimal | None = None,
) -> Estimate:
    """Expected: the plan as a charger would report it, priced by the engine.

    Worst: `margin` more of energy and time, begun at any instant of `starts` (none: at `start`),
    each unit at its dearest. `vat` is the driver's rate for prices that state none.
    """
    if energy_kwh < 0:
        raise Invalid("energy_kwh", "must not be less than nothing")
    if duration_s is not None and duration_s <= 0:
        raise Invalid("duration_s", "must be more than nothing")
    planned = plan(prepared, start, energy_kwh, duration_s, power)
    with localcontext(EXACT):
        length = planned.end - planned.start
        longest_s = int((length.days * 86_400 + length.seconds) * (1 + margin))
        earliest, begun_by = starts or (start, start)
        latest = begun_by + timedelta(seconds=longest_s)
        bounds = Bounds(energy_kwh * (1 + margin), longest_s, earliest, latest)
    return Estimate(planned, price(prepared, planned), worst_case(prepared, bounds, vat))


def hold_of(worst_gross: Decimal, tariff: Tariff, *, card: bool) -> Hold:
    """The worst case, or the CPO's `preauthorize_amount` for a card (OCPI 2.3.0) where it is more.

    The CPO knows its sessions, so it may raise the hold; it cannot lower it, since the hold would
    no longer suffice. A maximum price caps the CPO's wish: no session can cost more.
    """
    wish = tariff.preauthorize_amount
    asked = None if wish is None else wish.excl_vat if wish.incl_vat is None else wish.incl_vat
    if not card or asked is None:
        return Hold(worst_gross, HoldReason.WORST_CASE)
    if tariff.max_price is not None and tariff.max_price.incl_vat is not None:
        asked = min(asked, tariff.max_price.incl_vat)
    if asked <= worst_gross:
        return Hold(worst_gross, HoldReason.WORST_CASE)
    return Hold(asked, HoldReason.PREAUTHORIZE_AMOUNT)
