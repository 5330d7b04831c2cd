"""More lines than one call should hold: does the paper in parts say what one in one piece says?"""

import csv
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PayoutId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Kyc
from chalicelib.domain.settlement.line_file import more_row
from chalicelib.domain.settlement.payout import Payout, PayoutStage
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.document import document
from chalicelib.usecases.party.register import change
from chalicelib.usecases.records import load
from chalicelib.usecases.statement import parts, render
from chalicelib.usecases.statement import read as statements
from chalicelib.usecases.statement.as_csv import printed
from chalicelib.usecases.statement.invoice_records import our_records
from chalicelib.usecases.window.lines import lines_in_file, seal_lines
from chalicelib.usecases.window.sealed import read_sealed
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR
from tests.unit.statement.test_papers import words

DAYS, A_DAY = 3, 3
TOTAL = DAYS * A_DAY * 1609


@pytest.fixture
def of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines a part, one part a call."""
    monkeypatch.setattr(parts, "LINES_A_PART", 2)
    monkeypatch.setattr(render, "PARTS_A_CALL", 1)


def held_for_days() -> tuple[SettledWorld, Payout]:
    """A payee that was held from its first day on, and the payout that takes it all over."""
    settled = SettledWorld()
    ports = settled.world.ports
    change(ports, CPO, lambda party: replace(party, kyc=Kyc.PENDING))
    window = DAY
    for day in range(DAYS):
        window = settled.next_day() if day else DAY
        for _ in range(A_DAY):
            settled.charge()
        if day == DAYS - 1:
            change(ports, CPO, lambda party: replace(party, kyc=Kyc.VERIFIED))
        settled.settle_day(window)
    (payout,) = (p for p in settled.payouts() if p.window == window and p.party_id == CPO)
    return settled, payout


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def total(of: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in of), Decimal(0))


@pytest.mark.usefixtures("of_two")
def test_each_session_stands_in_exactly_one_part_and_all_forms_sum_to_the_payout() -> None:
    settled, payout = held_for_days()
    ports = settled.world.ports
    paper = statements.read(ports, CPO, payout.id)
    assert payout.money == Money(TOTAL, EUR)
    assert not list(printed(paper))
    assert [part["lines"] for part in paper["parts"]] == [2, 2, 2, 2, 1]
    numbers = range(1, len(paper["parts"]) + 1)
    lines = [
        line
        for number in numbers
        for line in printed(statements.read(ports, CPO, payout.id, number))
    ]
    assert Counter(line["session"] for line in lines).most_common(1)[0][1] == 1
    assert (len(lines), sum(line["amount"]["minor"] for line in lines)) == (DAYS * A_DAY, TOTAL)
    head = rows(statements.read_csv(ports, CPO, payout.id))
    tables = [rows(statements.read_csv(ports, CPO, payout.id, number)) for number in numbers]
    assert [Decimal(row["amount"]) for row in head] == [total(table) for table in tables]
    assert total(head) == Decimal(TOTAL) / 100
    printed_words = words(statements.read_pdf(ports, CPO, payout.id))
    assert sum("16.09" in line for line in printed_words) == DAYS * A_DAY
    assert any(line.startswith("Lines") and line.endswith("9") for line in printed_words)
    with pytest.raises(NotFound):
        statements.read(ports, CPO, payout.id, len(paper["parts"]) + 1)


@pytest.mark.usefixtures("of_two")
def test_the_machine_asks_again_until_the_paper_is_whole() -> None:
    settled, payout = held_for_days()
    notes = [
        row for row in settled.world.ports.store.dump() if row.startswith(f"payout#{payout.id}")
    ]
    assert sum(row.endswith("#document_part") for row in notes) == 4
    assert sum(row.endswith("#document") for row in notes) == 1
    assert not payout.written
    assert payout.accepted_at


def test_whatever_is_killed_between_its_parts_the_paper_is_the_same(
    monkeypatch: pytest.MonkeyPatch, of_two: None
) -> None:
    """Each call is made twice: the first one's write is lost, its files are there."""
    del of_two
    settled, whole = held_for_days()
    ports, kept = settled.world.ports, []

    def lost(*_: object, **__: object) -> None:
        kept.append(1)
        raise RuntimeError("killed before the write")

    record = load(ports.store, keys.payout(whole.id), Payout, "payout")
    fresh = replace(whole, stage=PayoutStage.CONVERTED, statement="", csv="", pdf="")
    ports.store.write(record.put(fresh))
    attempt, outcome = fresh.lease, "more"
    while outcome == "more":
        with monkeypatch.context() as killed:
            killed.setattr("chalicelib.usecases.counterparty.document.saved", lost)
            with pytest.raises(RuntimeError):
                document(ports, whole.window, attempt, whole.id)
        outcome = document(ports, whole.window, attempt, whole.id)["outcome"]
    again = load(ports.store, keys.payout(whole.id), Payout, "payout").value
    assert (again.statement, again.csv, again.pdf) == (whole.statement, whole.csv, whole.pdf)
    assert len(kept) == 5


@pytest.mark.usefixtures("of_two")
def test_lines_in_files_that_name_others_are_each_read_once() -> None:
    """Of a large payee, netting puts rows into files of their own (window/lines.py)."""
    settled, payout = held_for_days()
    ports = settled.world.ports
    row, _ = read_sealed(ports, payout.lines).split(b"\n")
    inner = seal_lines(ports, payout.window, [row])
    files = seal_lines(ports, payout.window, [more_row(inner), row]), inner
    ahead: tuple[parts.Ahead, ...] = (parts.Ahead(PayoutId(payout.id), files[0]),)
    found = []
    while ahead:
        lines, ahead = parts.next_lines(ports, ahead)
        assert sum(map(len, lines.values())) <= 2
        found += [line for own in lines.values() for line in own]
    assert sorted(found) == lines_in_file(ports, files[0])
    assert len(found) == 2 * A_DAY


@pytest.mark.usefixtures("of_two")
def test_a_cpo_reads_an_invoice_record_of_each_part_and_all_name_one_invoice() -> None:
    settled, payout = held_for_days()
    connection = settled.world.connection
    found, count = our_records(settled.world.ports, connection, None, None, 0, 10)
    assert count == len(found) == 5
    assert {record.invoice_id for record in found} == {payout.id}
    assert len({record.id for record in found}) == 5
    assert max(len(record.id) for record in found) <= 36
    cdrs = [cdr for record in found for cdr in record.cdrs]
    assert len(set(cdrs)) == len(cdrs) == DAYS * A_DAY
