"""What does a golden case expect, and what came out, in the same few words?

Amounts are decimals or fractions ("590/119"), or "unknown". A warning is its code and perhaps the
greatest amount that it can matter ("flat_once 5.00"). A line is a component in a period:
    09:00 TIME 21 min x 6 = 2.10 by 0            (element 0; a step adds: 19 + 2 min)
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from chalicelib.domain.tariff.result import LimitEffect, PriceLine, PriceWarning, TaxPart
from chalicelib.domain.tariff.tariff import Dimension

_NEARLY = Fraction(1, 10**20)  # an engine's quotient that does not terminate ends somewhere
_MINUTE_S = 60
Line = tuple[str, str, str, Fraction, Fraction, Fraction, Fraction]


def amount(text: str) -> Fraction | None:
    """None: it cannot be known."""
    return None if text == "unknown" else Fraction(text)


def same(found: Decimal | None, wanted: Fraction | None) -> bool:
    if found is None or wanted is None:
        return found is None and wanted is None
    return abs(Fraction(found) - wanted) < _NEARLY


def warnings_differ(found: Iterable[PriceWarning], wanted: Iterable[str]) -> list[str]:
    """What a case misses or did not expect, in words; empty when all is as it says."""
    off: dict[str, Decimal] = {}
    problems: list[str] = []
    for warning in found:
        off[warning.code] = off.get(warning.code, Decimal(0)) + warning.off
        if not warning.text:
            problems.append(f"{warning.code} says nothing")
    for text in wanted:
        code, *most = text.split()
        if code not in off:
            problems.append(f"{code} was not given")
        elif most and not same(off[code], amount(most[0])):
            problems.append(f"{code} says {off[code]}, expected {most[0]}")
    expected = {text.split()[0] for text in wanted}
    return problems + [f"{code} was given" for code in off if code not in expected]


def lines_of(text: str) -> list[Line]:
    """`09:00 ENERGY 0.4 + 0.8 kWh x 0.50 = 0.60 by 0` of every line."""
    return sorted(_line(line) for line in text.strip().splitlines())


def _line(text: str) -> Line:
    used, _, money = text.partition(" x ")
    at, dimension, volume, *rest = used.split()
    extra = rest[1] if "+" in rest else "0"
    price, _, cost, _, element = money.split()
    used_and_added = Fraction(volume), Fraction(extra)
    return (at, dimension, element, *used_and_added, Fraction(price), Fraction(cost))


def lines_found(lines: Sequence[PriceLine]) -> list[Line]:
    """Minutes for seconds."""
    return sorted(
        (
            f"{line.start:%H:%M}",
            line.basis.dimension.value,
            str(line.basis.element),
            _shown(line, line.volume),
            _shown(line, line.step_extra),
            Fraction(line.basis.price),
            Fraction(line.excl_vat),
        )
        for line in lines
    )


def _shown(line: PriceLine, quantity: Decimal) -> Fraction:
    timed = line.basis.dimension in (Dimension.TIME, Dimension.PARKING_TIME)
    return Fraction(quantity) / (_MINUTE_S if timed else 1)


def taxes_of(text: str) -> list[tuple[Fraction, Fraction]]:
    """`20 % of 2.00` of every line: a rate, and what is billed at it."""
    parts = [line.split(" % of ") for line in text.strip().splitlines()]
    return sorted((Fraction(rate), Fraction(net)) for rate, net in parts)


def taxes_found(parts: Iterable[TaxPart]) -> list[tuple[Fraction, Fraction]]:
    return sorted((Fraction(part.vat or 0), Fraction(part.excl_vat)) for part in parts)


def limits_differ(found: Sequence[LimitEffect], wanted: Sequence[str]) -> list[str]:
    shown = [f"{one.name} {one.excl_vat} {one.incl_vat}" for one in found]
    if len(found) != len(wanted):
        return [f"{shown} instead of {list(wanted)}"]
    problems: list[str] = []
    for effect, text in zip(found, wanted, strict=True):
        name, excl, incl = text.split()
        sums = same(effect.excl_vat, amount(excl)) and same(effect.incl_vat, amount(incl))
        if effect.name != name or not sums:
            problems.append(f"{shown} instead of {text}")
    return problems
