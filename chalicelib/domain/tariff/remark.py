"""Which readings does the use of one component need, and what is at stake?"""

from decimal import Decimal

from chalicelib.domain.tariff.candidate import Candidate
from chalicelib.domain.tariff.meter import Meter, Notes
from chalicelib.domain.tariff.prepare import PreparedTariff
from chalicelib.domain.tariff.tariff import Dimension

_HOUR_S = 3600
_WH = Decimal("0.001")
_HUNDRED = 100
_ZERO = Decimal(0)
HIGHEST_VAT = Decimal(27)  # percent: Hungary's, the highest of the EU
_TIMED = (Dimension.TIME, Dimension.PARKING_TIME)
_TEXTS = {
    "negative_price": "a price below nothing was taken as a rebate",
    "whole_day": "a start_time that is the end_time was read as the whole day",
    "step_zero": "a step_size of 0 was read as none: parts of a Wh are billed as they are",
    "net_from_gross": "prices include tax: the net was derived by each component's own rate",
    "net_not_derivable": "prices include tax at a rate that is not stated: the net is not known",
    "tax_contradiction": "no tax applies to this tariff, yet a component states a rate: left out",
}


def remark(
    tariff: PreparedTariff, candidate: Candidate, quantity: Decimal, meter: Meter, notes: Notes
) -> None:
    """`quantity` is what is billed."""
    if candidate.basis.dimension in _TIMED:
        quantity /= _HOUR_S
    for code in candidate.remarks:
        off = _off(code, tariff, candidate, quantity, meter)
        if off is not None:
            notes.add(code, _TEXTS[code], abs(off))


def _off(
    code: str, tariff: PreparedTariff, candidate: Candidate, quantity: Decimal, meter: Meter
) -> Decimal | None:
    """The most it could matter; None: this time it does not come up."""
    cost = quantity * candidate.net
    if code == "net_from_gross":
        return _ZERO
    if code == "net_not_derivable":
        return cost * HIGHEST_VAT / (_HUNDRED + HIGHEST_VAT)
    if code == "tax_contradiction":
        return cost * (candidate.component.vat or _ZERO) / _HUNDRED
    if code == "whole_day":
        return _spread(tariff, candidate) * abs(quantity)
    if code == "step_zero":
        return _part_of_a_wh(candidate, meter)
    return cost


def _spread(tariff: PreparedTariff, candidate: Candidate) -> Decimal:
    """If the element never held, another would have, or none."""
    low, high = tariff.spans[candidate.basis.dimension, candidate.basis.reservation]
    return max(abs(low - candidate.net), abs(high - candidate.net))


def _part_of_a_wh(candidate: Candidate, meter: Meter) -> Decimal | None:
    """What the default step of 1 Wh would add."""
    if candidate is not meter.energy:
        return None
    part = meter.total(candidate) % _WH
    return (_WH - part) * candidate.net if part > 0 else None
