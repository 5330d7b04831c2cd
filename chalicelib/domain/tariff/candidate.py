"""Which component of a tariff may be active for a dimension, in which order, and at what rate?"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.result import Basis
from chalicelib.domain.tariff.rule import (
    Check,
    Moment,
    is_whole_day,
    reading_checks,
    slot_checks,
    told,
)
from chalicelib.domain.tariff.tariff import (
    Dimension,
    FirstMatch,
    PriceComponent,
    Reservation,
    Tariff,
    TariffElement,
    TaxIncluded,
)

_HOUR_S = 3600
_WH = 1000
_ZERO = Decimal(0)
_TIMED = (Dimension.TIME, Dimension.PARKING_TIME)


@dataclass(frozen=True, slots=True, eq=False)  # compared and hashed by identity: it is fast
class Candidate:
    """A component that may be active, and the tests of its element.

    `basis` is what its lines say of it; its `vat` is the rate that counts: none where the tariff
    knows no tax. `rate` is the price of one kWh, second or session, times 3600: sums of it stay
    exact, and one division at the end makes money of them. `step` is in kWh or seconds, None:
    nothing to round. `factor` is 1 + tax, None without a statement of tax; with `inclusive` the
    price includes it.
    `tests` are those of its `slot` (date, time, kWh, duration) and of its `readings` together.
    `net` and `gross` are the price of one kWh, hour or session excl. and incl. tax; an unstated tax
    is in both or in neither, as the tariff has it.
    `blocks`: no component at all, an element that lets no later one decide (2.1.1).
    """

    component: PriceComponent
    basis: Basis
    tests: tuple[Check, ...]
    rate: Decimal
    step: Decimal | None
    factor: Decimal | None
    slot: tuple[Check, ...] = ()
    readings: tuple[Check, ...] = ()
    inclusive: bool = False
    blocks: bool = False
    remarks: tuple[str, ...] = ()  # codes of readings that its use needs
    net: Decimal = _ZERO
    gross: Decimal = _ZERO


Candidates = tuple[Candidate, ...]
Spans = dict[tuple[Dimension, bool], tuple[Decimal, Decimal]]


def active(candidates: Candidates, moment: Moment) -> Candidate | None:
    """The first element that holds wins, per dimension; none: the dimension costs nothing."""
    for candidate in candidates:
        for test in candidate.tests:
            if not test(moment):
                break
        else:
            return None if candidate.blocks else candidate
    return None


def active_now(candidates: Candidates, moment: Moment) -> Candidate | None:
    """The same among candidates of a slot, whose date, time and counters are known to hold."""
    for candidate in candidates:
        for test in candidate.readings:
            if not test(moment):
                break
        else:
            return None if candidate.blocks else candidate
    return None


def candidates_of(tariff: Tariff, kind: Dimension, use: Reservation | None) -> Candidates:
    """In order, up to the first that always holds: what stands behind it can never be active."""
    found: list[Candidate] = []
    for number, component in _components(tariff, kind, use):
        candidate = _candidate(tariff, number, component, kind)
        found.append(candidate)
        if not candidate.tests:
            break
    return tuple(found)


def spans(tariff: Tariff) -> Spans:
    """The lowest and highest net price of each dimension, nothing among them, reserved or not."""
    found: Spans = {}
    for element in tariff.elements:
        reserved = element.restrictions.reservation is not None
        for component in element.price_components:
            key = component.type, reserved
            low, high = found.get(key, (_ZERO, _ZERO))
            net = _net_and_gross(tariff, component)[0]
            found[key] = min(low, net), max(high, net)
    return found


def _net_and_gross(tariff: Tariff, component: PriceComponent) -> tuple[Decimal, Decimal]:
    price, factor = component.price, _factor(tariff, component)
    if factor is None:
        return price, price
    with localcontext(EXACT):
        if tariff.tax_included is TaxIncluded.YES:
            return price / factor, price
        return price, price * factor


def _factor(tariff: Tariff, component: PriceComponent) -> Decimal | None:
    if tariff.tax_included is TaxIncluded.NA:
        return Decimal(1)
    return None if component.vat is None else 1 + component.vat / 100


def _components(
    tariff: Tariff, kind: Dimension, use: Reservation | None
) -> Iterator[tuple[int, PriceComponent | None]]:
    for number, element in enumerate(tariff.elements):
        if element.restrictions.reservation is use:
            component = _component(element, kind)
            if component is not None or tariff.first_match is FirstMatch.PER_ELEMENT:
                yield number, component


def _component(element: TariffElement, kind: Dimension) -> PriceComponent | None:
    for component in element.price_components:
        if component.type is kind:
            return component
    return None


def _candidate(
    tariff: Tariff, number: int, component: PriceComponent | None, kind: Dimension
) -> Candidate:
    limits = tariff.elements[number].restrictions
    slot, readings = slot_checks(limits), reading_checks(limits)
    blocks = component is None
    component = PriceComponent(kind, _ZERO) if component is None else component
    net, gross = _net_and_gross(tariff, component)
    return Candidate(
        component=component,
        basis=Basis(
            tariff_id=tariff.id,
            element=number,
            dimension=kind,
            reservation=limits.reservation is not None,
            price=component.price,
            vat=None if tariff.tax_included is TaxIncluded.NA else component.vat,
            why=told(limits),
        ),
        tests=(*slot, *readings),
        rate=component.price if kind in _TIMED else component.price * _HOUR_S,
        step=_step(component),
        factor=_factor(tariff, component),
        slot=slot,
        readings=readings,
        inclusive=tariff.tax_included is TaxIncluded.YES,
        blocks=blocks,
        remarks=tuple(_remarks(tariff, number, component)),
        net=net,
        gross=gross,
    )


def _remarks(tariff: Tariff, number: int, component: PriceComponent) -> Iterator[str]:
    if component.price < 0:
        yield "negative_price"
    if is_whole_day(tariff.elements[number].restrictions):
        yield "whole_day"
    if component.step_size == 0 and component.type is Dimension.ENERGY:
        yield "step_zero"
    if tariff.tax_included is TaxIncluded.YES and component.price:
        yield "net_not_derivable" if component.vat is None else "net_from_gross"
    if tariff.tax_included is TaxIncluded.NA and component.vat:
        yield "tax_contradiction"


def _step(component: PriceComponent) -> Decimal | None:
    """In the unit that is billed; 0 is none, and a FLAT has nothing to round."""
    if component.step_size == 0 or component.type is Dimension.FLAT:
        return None
    step = Decimal(component.step_size)
    return step / _WH if component.type is Dimension.ENERGY else step
