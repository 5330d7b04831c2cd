"""Does an accountant's own tool accept the whole journal, and see one cent that is wrong?"""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.beancount import account_names, beancount_text
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.usecases.reconciliation.journal import journal
from tests.unit.reconciliation.booked_market import played


@cache
def _market() -> tuple[Entry, ...]:
    return tuple(journal(played().world.ports))


def _checked(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """bean-check in a process of its own: beancount is GPL, and is only ever run."""
    (folder / "books.beancount").write_text(text)
    command = [sys.executable, "-m", "beancount.scripts.check", "books.beancount"]
    return subprocess.run(  # noqa: S603 - our own interpreter, on our own file
        command, cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_whole_markets_journal_passes_bean_check(tmp_path: Path) -> None:
    events = {entry.event for entry in _market()}
    assert {Event.CONVERSION, Event.PAYOUT_RETURNED, Event.REFUND, Event.PROVISIONAL} <= events
    checked = _checked(beancount_text(_market()), tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_it_has_two_currencies_their_rate_and_every_balance() -> None:
    text = beancount_text(_market())
    assert "commodity SEK" in text
    assert " price EUR  11.0200000000 SEK" in text
    assert 'source: "ecb.xml"' in text
    booked = {(p.account, p.money.currency) for e in _market() for p in e.postings}
    assert text.count(" balance ") == len(booked)
    assert all(f'entry: "{entry.id}"' in text and entry.hash in text for entry in _market())


@pytest.mark.parametrize("where", ["transaction", "balance"])
def test_one_cent_is_not_forgiven(where: str, tmp_path: Path) -> None:
    mark = "  17.49 EUR" if where == "transaction" else " balance Expenses:PspFee"
    lines = beancount_text(_market()).splitlines()
    number = next(n for n, line in enumerate(lines) if mark in line)
    amount = next(word for word in lines[number].split() if "." in word)
    lines[number] = lines[number].replace(amount, f"{amount[:-1]}{(int(amount[-1]) + 1) % 10}")
    checked = _checked("\n".join(lines) + "\n", tmp_path)
    assert checked.returncode != 0
    assert "balance" in checked.stderr.lower()


def test_an_empty_journal_is_a_file_that_passes(tmp_path: Path) -> None:
    assert _checked(beancount_text([]), tmp_path).returncode == 0


def test_ids_that_read_alike_stay_accounts_of_their_own() -> None:
    parties = ("cpo_a-b", "cpo_a_b", "cpo/a b", "Ü")
    names = account_names(Account(Purpose.CPO_PAYABLE, party) for party in parties)
    assert len(set(names.values())) == len(parties)
    assert all(name.isascii() for name in names.values())
