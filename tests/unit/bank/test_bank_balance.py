"""Is every statement of the bank there, whatever order they come in?"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bank.balance import BankBalance, stated
from chalicelib.domain.bank.message import Statement
from chalicelib.domain.money import Currency, Money

_EUR = Currency("EUR")
_BEGAN = BankBalance(_EUR, Money(1000, _EUR), closing_on=date(2026, 11, 20))


def _statements(balances: Sequence[int], a_day: int) -> list[Statement]:
    """One after another, `a_day` of them each day; they are numbered."""
    return [
        Statement(
            f"S{number}",
            "",
            ours=True,
            lines=(),
            number=number,
            opening=Money(before, _EUR),
            closing=Money(after, _EUR),
            closing_on=date(2026, 11, 21) + timedelta(days=number // a_day),
        )
        for number, (before, after) in enumerate(pairwise((1000, *balances)), 1)
    ]


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=8, unique=True),
    st.integers(1, 3),
    st.data(),
)
def test_statements_in_any_order_leave_the_last_balance_and_no_gap(
    balances: list[int], a_day: int, data: st.DataObject
) -> None:
    ordered = _statements([each + 1000 for each in balances], a_day)
    balance = _BEGAN
    for statement in data.draw(st.permutations(ordered)):
        balance = stated(balance, statement)
    assert balance.closing == ordered[-1].closing
    assert not balance.gaps


@given(st.integers(2, 8), st.data())
def test_a_gap_stays_until_each_statement_has_come(count: int, data: st.DataObject) -> None:
    ordered = _statements([2000 + 7 * number for number in range(count)], 1)
    missing = data.draw(st.sampled_from(ordered[:-1]))
    balance = _BEGAN
    for statement in data.draw(st.permutations([s for s in ordered if s is not missing])):
        balance = stated(balance, statement)
    (gap,) = balance.gaps
    assert (gap.left, gap.found) == (missing.opening, missing.closing)
    assert not stated(balance, missing).gaps


def test_statements_without_numbers_of_one_day_may_come_in_the_wrong_order() -> None:
    first, second = (
        Statement(
            name,
            "",
            ours=True,
            lines=(),
            opening=Money(opening, _EUR),
            closing=Money(closing, _EUR),
            closing_on=date(2026, 11, 21),
        )
        for name, opening, closing in (("S1", 1000, 900), ("S2", 900, 1200))
    )
    balance = stated(stated(_BEGAN, second), first)
    assert (balance.closing.minor, balance.gaps) == (1200, ())
