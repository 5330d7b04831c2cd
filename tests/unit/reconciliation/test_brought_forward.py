"""Does the nightly reconciliation look at the last weeks only, and still see everything?"""

from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.forward import BroughtForward
from chalicelib.ports.payouts import BalanceLine
from chalicelib.usecases import keys
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.reconciliation.books import read_books, reconcile_books, report_on
from chalicelib.usecases.reconciliation.nightly import reconcile_nightly
from chalicelib.usecases.records import load
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import EUR
from tests.unit.bank.sepa_case import Case
from tests.unit.reconciliation.booked_market import funded

_WEEKS = 8


def _night(settled: SettledWorld) -> dict[str, Any]:
    settled.settle_day(settled.next_day())
    sweep_payouts(settled.world.ports)
    return reconcile_nightly(settled.world.ports)


def _forward(settled: SettledWorld) -> BroughtForward:
    record = load(settled.world.ports.store, keys.brought_forward(), BroughtForward, "record")
    return record.value


def _weeks(settled: SettledWorld, weeks: int = _WEEKS) -> list[dict[str, Any]]:
    """A session a week, and every night its reconciliation."""
    nights = []
    for _ in range(weeks):
        settled.charge()
        nights += [_night(settled) for _ in range(7)]
    return nights


def test_a_night_compares_the_last_weeks_and_every_cash_account_closes_over_all() -> None:
    settled = funded()
    asked: list[datetime | None] = []
    rail = settled.world.ports.payouts
    lines = rail.balance_lines

    def told(account: str = "", since: datetime | None = None) -> list[BalanceLine]:
        asked.append(since)
        return lines(account, since)

    with pytest.MonkeyPatch.context() as watching:
        watching.setattr(rail, "balance_lines", told)
        nights = _weeks(settled)
    assert [night["differences"] for night in nights] == [0] * 7 * _WEEKS
    assert asked[-1] is not None
    assert (settled.world.ports.clock.now() - asked[-1]).days <= 29
    counts = [night["entries"] for night in nights]
    assert counts[-1] < max(counts[:35])  # it does not grow with the years
    ports, since = settled.world.ports, _forward(settled)
    part = report_on(ports, read_books(ports, since=since), since=since)
    assert set(part.closings) == set(reconcile_books(ports).closings)
    assert part.balanced


def test_an_open_difference_is_compared_for_as_long_as_it_is_open() -> None:
    settled = funded()
    _weeks(settled, 2)
    settled.world.ports.payouts.fund(Money(500, EUR))  # nobody books it
    nights = _weeks(settled)
    assert {night["differences"] for night in nights} == {2}  # the line, and the account's closing
    assert nights[-1]["oldest_hours"] >= 7 * 24 * _WEEKS - 24
    assert nights[-1]["urgent"] == 2


def test_a_bank_account_that_is_brought_forward_still_closes() -> None:
    case = Case(settled=funded())
    case.settle()
    for _ in range(45):
        case.later()
        case.settled.run()
        assert reconcile_nightly(case.settled.world.ports)["differences"] == 0
    forward = _forward(case.settled)
    assert forward.stated["sepa/EUR"] == forward.booked["sepa/EUR"] != 0
