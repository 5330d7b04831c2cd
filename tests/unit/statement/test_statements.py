"""What does a party read of its settlement?"""

import csv
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId, PayoutId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Kyc
from chalicelib.domain.settlement.payout import Payout
from chalicelib.usecases import keys
from chalicelib.usecases.party.register import change
from chalicelib.usecases.records import create, load
from chalicelib.usecases.statement import read as statements
from chalicelib.usecases.statement.as_csv import printed
from chalicelib.usecases.statement.as_paper import as_paper
from chalicelib.usecases.statement.render import render
from chalicelib.usecases.window.lines import seal_lines
from chalicelib.usecases.window.net import all_lines
from chalicelib.usecases.window.sealed import read_plain
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR


def _settled() -> SettledWorld:
    settled = SettledWorld()
    settled.charge()
    settled.charge()
    settled.settle_day()
    return settled


def test_a_statement_lists_each_session_and_sums_to_its_total() -> None:
    settled = _settled()
    (head,), cursor = statements.page(settled.world.ports, CPO)
    paper = statements.read(settled.world.ports, CPO, head.id)
    assert cursor == ""
    assert (head.window, head.state, head.total.minor) == (DAY, "accepted", 2 * 1609)
    assert sum(line["amount"]["minor"] for line in paper["lines"]) == head.total.minor
    assert {line["energy_kwh"] for line in paper["lines"]} == {"30"}
    assert paper["payee"] == {"id": CPO, "name": "Rheinstrom", "country": "DE"}


def test_the_csv_says_the_same() -> None:
    settled = _settled()
    (head,), _ = statements.page(settled.world.ports, CPO)
    text = statements.read_csv(settled.world.ports, CPO, head.id)
    rows = list(csv.DictReader(StringIO(text)))
    assert [(row["amount"], row["currency"]) for row in rows] == [("16.09", "EUR")] * 2
    assert all(row["session"].startswith("ses_") for row in rows)


def test_another_partys_statement_looks_like_none() -> None:
    settled = _settled()
    (head,), _ = statements.page(settled.world.ports, CPO)
    with pytest.raises(NotFound):
        statements.read(settled.world.ports, PartyId("par_app"), head.id)
    with pytest.raises(NotFound):
        statements.read_csv(settled.world.ports, CPO, "pay_unknown")


def test_statements_are_paged_newest_first() -> None:
    settled = _settled()
    settled.charge()
    settled.settle_day(settled.next_day())
    ports = settled.world.ports
    (newest,), cursor = statements.page(ports, CPO, limit=1)
    (oldest,), _ = statements.page(ports, CPO, cursor, limit=1)
    assert newest.window > oldest.window == DAY


def _held_then_paid(reason: str, days: int) -> tuple[SettledWorld, str]:
    """A session a day, held before it had a paper, and the payout that takes it all over."""
    settled = SettledWorld()
    ports = settled.world.ports
    held = {"kyc": Kyc.PENDING} if reason == "kyc_pending" else {"payout_minimum": Money(6000, EUR)}
    change(ports, CPO, lambda party: replace(party, **held))
    for day in range(days):
        settled.charge()
        settled.settle_day(settled.next_day() if day else DAY)
    change(ports, CPO, lambda party: replace(party, kyc=Kyc.VERIFIED, payout_minimum=None))
    settled.charge()
    settled.settle_day(settled.next_day())
    return settled, max(
        (p for p in settled.payouts() if p.party_id == CPO), key=lambda payout: payout.window
    ).id


@pytest.mark.parametrize("reason", ["kyc_pending", "below_minimum"])
def test_each_session_of_a_payout_held_before_its_paper_stands_on_the_next_one(reason: str) -> None:
    settled, id_ = _held_then_paid(reason, days=2)
    ports = settled.world.ports
    assert len(statements.page(ports, CPO)[0]) == 1
    rows = list(csv.DictReader(StringIO(statements.read_csv(ports, CPO, id_))))
    assert len({row["session"] for row in rows}) == len(rows) == 3
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal("48.27")
    paper = statements.read(ports, CPO, id_)
    assert paper["total"]["minor"] == 4827
    held = paper["carried"]
    assert (held[0]["reason"], held[0]["amounts"][0]["minor"]) == (reason, 3218)
    assert [one["into"] for one in held] == [id_, *(one["statement"] for one in held[:-1])]
    assert [line["amount"]["minor"] for one in held for line in one["lines"]] == [1609, 1609]
    on_paper = as_paper(paper)
    assert ("Sessions", "3") in on_paper.facts
    assert len(on_paper.rows) == 3


def test_a_payee_that_waited_for_two_years_gets_its_paper_at_last() -> None:
    """A payout a day takes over the one before: the paper names them all, one behind the other."""
    settled, id_ = _held_then_paid("below_minimum", days=1)
    ports = settled.world.ports
    paid = load(ports.store, keys.payout(PayoutId(id_)), Payout, "payout").value
    (first,) = paid.carried_from
    held = load(ports.store, keys.payout(first), Payout, "payout").value
    none = seal_lines(ports, DAY, [])
    for day in range(1, 730):
        before, held = held.id, replace(held, id=PayoutId(f"pay_{day}"), lines=none)
        held = replace(held, carried_from=(before,))
        ports.store.write(create(keys.payout(held.id), held))
    late = replace(paid, id=PayoutId("pay_late"), carried_from=(held.id,))
    paper = read_plain(ports, render(ports, late).json)
    assert len(paper["carried"]) == 730
    assert len({line["session"] for line in printed(paper)}) == 2
    assert len(all_lines(ports, late)) == 2
