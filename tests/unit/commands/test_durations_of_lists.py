"""What does the conformance kit say of a list that is long, or slow?"""

import pytest

from chalicelib.adapters.ocpi_client.circuit import SLOW_S
from chalicelib.adapters.ocpi_client.http import READ_S
from chalicelib.adapters.ocpi_client.pages import BYTES_MAX, PULL_S_MAX, SPAN_S_MAX
from sandbox.conformance.duration import Took, judge
from sandbox.conformance.finding import Check, Outcome, Report


def judged(took: Took, *, dated: bool = False) -> Check:
    report = Report("https://cpo.example/versions")
    judge(report, "sessions" if dated else "locations", took, dated=dated)
    (check,) = report.checks
    return check


def test_a_list_that_one_pull_reads_passes_and_tells_its_pages_and_time() -> None:
    check = judged(Took(pages=3, objects=250, total=250, seconds=1.2, slowest_s=0.6))
    assert check.outcome is Outcome.PASSED
    assert check.details == ["3 pages, 250 objects, 0.0 MB in 1.2 s"]


@pytest.mark.parametrize(
    ("dated", "seconds", "then"),
    [(False, PULL_S_MAX, "at the next page"), (True, SPAN_S_MAX, "the span is halved")],
)
def test_what_one_pull_has_no_time_for_goes_on_with_the_next(
    *, dated: bool, seconds: int, then: str
) -> None:
    in_time = Took(pages=100, objects=100, total=100, seconds=seconds, slowest_s=1)
    assert judged(in_time, dated=dated).outcome is Outcome.PASSED
    part = Took(pages=100, objects=100, total=101, seconds=seconds, slowest_s=1)
    check = judged(part, dated=dated)
    assert check.outcome is Outcome.MENDED
    assert then in check.details[-1]


def test_what_is_too_large_for_one_pull_goes_on_with_the_next() -> None:
    large = Took(pages=9, objects=9, total=9, seconds=1, slowest_s=1, bytes=BYTES_MAX + 1)
    assert judged(large).outcome is Outcome.MENDED


def test_pages_so_small_that_the_list_never_ends_fail() -> None:
    check = judged(Took(pages=200, objects=200, total=100_000, seconds=2, slowest_s=0.1))
    assert check.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("slowest_s", "outcome"),
    [
        (SLOW_S, Outcome.PASSED),
        (SLOW_S + 1, Outcome.MENDED),
        (READ_S, Outcome.MENDED),
        (READ_S + 1, Outcome.FAILED),
    ],
)
def test_an_answer_that_takes_long_is_told(slowest_s: int, outcome: Outcome) -> None:
    took = Took(pages=1, objects=1, total=1, seconds=slowest_s, slowest_s=slowest_s)
    assert judged(took).outcome is outcome


def test_a_list_without_a_page_is_not_judged() -> None:
    assert judged(Took()).outcome is Outcome.SKIPPED
