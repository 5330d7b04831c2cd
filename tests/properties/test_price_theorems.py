"""What must hold for every tariff and session? Each test's name states what it presupposes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.tariff.result import Price
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, Reservation, Restrictions
from chalicelib.domain.tariff.usage import Usage
from tests.properties.pair_changes import (
    CLOCK,
    DURATION,
    KWH,
    grown,
    in_order,
    never_rebating,
    per_dimension,
    shifted,
    split,
    told_in_seconds,
    unrestricted,
    with_components,
    with_element,
    with_one_energy_price,
    with_tariffs,
    without_energy_steps,
)
from tests.properties.price_differences import engine_price
from tests.properties.random_tariffs import UPDATED, Pair
from tests.properties.reference_billing import active, moments, stay_of
from tests.properties.tariff_reference import in_force
from tests.properties.tariff_strategies import SEEDED, decimals

TINY = Decimal("1e-25")
NOTHING = Decimal(0)
ONE = SEEDED.map(lambda pair: replace(pair, tariffs=pair.tariffs[:1]))
LATER = ONE.map(lambda pair: with_tariffs(pair, per_dimension))  # than OCPI 2.1.1
SHARES = st.sampled_from([Fraction(0), Fraction(1)]) | st.fractions(0, 1, max_denominator=60)
PLACES = st.integers(0, 10)
NEVER = st.sampled_from(
    [
        Restrictions(start_date=UPDATED.date(), end_date=UPDATED.date()),
        Restrictions(end_date=UPDATED.date() - timedelta(days=9)),
        Restrictions(min_kwh=Decimal(5), max_kwh=Decimal(5)),
        Restrictions(max_duration_s=0),
        Restrictions(min_duration_s=3600, max_duration_s=60),
    ]
)


def _assert_same(one: Price, other: Price, moved: int | None = None) -> None:
    """`moved`: from here on, elements are counted one further in the other price."""
    assert abs(one.excl_vat - other.excl_vat) < TINY
    assert one.excl_known is other.excl_known
    assert (one.incl_vat is None) is (other.incl_vat is None)
    assert abs((one.incl_vat or NOTHING) - (other.incl_vat or NOTHING)) < TINY
    assert _billed(one) == _billed(other, moved)


def _billed(price: Price, moved: int | None = None) -> list[tuple[object, ...]]:
    found = []
    for one in price.components:
        basis = one.basis
        element = basis.element - (moved is not None and basis.element > moved)
        place = (basis.tariff_id, element, basis.dimension, basis.reservation)
        found.append((*place, one.quantity, one.step_extra))
    return sorted(found, key=str)


def _untimed(price: Price) -> Price:
    """Lines and words name instants; codes and amounts stay."""
    return replace(
        price,
        lines=tuple(replace(line, start=UPDATED) for line in price.lines),
        warnings=tuple(replace(one, text="") for one in price.warnings),
    )


def _tidy(pair: Pair) -> Pair:
    """Told to the second: seconds are what is billed, and halves of one would be rounded."""
    usage = in_order(pair.usage)
    periods = tuple(told_in_seconds(period) for period in usage.periods)
    return replace(pair, usage=replace(usage, periods=periods))


def _held(pair: Pair, usage: Usage) -> list[object]:
    """What is active as each period starts, of every dimension and kind of reservation."""
    named = {tariff.id: tariff for tariff in pair.tariffs}
    tariffs, starts = in_force(named, usage, pair.tariffs[0]), moments(stay_of(usage, pair.zone))
    kinds = (None, *Reservation)
    return [
        [active(tariff, one, now, kind) for one in Dimension for kind in kinds]
        for tariff, now in zip(tariffs, starts, strict=True)
    ]


@given(SEEDED.map(_tidy), PLACES, SHARES, SHARES)
def test_splitting_a_period_changes_nothing_where_the_same_components_go_on_holding(
    pair: Pair, place: int, of_time: Fraction, of_volume: Fraction
) -> None:
    place %= len(pair.usage.periods)
    parts = split(pair.usage, place, of_time, of_volume)
    before = _held(pair, pair.usage)
    assume(_held(pair, parts) == [*before[: place + 1], *before[place:]])
    _assert_same(engine_price(pair), engine_price(replace(pair, usage=parts)))


@given(SEEDED.map(_tidy), PLACES, SHARES, SHARES)
def test_splitting_changes_nothing_anywhere_if_neither_clock_energy_nor_duration_restricts(
    pair: Pair, place: int, of_time: Fraction, of_volume: Fraction
) -> None:
    pair = with_tariffs(pair, lambda tariff: unrestricted(tariff, *CLOCK, *KWH, *DURATION))
    parts = split(pair.usage, place % len(pair.usage.periods), of_time, of_volume)
    _assert_same(engine_price(pair), engine_price(replace(pair, usage=parts)))


@given(LATER, NEVER, PLACES)
def test_an_element_whose_restrictions_contradict_themselves_changes_nothing_since_2_2(
    pair: Pair, never: Restrictions, place: int
) -> None:
    """In 2.1.1, an element behind the fallback tells that the fallback was not meant to be it."""
    place %= len(pair.tariffs[0].elements) + 1
    more = with_tariffs(pair, lambda tariff: with_element(tariff, place, never))
    _assert_same(engine_price(pair), engine_price(more), moved=place)


@given(LATER, st.data())
def test_an_element_behind_one_that_always_holds_for_its_dimensions_changes_nothing_since_2_2(
    pair: Pair, data: st.DataObject
) -> None:
    """Whatever it asks for, but a reservation: reserved time has elements of its own."""
    first = with_tariffs(pair, lambda tariff: with_element(tariff, 0, Restrictions()))
    place = data.draw(st.integers(1, len(pair.tariffs[0].elements) + 1))
    asked = data.draw(st.sampled_from(pair.tariffs[0].elements)).restrictions
    late = replace(asked, reservation=None)
    more = with_tariffs(first, lambda tariff: with_element(tariff, place, late))
    _assert_same(engine_price(first), engine_price(more), moved=place)


@given(ONE, PLACES, decimals(40))
def test_the_price_never_falls_as_energy_grows_without_kwh_restrictions_and_energy_steps(
    pair: Pair, place: int, kwh: Decimal
) -> None:
    """With either it may: cheaper kWh come sooner, or a dear kWh fills a cheap one's step."""
    pair = with_tariffs(pair, lambda tariff: unrestricted(never_rebating(tariff), *KWH))
    pair = with_tariffs(pair, lambda tariff: with_components(tariff, without_energy_steps))
    _assert_grows(pair, place % len(pair.usage.periods), kwh)


@given(ONE, decimals(20, 3), st.integers(0, 20_000), PLACES, decimals(40))
def test_the_price_never_falls_as_energy_grows_at_one_energy_price_without_kwh_restrictions(
    pair: Pair, price: Decimal, step_size: int, place: int, kwh: Decimal
) -> None:
    """Whatever the step: it is the same for every kWh."""
    rate = pair.tariffs[0].elements[0].price_components[0].vat
    energy = PriceComponent(Dimension.ENERGY, price, step_size, rate)
    pair = with_tariffs(pair, lambda tariff: unrestricted(never_rebating(tariff), *KWH))
    pair = with_tariffs(pair, lambda tariff: with_one_energy_price(tariff, energy))
    _assert_grows(pair, place % len(pair.usage.periods), kwh)


@given(ONE, decimals(40))
def test_the_price_never_falls_as_energy_grows_in_a_last_period_that_has_energy(
    pair: Pair, kwh: Decimal
) -> None:
    """Whatever the tariff says of kWh and steps: nothing comes after it that could be cheaper."""
    pair = with_tariffs(replace(pair, usage=in_order(pair.usage)), never_rebating)
    assume((pair.usage.periods[-1].energy_kwh or 0) > 0)
    _assert_grows(pair, -1, kwh)


def _assert_grows(pair: Pair, place: int, kwh: Decimal) -> None:
    """In a period that tells energy: where it tells none, it may have been a reservation."""
    assume(pair.usage.periods[place].energy_kwh is not None)
    before = engine_price(pair)
    after = engine_price(replace(pair, usage=grown(pair.usage, place, kwh)))
    if before.excl_known and after.excl_known:
        assert after.excl_vat - before.excl_vat >= -TINY
    if before.incl_vat is not None and after.incl_vat is not None:
        assert after.incl_vat - before.incl_vat >= -TINY


@given(SEEDED, st.timedeltas(-timedelta(days=400), timedelta(days=400)))
def test_a_session_shifted_in_utc_costs_the_same_without_times_dates_and_weekdays(
    pair: Pair, by: timedelta
) -> None:
    pair = with_tariffs(pair, lambda tariff: unrestricted(tariff, *CLOCK))
    later = replace(pair, usage=shifted(pair.usage, by))
    assert _untimed(engine_price(later)) == _untimed(engine_price(pair))


@given(SEEDED, st.integers(-50, 50))
def test_a_session_shifted_by_weeks_costs_the_same_where_no_clock_changes_and_no_date_restricts(
    pair: Pair, weeks: int
) -> None:
    pair = replace(pair, zone="Asia/Kolkata")
    pair = with_tariffs(pair, lambda tariff: unrestricted(tariff, "start_date", "end_date"))
    later = replace(pair, usage=shifted(pair.usage, timedelta(weeks=weeks)))
    assert _untimed(engine_price(later)) == _untimed(engine_price(pair))
