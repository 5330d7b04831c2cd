"""Does the lint's algebra of moments agree with the engine's own tests, moment by moment?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.money import currency
from chalicelib.domain.tariff.candidate import active
from chalicelib.domain.tariff.lint.check import lint
from chalicelib.domain.tariff.lint.finding import Code
from chalicelib.domain.tariff.lint.reach import reach_findings
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.rule import Moment
from chalicelib.domain.tariff.tariff import (
    Dimension,
    PriceComponent,
    Restrictions,
    Tariff,
    TariffElement,
    Weekday,
)
from tests.properties.random_tariffs import random_pair

_MOMENTS = 100
_FIRST_BOUND = date(2026, 11, 20)
_AT = datetime(2026, 11, 22, tzinfo=UTC)
_clocks = st.none() | st.sampled_from([time(hour) for hour in (0, 6, 8, 20, 22)])
_days = st.none() | st.sampled_from([date(2026, 11, day) for day in (20, 22, 23, 30)])
_numbers = st.none() | st.sampled_from([Decimal(one) for one in (0, 5, 10, 20)])
_seconds = st.none() | st.sampled_from([0, 600, 1800, 3600])
_weekdays = st.just(()) | st.sets(st.sampled_from(list(Weekday)), min_size=1).map(
    lambda days: tuple(sorted(days, key=list(Weekday).index))
)
_rules = st.builds(
    Restrictions,
    start_time=_clocks,
    end_time=_clocks,
    start_date=_days,
    end_date=_days,
    min_kwh=_numbers,
    max_kwh=_numbers,
    min_power=_numbers,
    min_duration_s=_seconds,
    max_duration_s=_seconds,
    day_of_week=_weekdays,
)
_simple = st.builds(
    Restrictions, start_time=_clocks, end_time=_clocks, min_kwh=_numbers, day_of_week=_weekdays
)
_elements = st.lists(
    st.builds(
        TariffElement,
        st.sets(st.sampled_from([Dimension.ENERGY, Dimension.TIME]), min_size=1).map(
            lambda kinds: tuple(PriceComponent(kind, Decimal(1), 1) for kind in sorted(kinds))
        ),
        st.just(Restrictions()) | _simple | _rules,
    ),
    min_size=1,
    max_size=6,
).map(tuple)


def _tariff(elements: tuple[TariffElement, ...]) -> Tariff:
    return Tariff("DE", "TST", "T1", currency("EUR"), elements, _AT)


def _moments(seed: int) -> list[Moment]:
    """On the bounds, beside them and anywhere."""
    chance = Random(seed)
    return [
        Moment(
            chance.choice((0, 6, 8, 20, 22)) * 3600 + chance.choice((0, 0, 1, 1799, 3599)),
            date(2026, 11, 19) + timedelta(days=chance.randrange(14)),
            Decimal(chance.choice((0, 1, 5, 7, 10, 20, 99))),
            chance.choice((0, 1, 599, 600, 1800, 3600, 9999)),
            Decimal(chance.choice((0, 4, 5, 10, 20, 50))),
            None,
        )
        for _ in range(_MOMENTS)
    ]


def _corners(rules: list[Restrictions]) -> Iterator[Moment]:
    """The lower corner of every region that the bounds cut out, so that none is missed."""
    clocks = {at for one in rules for at in (one.start_time, one.end_time) if at}
    energies = {kwh for one in rules for kwh in (one.min_kwh, one.max_kwh) if kwh}
    spans = {span for one in rules for span in (one.min_duration_s, one.max_duration_s) if span}
    powers = {one.min_power for one in rules if one.min_power}
    days = [_FIRST_BOUND + timedelta(days=day) for day in range(-7, 17)]  # a week each side
    axes = (
        sorted({0, *(at.hour * 3600 for at in clocks)}),
        days,
        sorted({Decimal(0), *energies}),
        sorted({0, *spans}),
        sorted({Decimal(0), *powers}),
    )
    return (Moment(*corner, None) for corner in product(*axes))


@given(_elements, st.integers(0, 2**32))
def test_what_is_called_unreachable_is_active_at_no_moment(
    elements: tuple[TariffElement, ...], seed: int
) -> None:
    tariff = _tariff(elements)
    findings = list(reach_findings(tariff))
    never = {one.place for one in findings if one.code in (Code.SHADOWED, Code.NEVER_HOLDS)}
    prepared = prepare(tariff, "UTC")
    for moment in _moments(seed):
        for candidates in (prepared.energy, prepared.time):
            found = active(candidates, moment)
            if found is None:
                continue
            place = f"elements[{found.basis.element}]"
            kinds = [one.type for one in elements[found.basis.element].price_components]
            count = kinds.index(found.component.type)
            assert place not in never
            assert f"{place}.restrictions" not in never
            assert f"{place}.price_components[{count}]" not in never


@given(_elements, st.integers(0, 2**32))
def test_where_no_gap_is_told_a_price_is_active_at_every_moment(
    elements: tuple[TariffElement, ...], seed: int
) -> None:
    """Of the types that can be billed at all: an element that never holds is told as such."""
    findings = list(reach_findings(_tariff(elements)))
    codes = {one.code for one in findings}
    never = {one.place.partition(".")[0] for one in findings if one.code is Code.NEVER_HOLDS}
    billable = {
        component.type
        for number, element in enumerate(elements)
        for component in element.price_components
        if f"elements[{number}]" not in never
    }
    prepared = prepare(_tariff(elements), "UTC")
    for moment in _moments(seed) if billable else ():
        energy, timed = active(prepared.energy, moment), active(prepared.time, moment)
        if energy is None and timed is None:
            assert Code.NO_FALLBACK in codes
        elif energy is None:
            assert Code.ENERGY_GAP in codes or Dimension.ENERGY not in billable
        elif timed is None:
            assert Code.FREE_TIME in codes or Dimension.TIME not in billable


@given(_elements)
def test_what_is_not_called_unreachable_can_be_reached(
    elements: tuple[TariffElement, ...],
) -> None:
    tariff = _tariff(elements)
    never = (Code.SHADOWED, Code.NEVER_HOLDS)
    found = {one.place for one in reach_findings(tariff) if one.code in never}
    dead = {int(place[9 : place.index("]")]) for place in found if "price_comp" not in place}
    prepared = prepare(tariff, "UTC")
    missing = set(range(len(elements))) - dead
    for moment in _corners([element.restrictions for element in elements]):
        for candidates in (prepared.energy, prepared.time):
            chosen = active(candidates, moment)
            if chosen is not None:
                missing.discard(chosen.basis.element)
        if not missing:
            break
    assert not missing


@given(st.integers(0, 2**32))
def test_any_tariff_can_be_checked(seed: int) -> None:
    for tariff in random_pair(Random(seed)).tariffs:
        found = lint(tariff, _AT)
        assert all(one.text and one.code in Code for one in found)
