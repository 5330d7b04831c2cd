"""Is the engine broken? The cheapest look that sees most comes first: mutants are many."""

from collections.abc import Callable, Iterator
from inspect import signature
from types import ModuleType

from tests.golden import test_tariff_cases as golden
from tests.properties.random_pairs import compare_numbers
from tests.unit.tariff import test_price_lines, test_price_warnings, test_tariff_limits

PAIRS = 600
_UNIT = (test_price_lines, test_price_warnings, test_tariff_limits)
_OF_PRINTED = (
    golden.test_a_printed_case_costs_what_its_source_says,
    golden.test_a_printed_case_needs_no_reading_but_the_named_ones,
)
_OF_OURS = (
    golden.test_a_case_of_ours_costs_what_its_sums_say_to_the_last_digit,
    golden.test_a_case_of_ours_warns_of_each_reading_it_needs_and_no_other,
    golden.test_a_case_of_ours_has_the_lines_taxes_and_limits_it_names,
)
_OF_ALL = (
    golden.test_the_lines_of_a_case_add_up_to_its_price_and_the_taxes_too,
    golden.test_one_tariff_prices_a_session_as_several_would,
)


def look() -> None:
    """Raises whatever is noticed first."""
    _compare(0, 20)
    for cases, checks in ((golden.PRINTED, _OF_PRINTED), (golden.OURS, _OF_OURS)):
        for case in cases:
            several = "\ntariff " in case.values[0]["tariff"]
            for check in (*checks, *(_OF_ALL[:1] if several else _OF_ALL)):
                check(case.values[0])
    for module in _UNIT:
        for test in _without_parameters(module):
            test()
    for limits, why in test_price_lines.WHY:
        test_price_lines.test_a_line_says_which_restrictions_held(limits, why)
    _compare(20, PAIRS)


def _compare(first: int, end: int) -> None:
    found = compare_numbers(1, range(first, end))
    assert not found.differing, found.differing


def _without_parameters(module: ModuleType) -> Iterator[Callable[[], None]]:
    for name, test in vars(module).items():
        if name.startswith("test_") and not signature(test).parameters:
            yield test
