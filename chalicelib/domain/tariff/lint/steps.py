"""Do the step sizes mean what their CPO thinks? (OCPI mod_tariffs, PriceComponent.step_size)"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.domain.tariff.lint.finding import Code, Finding, component_place
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Tariff

_WH, _HOUR_S, _MINUTE_S = 1000, 3600, 60
_ENERGY_LARGE_WH = 1000
_TIME_LARGE_S = 300
_TIMED = (Dimension.TIME, Dimension.PARKING_TIME)
_CENT = Decimal("0.01")
_Found = tuple[int, int, PriceComponent]


def step_findings(tariff: Tariff) -> Iterator[Finding]:
    every = [
        (number, count, one)
        for number, element in enumerate(tariff.elements)
        for count, one in enumerate(element.price_components)
    ]
    for number, count, one in every:
        place = component_place(number, count, "step_size")
        if one.type is Dimension.FLAT:
            if one.step_size > 1:
                text = f"a FLAT has nothing to round: {one.step_size} is ignored, write 1"
                yield Finding(Code.STEP_IGNORED, place, text)
        elif one.step_size == 0:
            yield Finding(Code.STEP_ZERO, place, "0 was read as no rounding; write 1 to say so")
        elif one.type is Dimension.ENERGY:
            yield from _energy(place, one, tariff.currency)
        else:
            yield from _time(place, one, tariff.currency)
    session = [found for found in every if _in_session(tariff, found[0])]
    yield from _differ(session, (Dimension.ENERGY,), "the whole energy")
    yield from _differ(session, _TIMED, "the time")


def _in_session(tariff: Tariff, element: int) -> bool:
    return tariff.elements[element].restrictions.reservation is None


def _energy(place: str, one: PriceComponent, currency: str) -> Iterator[Finding]:
    if one.step_size < _ENERGY_LARGE_WH:
        return
    most = (one.step_size - 1) * one.price / _WH
    text = (
        f"the unit is Wh: every begun {Decimal(one.step_size) / _WH} kWh is billed, up to"
        f" {_money(most)} {currency} for nothing. For billing by use write 1"
    )
    yield Finding(Code.STEP_LARGE, place, text)


def _time(place: str, one: PriceComponent, currency: str) -> Iterator[Finding]:
    step = one.step_size
    if 1 < step < _MINUTE_S:
        text = f"the unit is seconds: if {step} minutes are meant, write {step * _MINUTE_S}"
        yield Finding(Code.STEP_UNIT, place, text)
    elif step > _TIME_LARGE_S:
        most = (step - 1) * one.price / _HOUR_S
        text = (
            f"every begun {_length(step)} is billed, up to {_money(most)} {currency} for nothing."
            " For billing by the minute write 60"
        )
        yield Finding(Code.STEP_LARGE, place, text)


def _length(step: int) -> str:
    return f"{step // _MINUTE_S} minutes" if step % _MINUTE_S == 0 else f"{step} seconds"


def _differ(every: list[_Found], kinds: tuple[Dimension, ...], what: str) -> Iterator[Finding]:
    """The last component that is billed rounds for all of its kind: nobody can foresee which."""
    mine = [found for found in every if found[2].type in kinds]
    sizes = {max(one.step_size, 1) for _, _, one in mine}
    if len(sizes) > 1:
        first = max(mine[0][2].step_size, 1)
        number, count, _ = next(f for f in mine if max(f[2].step_size, 1) != first)
        listed = ", ".join(str(size) for size in sorted(sizes))
        text = (
            f"the steps {listed} differ: {what} of a session is rounded once, by the component"
            " that was billed last. Give all of them one step"
        )
        yield Finding(Code.STEPS_DIFFER, component_place(number, count, "step_size"), text)


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
