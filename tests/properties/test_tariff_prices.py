from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.tariff.compare import Verdict, compare
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.quote import estimate, plan
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.usage import Cost, Usage
from chalicelib.domain.tariff.version import tariff_hash
from tests.properties.price_differences import compared
from tests.properties.random_pairs import compare_numbers
from tests.properties.random_tariffs import Pair
from tests.properties.tariff_strategies import PAIRS, STARTS, ZONES, decimals, tariffs, usages

TINY = Decimal("1e-25")


@given(PAIRS)
def test_the_price_and_its_lines_are_what_the_plainest_computation_says(pair: Pair) -> None:
    assert compared(pair)[0] == []


def test_a_thousand_seeded_pairs_show_what_they_must_and_no_difference() -> None:
    """`make nightly` goes on to a million."""
    found = compare_numbers(1, range(1_000))
    assert found.differing == {}
    assert len(found.traits) == 20, found.traits  # whatever may occur does occur


@given(tariffs(), ZONES, usages())
def test_lines_and_taxes_explain_the_whole_price(tariff: Tariff, zone: str, usage: Usage) -> None:
    result = price(prepare(tariff, zone), usage)
    if not result.limit:
        assert abs(sum(line.excl_vat for line in result.lines) - result.excl_vat) < TINY
    assert abs(sum(part.excl_vat for part in result.taxes) - result.excl_vat) < TINY
    if result.incl_vat is not None and result.taxes:
        assert abs(sum(part.incl_vat or 0 for part in result.taxes) - result.incl_vat) < TINY


@given(tariffs(), ZONES, usages(), st.permutations(range(6)))
def test_the_order_in_which_periods_arrive_does_not_matter(
    tariff: Tariff, zone: str, usage: Usage, order: list[int]
) -> None:
    shuffled = [usage.periods[i] for i in order if i < len(usage.periods)]
    prepared = prepare(tariff, zone)
    assert price(prepared, replace(usage, periods=tuple(shuffled))) == price(prepared, usage)


@given(tariffs(), ZONES, STARTS, decimals(100), st.integers(60, 12 * 3600))
def test_a_plan_is_split_wherever_its_price_changes(
    tariff: Tariff, zone: str, start: datetime, energy_kwh: Decimal, duration_s: int
) -> None:
    prepared = prepare(tariff, zone)
    usage = plan(prepared, start, energy_kwh, duration_s)
    assert sum(period.energy_kwh or 0 for period in usage.periods) == energy_kwh
    assert all((period.energy_kwh or 0) >= 0 for period in usage.periods)
    crossed = {"period_not_split"} & {one.code for one in price(prepared, usage).warnings}
    assert not crossed or prepared.edges.kwh  # two edges within one second cannot both be met


@given(tariffs(limits=st.none()), ZONES, STARTS, decimals(100), st.integers(60, 12 * 3600))
def test_the_worst_case_is_never_below_what_is_expected(
    tariff: Tariff, zone: str, start: datetime, energy_kwh: Decimal, duration_s: int
) -> None:
    guess = estimate(prepare(tariff, zone), start, energy_kwh, duration_s)
    if guess.worst.incl_vat is not None and guess.expected.incl_vat is not None:
        assert guess.worst.incl_vat >= guess.expected.incl_vat


@given(tariffs(), ZONES, usages())
def test_a_cpo_that_claims_the_price_agrees_with_it(
    tariff: Tariff, zone: str, usage: Usage
) -> None:
    result = price(prepare(tariff, zone), usage)
    claim = Cost(round(result.excl_vat, 2), result.incl_vat and round(result.incl_vat, 2))
    assert compare(result, claim).verdict is Verdict.AGREES


@given(tariffs())
def test_a_tariff_survives_the_store_and_keeps_its_version(tariff: Tariff) -> None:
    again = from_plain(Tariff, to_plain(tariff))
    assert again == tariff
    later = replace(tariff, last_updated=tariff.last_updated + timedelta(days=1))
    assert tariff_hash(again) == tariff_hash(later) == tariff_hash(tariff)
