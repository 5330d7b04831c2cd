"""Where do the engine and the reference disagree about one pair? In words; an empty list: nowhere.

Compared: the total on both sides of tax, the total before limits, each component's line, and each
period's. The engine divides once, with 80 digits, and the reference keeps fractions: equal means
equal to 20 digits.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price, price_session
from chalicelib.domain.tariff.result import Price, PriceLine
from chalicelib.domain.tariff.tariff import Dimension, TaxIncluded
from tests.properties.pair_traits import traits_of
from tests.properties.random_tariffs import Pair
from tests.properties.reference_billing import ENERGY, FLAT, SECONDS_PER_HOUR, Billed
from tests.properties.reference_money import Amounts, owed
from tests.properties.tariff_reference import (
    Reckoning,
    reference_price,
    reference_session_price,
)

CLOSE = 10**20
UNSURE = {"limit_one_side", "limit_not_verifiable"}  # of nothing, no side can be worked out

Key = tuple[str, int, Dimension, bool, Decimal, Decimal | None]
Sums = tuple[Fraction, Fraction, Amounts]  # quantity as billed, what rounding added, what it costs


def compared(pair: Pair) -> tuple[list[str], list[str]]:
    """Differences, and what occurred in the pair."""
    wanted = reference(pair)
    return differences(pair, wanted), traits_of(pair, wanted)


def differences(pair: Pair, wanted: Reckoning) -> list[str]:
    found = engine_price(pair)
    return [
        *_contradictions(found),
        *_totals(found, wanted),
        *_components(found, wanted),
        *_periods(found, wanted),
    ]


def engine_price(pair: Pair) -> Price:
    default, *others = (prepare(tariff, pair.zone) for tariff in pair.tariffs)
    if not others:
        return price(default, pair.usage)
    named = {one.tariff.id: one for one in (default, *others)}
    return price_session(named, pair.usage, default)


def reference(pair: Pair) -> Reckoning:
    default, *others = pair.tariffs
    if not others:
        return reference_price(default, pair.zone, pair.usage)
    named = {tariff.id: tariff for tariff in pair.tariffs}
    return reference_session_price(named, pair.zone, pair.usage, default)


def _contradictions(found: Price) -> Iterator[str]:
    """What a price says of itself must hold without any reference."""
    if found.limit != (found.limits[-1].name if found.limits else ""):
        yield f"limit is {found.limit!r}, and the limits were {found.limits}"
    for effect in found.limits:
        if effect.name not in {"min_price", "max_price"} or not effect.tariff_id:
            yield f"a limit without a name or a tariff: {effect}"
    for warning in found.warnings:
        if not warning.text or warning.off < 0:
            yield f"half a warning: {warning}"


def _totals(found: Price, wanted: Reckoning) -> Iterator[str]:
    """Where a limit leaves one side unknown, the engine may name figures if it says so."""
    codes = {warning.code for warning in found.warnings}
    known = (wanted.total.excl is not None, wanted.total.incl is not None)
    if known != (wanted.before.excl is not None, wanted.before.incl is not None):
        if not codes & UNSURE:
            yield f"a limit leaves a side unknown, and the warnings are only {sorted(codes)}"
        return
    excl = found.excl_vat if found.excl_known else None
    pairs = ("excl_vat", excl, wanted.total.excl), ("incl_vat", found.incl_vat, wanted.total.incl)
    yield from _unequal("total", *pairs)
    if None in (*pairs[0][1:], *pairs[1][1:]):
        return
    taxes = {part.vat: part for part in found.taxes}
    for rate, amounts in wanted.parts.items():
        part = taxes.get(rate)
        if part is not None:
            yield from _unequal(f"tax {rate}", *_costs(part.excl_vat, part.incl_vat, amounts))
        elif amounts.excl or amounts.incl:
            yield f"tax {rate}: only in the reference"


def _components(found: Price, wanted: Reckoning) -> Iterator[str]:
    """Each component of a tariff: quantity, what rounding added, and what is owed for it."""
    mine: dict[Key, Sums] = {}
    for use in wanted.uses:
        quantity, step, amounts = mine.get(_key(use), (Fraction(0), Fraction(0), Amounts()))
        unit = _unit(use)
        mine[_key(use)] = (
            quantity + (use.quantity + use.step) * unit,
            step + use.step * unit,
            amounts + owed(use),
        )
    theirs = {
        (of.tariff_id, of.element, of.dimension, of.reservation, of.price, of.vat): one
        for one in found.components
        for of in (one.basis,)
    }
    if len(theirs) != len(found.components):
        yield "two sums for one component"
    for key in mine.keys() ^ theirs.keys():
        yield f"component {_named(key)}: only in the {'engine' if key in theirs else 'reference'}"
    for key in mine.keys() & theirs.keys():
        one, (quantity, step, amounts) = theirs[key], mine[key]
        yield from _unequal(
            f"component {_named(key)}",
            ("quantity", one.quantity, quantity),
            ("step_extra", one.step_extra, step),
            *_costs(one.excl_vat, one.incl_vat, amounts),
        )


def _periods(found: Price, wanted: Reckoning) -> Iterator[str]:
    """Each use of a component: in which period, by which element, and how much."""
    theirs = {(one.period, one.basis.dimension, one.basis.reservation): one for one in found.lines}
    mine = {(one.period, one.component.type, one.reserved): one for one in wanted.uses}
    if len(theirs) != len(found.lines):
        yield "two period lines for one dimension"
    for key in mine.keys() ^ theirs.keys():
        yield f"period {key}: only in the {'engine' if key in theirs else 'reference'}"
    for key in mine.keys() & theirs.keys():
        yield from _one_use(theirs[key], mine[key])


def _one_use(line: PriceLine, use: Billed) -> Iterator[str]:
    basis = line.basis
    what = f"period {line.period} {basis.dimension.value}"
    if (basis.tariff_id, basis.element) != (use.tariff.id, use.element):
        yield f"{what}: {basis.tariff_id} {basis.element}, reference {use.tariff.id} {use.element}"
    yield from _unequal(
        what,
        ("volume", line.volume, use.quantity * _unit(use)),
        ("step_extra", line.step_extra, use.step * _unit(use)),
        *_costs(line.excl_vat, line.incl_vat, owed(use)),
    )


def _costs(
    excl: Decimal, incl: Decimal | None, amounts: Amounts
) -> Iterator[tuple[str, Decimal | None, Fraction | None]]:
    """A line without a known net shows the gross; the total says that it is not known."""
    if amounts.excl is not None:
        yield "excl_vat", excl, amounts.excl
    yield "incl_vat", incl, amounts.incl


def _unequal(what: str, *pairs: tuple[str, Decimal | None, Fraction | None]) -> Iterator[str]:
    for name, one, other in pairs:
        if not _equal(one, other):
            yield f"{what}: {name} {one}, reference {_shown(other)}"


def _key(use: Billed) -> Key:
    """Where no tax is due, a line states no rate, whatever its component says (T 19)."""
    part, untaxed = use.component, use.tariff.tax_included is TaxIncluded.NA
    vat = None if untaxed else part.vat
    return (use.tariff.id, use.element, part.type, use.reserved, part.price, vat)


def _unit(use: Billed) -> int:
    """The engine's lines count seconds."""
    return 1 if use.component.type in (ENERGY, FLAT) else SECONDS_PER_HOUR


def _named(key: Key) -> str:
    tariff, element, kind, reserved, price_, vat = key
    return f"{tariff}/{element} {'reserved ' * reserved}{kind.value} {price_} vat {vat}"


def _equal(found: Decimal | None, wanted: Fraction | None) -> bool:
    if found is None or wanted is None:
        return found is None and wanted is None
    if not found:
        return not wanted
    above, below = found.as_integer_ratio()
    apart = abs(above * wanted.denominator - wanted.numerator * below)
    return apart * CLOSE < below * wanted.denominator


def _shown(amount: Fraction | None) -> str:
    return "unknown" if amount is None else f"{amount} ({float(amount):.6f})"
