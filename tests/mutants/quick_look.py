"""Is the engine broken? The cheapest look that sees most comes first: mutants are many."""

from tests.golden import test_tariff_cases as golden
from tests.properties.random_pairs import compare_numbers
from tests.unit.tariff import test_price_lines as lines

PAIRS = 300
_OF_PRINTED = (
    golden.test_a_printed_case_costs_what_its_source_says,
    golden.test_a_printed_case_needs_no_reading_but_the_named_ones,
)
_OF_OURS = (
    golden.test_a_case_of_ours_costs_what_its_sums_say_to_the_last_digit,
    golden.test_a_case_of_ours_warns_of_each_reading_it_needs_and_no_other,
    golden.test_a_case_of_ours_has_the_lines_taxes_and_limits_it_names,
)
_OF_ALL = (golden.test_the_lines_of_a_case_add_up_to_its_price_and_the_taxes_too,)
_LINES = (
    lines.test_without_a_default_the_first_tariff_that_a_period_names_prices_the_others,
    lines.test_without_a_default_the_only_tariff_there_is_prices_what_names_none,
    lines.test_without_a_default_a_session_that_names_no_known_tariff_is_refused,
    lines.test_the_net_of_a_gross_minimum_for_nothing_used_at_several_rates_is_not_guessed,
)


def look() -> None:
    """Raises whatever is noticed first."""
    _compare(0, 20)
    for cases, checks in ((golden.PRINTED, _OF_PRINTED), (golden.OURS, _OF_OURS)):
        for case in cases:
            for check in (*checks, *_OF_ALL):
                check(case.values[0])
    for check in _LINES:
        check()
    for limits, why in lines.WHY:
        lines.test_a_line_says_which_restrictions_held(limits, why)
    _compare(20, PAIRS)


def _compare(first: int, end: int) -> None:
    found = compare_numbers(1, range(first, end))
    assert not found.differing, found.differing
