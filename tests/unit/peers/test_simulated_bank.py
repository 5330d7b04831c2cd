"""Does the simulated bank refuse what banks refuse, and forget nothing?"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.adapters.sepa.pain001 import Sender, Version, write
from chalicelib.domain.bank.details import BankDetails
from chalicelib.domain.bank.message import Instruction
from chalicelib.domain.money import Money, currency
from sandbox.memory.bank import OWN_IBAN, MemoryMailbox
from sandbox.memory.banked import RHEIN_IBAN
from sandbox.peers.bank.__main__ import application, read_state
from sandbox.peers.bank.bank import Bank, next_day

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)  # a Friday


@pytest.fixture
def bank() -> Bank:
    made = Bank(MemoryMailbox(), OWN_IBAN, NOW)
    made.accounts.add(RHEIN_IBAN)
    made.credit(10_000, "float")
    return made


def _file(
    minor: int = 1609, iban: str = RHEIN_IBAN, id_: str = "PAY1", own: str = OWN_IBAN
) -> bytes:
    creditor = BankDetails("Rheinstrom", iban)
    money = Money(minor, currency("EUR"))
    asked = Instruction(id_, creditor, money, NOW, NOW.date(), "Payout")
    return write(asked, Sender(BankDetails("Plugrail", own), Version.V09))


def _answer(bank: Bank, *files: bytes) -> str:
    """What its newest status report says."""
    box = bank.mailbox
    assert isinstance(box, MemoryMailbox)
    for file in files:
        box.sent[f"{len(box.sent)}.xml"] = file
    bank.tick(bank.now)
    reports = [box.brought[name].decode() for name in sorted(box.brought) if "-sts" in name]
    return reports[-1]


def test_a_good_file_is_accepted(bank: Bank) -> None:
    assert "<TxSts>ACTC</TxSts>" in _answer(bank, _file())


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (_file(iban="NL91ABNA0417164300"), "AC01"),
        (_file(own="DE89370400440532013000"), "AC02"),
        (_file(minor=10_001), "AM04"),
        (_file().replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>CASH</PmtMtd>"), "FF01"),
        (_file().replace(b"<CtrlSum>16.09", b"<CtrlSum>16.08", 1), "AM10"),
        (b"no file at all", "FF01"),
    ],
)
def test_what_banks_refuse_is_refused(bank: Bank, file: bytes, reason: str) -> None:
    answer = _answer(bank, file)
    assert "RJCT" in answer
    assert f"<Cd>{reason}</Cd>" in answer


def test_a_message_id_is_taken_once(bank: Bank) -> None:
    assert "<Cd>AM05</Cd>" in _answer(bank, _file(), _file(minor=1))


def test_two_transfers_cannot_spend_the_same_money(bank: Bank) -> None:
    answer = _answer(bank, _file(minor=6000, id_="PAY1"), _file(minor=6000, id_="PAY2"))
    assert "<Cd>AM04</Cd>" in answer


def test_it_books_on_the_next_day_on_which_banks_settle(bank: Bank) -> None:
    assert next_day(NOW) == datetime(2026, 11, 23, tzinfo=UTC)
    assert next_day(datetime(2026, 12, 24, 9, tzinfo=UTC)).day == 28  # Christmas, a weekend
    _answer(bank, _file())
    bank.tick(datetime(2026, 11, 22, 23, tzinfo=UTC))
    assert bank.minor == 10_000
    bank.tick(datetime(2026, 11, 23, tzinfo=UTC))
    assert bank.minor == 10_000 - 1609


def _tell(bank: Bank, kept: Path, path: str, **said: Any) -> None:
    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(application(bank, kept))
        async with httpx.AsyncClient(transport=transport, base_url="http://bank") as web:
            return await web.post(path, json=said)

    assert asyncio.run(post()).status_code == 200


def test_a_restarted_bank_remembers_what_it_took(bank: Bank, tmp_path: Path) -> None:
    kept = tmp_path / "bank.state"
    _answer(bank, _file())
    _tell(bank, kept, "/sim/account", iban="NL91ABNA0417164300", returns="AC04")
    _tell(bank, kept, "/sim/credit", minor=1, text="one cent")
    _tell(bank, kept, "/sim/tick", now="2026-11-20T10:00:00Z")
    again = read_state(kept, bank.mailbox)
    again.tick(datetime(2026, 11, 23, tzinfo=UTC))
    assert again.minor == 10_001 - 1609
    assert "NL91ABNA0417164300" in again.accounts
    assert "<Cd>AM05</Cd>" in _answer(again, _file())
