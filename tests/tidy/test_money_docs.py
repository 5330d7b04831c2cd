"""Is docs/money.md true: its picture, its numbers, the accounts and commands that it names?"""

import re
import shlex
from argparse import ArgumentParser

from chalicelib.domain.ledger.account import Purpose
from sandbox.commands import books
from sandbox.picture.cents import PICTURE, drawn, one_session
from tests.tidy.trees import ROOT

_DOCUMENT = (ROOT / "docs" / "money.md").read_text()
_ROW = re.compile(r"^\| (\w*) ?\| ([\w:]+) \| ([\d.]*) ?\| ([\d.]*) ?\|$", re.MULTILINE)


def test_the_picture_is_what_a_session_leaves_in_the_books() -> None:
    """If not: look at the new picture, and run `python -m sandbox.picture.cents`."""
    assert (ROOT / PICTURE).read_text() == drawn(one_session())
    assert f"]({PICTURE.name})" in _DOCUMENT


def test_the_table_has_the_sessions_entries_to_the_cent() -> None:
    told: list[tuple[str, str, int]] = []
    name = ""
    for entry, account, debit, credit in _ROW.findall(_DOCUMENT):
        name = entry or name
        amount = debit or f"-{credit}"
        told.append((name, account, int(amount.replace(".", ""))))
    posted = [
        (entry.event.value, str(posting.account), posting.money.minor)
        for entry in one_session()
        for posting in entry.postings
    ]
    assert told == posted


def test_every_account_that_a_session_touches_is_in_the_code() -> None:
    accounts = {account.partition(":")[0] for _, account, _, _ in _ROW.findall(_DOCUMENT)}
    assert accounts <= {purpose.value for purpose in Purpose}


def test_the_commands_for_the_books_can_be_parsed() -> None:
    commands = re.findall(r"^python -m sandbox (books [^>&\n]+)", _DOCUMENT, re.MULTILINE)
    assert len(commands) >= 5
    parser = ArgumentParser()
    books.register(parser.add_subparsers())
    for command in commands:
        parser.parse_args(shlex.split(command))
