"""Why does a claim differ? Each hypothesis is recomputed; it counts only if it gives the claim."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.claim.money_trials import limit_trials, rounding_trials, vat_trials
from chalicelib.domain.tariff.claim.parts import costs_of, differences
from chalicelib.domain.tariff.claim.reading_trials import (
    clock_trials,
    dimension_trials,
    period_trials,
    step_trials,
    version_trials,
)
from chalicelib.domain.tariff.claim.trial import Case, ReasonCode, Trial
from chalicelib.domain.tariff.usage import Cost, Costs, Part

_OCPI_NUMBER = Decimal("0.00005")
_ZERO = Decimal(0)
_SAME = Decimal("0.0005")  # of a factor: a twentieth of a percent
_TRIALS: tuple[Callable[[Case], Iterator[Trial]], ...] = (
    version_trials,
    vat_trials,
    step_trials,
    period_trials,
    clock_trials,
    limit_trials,
    dimension_trials,
    rounding_trials,
)


class Explains(StrEnum):
    """How much of the claim a hypothesis gives to within a rounding; the more, the likelier."""

    ALL = "total_and_every_part"
    TOTAL = "total"  # of a CDR that states no parts, or others
    NOTHING = "nothing"


_ORDER = {code: number for number, code in enumerate(ReasonCode)}
_RANK = {explains: number for number, explains in enumerate(Explains)}


@dataclass(frozen=True, slots=True)
class Reason:
    """`computed` is what the hypothesis gives; empty where none explains the claim."""

    code: ReasonCode
    how: str
    text: str
    explains: Explains
    computed: Costs
    tariff_hash: str = ""


def reasons(case: Case) -> tuple[Reason, ...]:
    """Every hypothesis that gives the claim, the likeliest first; never empty."""
    with localcontext(EXACT):
        own = costs_of(case.price)
        found = [
            Reason(trial.code, trial.how, trial.text, explains, trial.costs, trial.tariff_hash)
            for trials in _TRIALS
            for trial in trials(case)
            if _differs(case, own, trial.costs)
            and (explains := _explains(case, trial.costs)) is not Explains.NOTHING
        ]
        if not found:
            found = [_described(case, own)]
    return tuple(sorted(found, key=lambda one: (_RANK[one.explains], _ORDER[one.code])))


def _explains(case: Case, costs: Costs) -> Explains:
    if not _near(case, costs, Part.TOTAL):
        return Explains.NOTHING
    parts = [part for part in case.claimed if part is not Part.TOTAL]
    if parts and all(_near(case, costs, part) for part in parts):
        return Explains.ALL
    return Explains.TOTAL


def _near(case: Case, costs: Costs, part: Part) -> bool:
    """Within the rounding of one amount to the minor unit or to OCPI's 4 decimals."""
    more = differences(costs.get(part, Cost(_ZERO, _ZERO)), case.claimed[part])
    within = max(case.minor / 2, _OCPI_NUMBER)
    return all(abs(one) <= within for one in more if one is not None)


def _differs(case: Case, own: Costs, costs: Costs) -> bool:
    """A reading that comes to our own price explains nothing."""
    more = differences(own[Part.TOTAL], costs[Part.TOTAL])
    return any(abs(one) > case.minor / 2 for one in more if one is not None)


def _described(case: Case, own: Costs) -> Reason:
    """Nothing gives the claim; one factor on everything says at least what it looks like."""
    total, ours = case.claimed[Part.TOTAL], own[Part.TOTAL]
    parts = [part for part in case.claimed if part in own and own[part].excl_vat > 0]
    if ours.excl_vat > 0 and len(parts) > 1:
        factor = total.excl_vat / ours.excl_vat
        ratios = [case.claimed[part].excl_vat / own[part].excl_vat for part in parts]
        if all(abs(ratio - factor) <= _SAME * factor for ratio in ratios):
            percent = (abs(factor - 1) * 100).quantize(Decimal("0.1")).normalize()
            more = "more" if factor > 1 else "less"
            text = f"every part is {percent:f} % {more} than by the published tariff: other prices"
            text += " were used, of no version that was published here"
            return Reason(ReasonCode.OTHER_PRICES, "one_factor", text, Explains.NOTHING, {})
    text = "no reading of the published tariff that was tried gives the claim"
    return Reason(ReasonCode.UNKNOWN, "", text, Explains.NOTHING, {})
