"""What do `step_size` and the single start fee make of what was used?

Part of the reference engine (tariff_reference.py): written from OCPI's text and our readings (T).
"""

from dataclasses import replace
from fractions import Fraction

from tests.properties.reference_billing import (
    ENERGY,
    FLAT,
    PARKING,
    SECONDS_PER_HOUR,
    TIME,
    Billed,
)

WH_PER_KWH = 1000


def flat_once(uses: list[Billed]) -> list[Billed]:
    """One FLAT for the session and one for its reservation, each the first there was (T 16)."""
    kept: list[Billed] = []
    for use in uses:
        again = any(one.component.type is FLAT and one.reserved == use.reserved for one in kept)
        if use.component.type is not FLAT or not again:
            kept.append(use)
    return kept


def stepped(uses: list[Billed]) -> list[Billed]:
    """Three roundings: energy; charging and parking time together; reserved time (T 6, 9)."""
    energy = [use for use in uses if use.component.type is ENERGY]
    hours = [use for use in uses if use.component.type in (TIME, PARKING)]
    used = [use for use in hours if not use.reserved]
    reserved = [use for use in hours if use.reserved]
    last = [group[-1] for group in (energy, used, reserved) if group]
    return [_rounded(use, uses) if any(use is one for one in last) else use for use in uses]


def _rounded(last: Billed, uses: list[Billed]) -> Billed:
    """The last use takes what is missing from the total of its own kind to a whole step (T 7)."""
    if not last.component.step_size:
        return last
    per_unit = WH_PER_KWH if last.component.type is ENERGY else SECONDS_PER_HOUR
    step = Fraction(last.component.step_size, per_unit)
    total = sum((use.quantity for use in uses if _shares(use, last)), Fraction(0))
    if total <= 0:  # fed back into the grid: nothing was taken that could be rounded up
        return last
    steps = -(-total // step)
    return replace(last, step=steps * step - total)


def _shares(use: Billed, last: Billed) -> bool:
    """A tariff that was left is not rounded, and does not help to fill another's step (T 9)."""
    return (
        use.component.type is last.component.type
        and use.reserved == last.reserved
        and use.tariff is last.tariff
    )
