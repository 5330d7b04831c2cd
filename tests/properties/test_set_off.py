"""Is a debt ever kept from another agreement or currency, or a cent lost, whatever is owed?"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ids import PartyId, PayoutId, WindowId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.debt import CONVERTED, Debt, DebtStage, Part, set_off

NOW = PayoutId("pay_now")
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
WINDOW = WindowId("2026-11-01.Europe-Berlin")
agreements, currencies = st.sampled_from(["a", "b", ""]), st.sampled_from(["EUR", "HUF"])


def parts(low: int) -> st.SearchStrategy[list[Part]]:
    made = st.builds(
        lambda agreement, code, minor: Part(agreement, Money(minor, Currency(code))),
        agreements,
        currencies,
        st.integers(low, 500),
    )
    return st.lists(made, max_size=6)


def _debt(number: int, owed: list[Part]) -> Debt:
    unique = tuple({part.group: part for part in owed}.values())
    since = BEGIN + timedelta(days=number)
    payout = PayoutId(f"pay_{number}")
    return Debt(f"d{number}", payout, WINDOW, PartyId("cpo"), PartyKind.CPO, since, unique)


debts = st.lists(parts(1).filter(bool), max_size=4).map(
    lambda lists: [_debt(number, owed) for number, owed in enumerate(lists)]
)


def _sums(found: Sequence[Part]) -> Counter[tuple[str, str]]:
    result: Counter[tuple[str, str]] = Counter()
    for part in found:
        result[part.group] += part.money.minor
    return result


@given(parts(-500), debts)
def test_each_agreement_and_currency_adds_up_alone(sums: list[Part], owing: list[Debt]) -> None:
    found = set_off(sums, owing, NOW)
    given_, paid, left, kept = map(_sums, (sums, found.parts, found.left, found.kept))
    for group in given_.keys() | paid.keys() | left.keys() | kept.keys():
        assert given_[group] == paid[group] - left[group] + kept[group]
        assert not (paid[group] and left[group])
    assert all(part.money.minor > 0 for part in (*found.parts, *found.left, *found.kept))


@given(parts(-500), debts)
def test_debts_shrink_by_what_was_kept_and_are_never_kept_twice(
    sums: list[Part], owing: list[Debt]
) -> None:
    found = set_off(sums, owing, NOW)
    after = {debt.id: debt for debt in (*owing, *found.debts)}
    before_sums = sum((_sums(debt.parts) for debt in owing), Counter[tuple[str, str]]())
    after_sums = sum((_sums(debt.parts) for debt in after.values()), Counter[tuple[str, str]]())
    assert before_sums - after_sums == _sums(found.kept)
    for debt in found.debts:
        assert debt.set_off == (NOW,)
        assert (debt.stage is DebtStage.OPEN) == bool(debt.parts)
    still = {part.group for debt in after.values() for part in debt.parts}
    assert not still & {part.group for part in found.parts}  # nobody is paid who still owes


@given(st.integers(1, 500), st.integers(1, 500))
def test_the_oldest_debt_is_kept_first(older: int, newer: int) -> None:
    def owes(number: int, minor: int) -> Debt:
        return _debt(number, [Part("a", Money(minor, Currency("EUR")))])

    (changed,) = set_off(
        [Part("a", Money(1, Currency("EUR")))], [owes(2, newer), owes(1, older)], NOW
    ).debts
    assert changed.id == "d1"


@given(debts)
def test_what_was_converted_is_kept_for_no_debt(owing: list[Debt]) -> None:
    sum_ = Part(CONVERTED, Money(10_000, Currency("EUR")))
    assert set_off([sum_], owing, NOW).parts == (sum_,)
