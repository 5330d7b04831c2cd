"""Does a CDR claim what the published tariff says, and if not, by how much is it too much?

OCPI leaves rounding open on purpose, so a cent of difference is agreement.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.usage import Cost

_ZERO = Decimal(0)


class Verdict(StrEnum):
    AGREES = "agrees"
    OVERCHARGED = "overcharged"
    UNDERCHARGED = "undercharged"
    NOT_VERIFIABLE = "not_verifiable"  # more is claimed, but no more than the report leaves open


@dataclass(frozen=True, slots=True)
class Comparison:
    """The excess of the claim over the price, zero within the tolerance, never negative.

    `excess_incl` is None when either side makes no VAT statement. In every verdict the driver pays
    the lower of both; only an excess is a claim against the CPO.
    """

    verdict: Verdict
    excess_excl: Decimal
    excess_incl: Decimal | None
    reason: str


def compare(price: Price, claim: Cost, tolerance: Decimal = Decimal("0.01")) -> Comparison:
    """Both in one currency; the tolerance is in its major unit, and is itself still agreement."""
    with localcontext(EXACT):
        excl = claim.excl_vat - price.excl_vat
        incl = None
        if claim.incl_vat is not None and price.incl_vat is not None:
            incl = claim.incl_vat - price.incl_vat
        differences = [excl] if incl is None else [excl, incl]
        most, least = max(differences), min(differences)
        reason = _reason(price, claim)
        if most > tolerance:
            verdict = Verdict.OVERCHARGED
            left_open = open_amount(price)
            if left_open and most <= left_open + tolerance:
                verdict = Verdict.NOT_VERIFIABLE
            over = None if incl is None else _over(incl, tolerance)
            return Comparison(verdict, _over(excl, tolerance), over, reason)
    verdict = Verdict.AGREES if least >= -tolerance else Verdict.UNDERCHARGED
    return Comparison(verdict, _ZERO, None if incl is None else _ZERO, reason)


def _over(difference: Decimal, tolerance: Decimal) -> Decimal:
    return difference if difference > tolerance else _ZERO


def open_amount(price: Price) -> Decimal:
    """By how much more a session could cost if read otherwise, with the highest VAT in it.

    A reading whose other can only be less (a period that names no tariff of ours may be free, T 23)
    opens nothing for a claim.
    """
    highest = max((part.vat or _ZERO for part in price.taxes), default=_ZERO)
    return price.uncertainty * (1 + highest / 100)


def _reason(price: Price, claim: Cost) -> str:
    """One line for people: both sums, and which readings were needed."""
    text = f"claimed {_sum(claim.excl_vat, claim.incl_vat)}, "
    text += f"published tariff {_sum(price.excl_vat, price.incl_vat)}"
    if price.limit:
        text += f" ({price.limit})"
    if price.warnings:
        text += f"; readings: {', '.join(warning.code for warning in price.warnings)}"
    return text


def _sum(excl: Decimal, incl: Decimal | None) -> str:
    net = f"{excl:.4f} excl. VAT"
    return net if incl is None else f"{net}, {incl:.4f} incl. VAT"
