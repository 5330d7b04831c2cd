"""What does a party read of its settlement?"""

import csv
from io import StringIO

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.usecases.statement import read as statements
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO


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
