"""Does the paper for people say what the books say, in letters that every reader has?"""

import re
import zlib
from collections.abc import Iterator

import pytest

from chalicelib.adapters.pdf.papers import PdfPapers
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.papers import Column, PrintedPaper
from chalicelib.usecases.statement import read as statements
from chalicelib.usecases.statement.render import StatementDoesNotAddUp, render
from chalicelib.usecases.window.sealed import read_plain
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR

COLUMNS = (Column("Who", 12), Column("Amount", 8, right=True))


def words(pdf: bytes) -> list[str]:
    """The text of a PDF of ours, line by line."""
    return list(_lines(pdf))


def _lines(pdf: bytes) -> Iterator[str]:
    for found in re.finditer(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL):
        content = zlib.decompress(found.group(1))
        for text in re.findall(rb"\((.*)\) Tj", content):
            yield re.sub(rb"\\(.)", rb"\1", text).decode("cp1252")


def paper(**facts: str) -> PrintedPaper:
    return PrintedPaper("Statement", tuple(facts.items()), COLUMNS, (("x", "1.00"),), ())


def a_day() -> tuple[SettledWorld, Payout]:
    settled = SettledWorld()
    settled.charge()
    settled.charge()
    settled.settle_day()
    (payout,) = (payout for payout in settled.payouts() if payout.party_id == CPO)
    return settled, payout


def test_the_three_forms_the_payout_and_the_ledger_have_one_sum() -> None:
    settled, payout = a_day()
    ports = settled.world.ports
    printed = words(statements.read_pdf(ports, CPO, payout.id))
    assert sum("16.09" in line for line in printed) == 2
    assert any(line.startswith("Total paid out") and "32.18 EUR" in line for line in printed)
    assert statements.read(ports, CPO, payout.id)["total"] == {"minor": 3218, "currency": "EUR"}
    paid = [entry for entry in settled.entries() if entry.owner == payout.owner]
    assert {abs(posting.money.minor) for entry in paid for posting in entry.postings} == {3218}


def test_a_statement_that_says_another_sum_than_its_payout_is_a_bug() -> None:
    settled, payout = a_day()
    wrong = Payout(**{name: getattr(payout, name) for name in payout.__slots__})
    object.__setattr__(wrong, "money", Money(3219, EUR))
    with pytest.raises(StatementDoesNotAddUp):
        render(settled.world.ports, wrong)


def test_made_again_it_is_the_same_bytes_under_the_same_name() -> None:
    settled, payout = a_day()
    before = dict(settled.world.ports.files.content)
    again = render(settled.world.ports, payout)
    assert (again.json, again.csv, again.pdf) == (payout.statement, payout.csv, payout.pdf)
    assert settled.world.ports.files.content == before
    assert read_plain(settled.world.ports, again.json)["id"] == payout.id


def test_a_long_paper_has_pages_with_the_tables_head_on_each() -> None:
    rows = tuple((f"row {number}", "1.00") for number in range(150))
    made = PrintedPaper("Long", (), COLUMNS, rows, (("Sum", "150.00"),))
    pdf = PdfPapers().pdf(made)
    printed = words(pdf)
    assert pdf.count(b"/Type /Page/") == 3
    assert sum(line.startswith("Who") for line in printed) == 3
    assert sum(line.startswith("row ") for line in printed) == 150
    assert printed[-1].endswith("3 / 3")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ladesäule (Köln) GmbH \\ Co", "Ladesäule (Köln) GmbH \\ Co"),
        ("Stacja Łódź", "Stacja Lódz"),
        ("Φόρτιση", "???????"),
    ],
)
def test_names_keep_the_letters_that_the_fonts_have(name: str, shown: str) -> None:
    assert any(line.endswith(shown) for line in words(PdfPapers().pdf(paper(Payee=name))))


def test_text_too_long_for_its_column_is_cut_and_says_so() -> None:
    made = PrintedPaper("T", (), COLUMNS, (("a very long name", "1.00"),), ())
    assert "a very long." in " ".join(words(PdfPapers().pdf(made)))
