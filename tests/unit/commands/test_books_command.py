"""Can an accountant read the books, from the table and from what the demo left?"""

import argparse
import json
from pathlib import Path

import pytest

from chalicelib.domain.codec import to_plain
from chalicelib.domain.money import Money
from chalicelib.usecases.reconciliation.journal import journal
from sandbox.commands import books
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR
from tests.unit.reconciliation.booked_market import funded


class Desk:
    """An auditor's terminal on a market of one session, settled."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.settled: SettledWorld = funded()
        self.settled.charge()
        self.before = self.settled.world.ports.clock.now()
        self.settled.settle_day()
        self._capsys = capsys

    def type(self, *words: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        books.register(parser.add_subparsers())
        status = books.run(parser.parse_args(["books", *words]), self.settled.world.ports)
        printed = self._capsys.readouterr()
        return status, printed.out + printed.err


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def test_the_trial_balance_lists_every_account_and_sums_to_zero(desk: Desk) -> None:
    status, rows = desk.type("trial", "--json")
    assert status == 0
    by_account = {row["account"]["purpose"]: row for row in json.loads(rows)}
    assert by_account["cpo_payable"]["balance"] == 0
    assert by_account["cpo_payable"]["credit"] == 1609
    assert sum(row["balance"] for row in json.loads(rows)) == 0
    _, table = desk.type("trial")
    assert "cpo_payable:cpo_rhein" in table
    assert "sum" in table


def test_the_trial_balance_of_an_instant_is_what_stood_then(desk: Desk) -> None:
    _, rows = desk.type("trial", "--json", "--as-of", desk.before.isoformat())
    owed = [row for row in json.loads(rows) if row["account"]["purpose"] == "cpo_payable"]
    assert [row["balance"] for row in owed] == [-1609]


def test_what_waits_to_be_posted_stands_beside_what_is_posted(desk: Desk) -> None:
    desk.settled.world.start()  # a driver's bank holds 30.00 for it
    _, table = desk.type("trial", "--pending")
    assert "pending" in table
    (line,) = (row for row in table.splitlines() if "driver_receivable" in row)
    assert "30.00" in line
    (flight,) = (row for row in table.splitlines() if "connected:cpo_rhein" in row)
    assert "16.09" in flight.split("│")[-2]  # accepted, and not yet credited


def test_a_statement_goes_from_opening_to_closing(desk: Desk) -> None:
    status, text = desk.type("statement", f"cpo_payable:{CPO}", "--json")
    assert status == 0
    (statement,) = json.loads(text)
    assert statement["opening"] == {"minor": 0, "currency": "EUR"}
    assert [line["event"] for line in statement["lines"]] == ["sale", "payout"]
    assert statement["closing"] == {"minor": 0, "currency": "EUR"}
    _, table = desk.type("statement", f"cpo_payable:{CPO}")
    assert "closing" in table


def test_an_account_that_is_none_is_refused_with_words(desk: Desk) -> None:
    status, words = desk.type("statement", "slush_fund")
    assert status == 1
    assert words.startswith("refused (invalid): account: 'slush_fund' is no purpose\nto fix it: ")
    status, words = desk.type("statement", "cpo_payable:cpo_nobody")
    assert status == 1
    assert "nothing was ever booked" in words


def test_the_journal_is_printed_whole_as_json_or_beancount(desk: Desk) -> None:
    _, text = desk.type("journal")
    assert json.loads(text) == to_plain(journal(desk.settled.world.ports))
    _, text = desk.type("journal", "--beancount")
    assert 'option "operating_currency" "EUR"' in text


def test_a_reconciliation_tells_by_its_status_whether_the_books_agree(desk: Desk) -> None:
    status, paper = desk.type("reconcile", "--deep")
    assert status == 0
    assert "# Reconciliation of books: balanced" in paper
    desk.settled.world.ports.payouts.fund(Money(700, EUR))
    status, text = desk.type("reconcile", "--json")
    assert status == 1
    assert json.loads(text)["balanced"] is False


def test_what_the_demo_left_is_read_without_a_table(desk: Desk, tmp_path: Path) -> None:
    for view, name in (("journal", books.JOURNAL), ("reconcile", books.REPORT)):
        _, text = desk.type(view, "--json")
        (tmp_path / name).write_text(text)
    (tmp_path / books.PAPER).write_text(desk.type("reconcile")[1])
    for words in (("trial",), ("statement", "platform"), ("journal",), ("reconcile",)):
        assert desk.type(*words, "--from", str(tmp_path)) == desk.type(*words)
    status, words_ = desk.type("trial", "--pending", "--from", str(tmp_path))
    assert status == 1
    assert "only a table knows that" in words_
    assert desk.type("trial", "--from", str(tmp_path / "nothing"))[0] == 1


@pytest.mark.parametrize("text", ["yesterday", "2026-11-17T06:00"])
def test_an_instant_without_a_reading_or_a_zone_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(SystemExit):
        desk.type("trial", "--as-of", text)


def test_a_day_means_its_end(desk: Desk) -> None:
    day = desk.before.date().isoformat()
    assert desk.type("trial", "--json", "--as-of", day)[1] != "[]\n"
    assert desk.type("trial", "--json", "--as-of", "2026-01-01")[1] == "[]\n"
