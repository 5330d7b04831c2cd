"""What do we read in a bank's files, whatever its version, and what do we refuse?"""

import json
from datetime import UTC, date, datetime

import pytest

from chalicelib.adapters.sepa import document
from chalicelib.adapters.sepa.messages import SepaMessages
from chalicelib.domain.bank.balance import adds_up
from chalicelib.domain.bank.message import Statement, Status
from chalicelib.domain.money import Money, currency
from chalicelib.ports.bank import NoBankFile
from sandbox.memory.bank import OWN_IBAN
from sandbox.memory.plain import MemorySecrets
from sandbox.peers.bank.writing import Booking, reason, statement, status_report

AT, DAY = datetime(2026, 11, 17, 6, tzinfo=UTC), date(2026, 11, 17)
ID = "pay85d2a79c34efa90131fd2cc5ce31ea94"
SPACE = "urn:iso:std:iso:20022:tech:xsd:"


def eur(minor: int) -> Money:
    return Money(minor, currency("EUR"))


@pytest.fixture
def bank() -> SepaMessages:
    secrets = MemorySecrets()
    secrets.write("own", json.dumps({"name": "Plugrail", "iban": OWN_IBAN}))
    return SepaMessages(secrets, "own")


def _report(group: str, *told: str) -> bytes:
    return status_report("R1", AT, ID, "pain.001.001.09", group, list(told))


def _of(kind: str, body: str) -> bytes:
    return f'<Document xmlns="{SPACE}{kind}">{body}</Document>'.encode()


def _transaction(code: str, why: str = "") -> str:
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{ID}</OrgnlPmtInfId><TxInfAndSts>"
        f"<OrgnlEndToEndId>{ID}</OrgnlEndToEndId><TxSts>{code}</TxSts>{reason(why)}"
        "</TxInfAndSts></OrgnlPmtInfAndSts>"
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("RCVD", Status.PENDING),
        ("PDNG", Status.PENDING),
        ("ACTC", Status.ACCEPTED),
        ("ACCP", Status.ACCEPTED),
        ("ACSP", Status.ACCEPTED),
        ("ACSC", Status.ACCEPTED),
        ("RJCT", Status.REJECTED),
        ("WXYZ", Status.PENDING),  # a code that we do not know is no yes and no no
    ],
)
def test_a_status_is_read_per_transaction(bank: SepaMessages, code: str, status: Status) -> None:
    (report,) = bank.read(_report("<GrpSts>PART</GrpSts>", _transaction(code, "AC04"))).reports
    (line,) = report.lines
    assert (line.reference, line.status, line.code, line.reason) == (ID, status, code, "AC04")


def test_a_whole_file_that_is_rejected_says_so_of_its_transfer(bank: SepaMessages) -> None:
    (report,) = bank.read(_report(f"<GrpSts>RJCT</GrpSts>{reason('FF01')}")).reports
    (line,) = report.lines
    assert (line.reference, line.status, line.reason) == (ID, Status.REJECTED, "FF01")


def test_the_transactions_own_status_counts_over_the_files(bank: SepaMessages) -> None:
    (report,) = bank.read(_report("<GrpSts>ACTC</GrpSts>", _transaction("RJCT", "AC06"))).reports
    (line,) = report.lines
    assert (line.status, line.reason) == (Status.REJECTED, "AC06")


def _statement(bank: SepaMessages, content: bytes) -> Statement:
    (found,) = bank.read(content).statements
    return found


def test_a_statement_is_its_balances_and_booked_lines(bank: SepaMessages) -> None:
    bookings = [
        Booking("B1", -1609, DAY, ID),
        Booking("B2", 1609, DAY, ID, "AC04"),
        Booking("B3", 5000, DAY, text="float"),
    ]
    content = statement("S1", AT, OWN_IBAN, 7, 10_000, bookings, DAY)
    found = _statement(bank, content)
    assert found.ours
    assert (found.opening, found.closing, found.number) == (eur(10_000), eur(15_000), 7)
    assert adds_up(found)
    assert [(line.money.minor, line.references, line.reason) for line in found.lines] == [
        (-1609, (ID,), ""),
        (1609, (ID,), "AC04"),
        (5000, (), ""),
    ]
    assert [line.is_return for line in found.lines] == [False, True, False]


@pytest.mark.parametrize("version", ["02", "04", "08", "13"])
def test_older_and_newer_statements_are_read_alike(bank: SepaMessages, version: str) -> None:
    content = statement("S1", AT, OWN_IBAN, 1, 0, [Booking("B1", -1609, DAY, ID)], DAY).decode()
    content = content.replace("camt.053.001.08", f"camt.053.001.{version}")
    if version < "08":
        content = content.replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
    (line,) = _statement(bank, content.encode()).lines
    assert (line.money, line.references) == (eur(-1609), (ID,))


def test_pending_entries_are_no_bookings(bank: SepaMessages) -> None:
    content = statement("S1", AT, OWN_IBAN, 1, 0, [Booking("B1", -1609, DAY, ID)], DAY)
    pending = content.replace(b"<Cd>BOOK</Cd>", b"<Cd>PDNG</Cd>")
    assert _statement(bank, pending).lines == ()


def test_a_statement_of_another_account_says_so_and_shows_no_number(bank: SepaMessages) -> None:
    content = statement("S1", AT, "DE89370400440532013000", 1, 0, [], DAY)
    found = _statement(bank, content)
    assert (found.ours, found.account) == (False, "DE…3000")


def test_one_entry_of_several_transactions_is_several_lines(bank: SepaMessages) -> None:
    single = statement("S1", AT, OWN_IBAN, 1, 0, [Booking("B1", -1000, DAY, ID)], DAY).decode()
    details = single[single.index("<TxDtls>") : single.index("</NtryDtls>")]
    several = details.replace("10.00", "4.00") + details.replace("10.00", "6.00")
    found = _statement(bank, single.replace(details, several).encode())
    assert [line.money.minor for line in found.lines] == [-400, -600]
    wrong = details.replace("10.00", "4.00") + details.replace("10.00", "6.01")
    with pytest.raises(NoBankFile):
        bank.read(single.replace(details, wrong).encode())


HOSTILE = {
    "entities": '<!DOCTYPE d [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><d>&c;</d>',
    "an outside entity": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
    "an outside document type": '<!DOCTYPE d SYSTEM "http://evil.example/d.dtd"><d/>',
    "depth": "<d>" * 100 + "</d>" * 100,
    "not XML": "PK\x03\x04",
    "cut off": "<d><e>",
    "nothing": "",
    "another encoding": '<?xml version="1.0" encoding="utf-7"?><d/>',
    "another message": f'<Document xmlns="{SPACE}pacs.008.001.08"><X/></Document>',
    "a report of nothing": f'<Document xmlns="{SPACE}pain.002.001.10"><X/></Document>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_files_are_refused(bank: SepaMessages, name: str) -> None:
    with pytest.raises(NoBankFile):
        bank.read(HOSTILE[name].encode())


def test_size_and_number_of_elements_are_bounded(
    bank: SepaMessages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "BYTES_MAX", 100)
    with pytest.raises(NoBankFile, match="larger"):
        bank.read(b"<d>" + b" " * 100 + b"</d>")
    monkeypatch.setattr(document, "_ELEMENTS_MAX", 5)
    with pytest.raises(NoBankFile, match="more than"):
        bank.read(b"<d>" + b"<e/>" * 6 + b"</d>")


@pytest.mark.parametrize("text", ["12.345", "-1.00", "x", "NaN", "1e400"])
def test_an_amount_that_is_none_is_refused(bank: SepaMessages, text: str) -> None:
    content = statement("S1", AT, OWN_IBAN, 1, 0, [Booking("B1", -1234, DAY, ID)], DAY)
    with pytest.raises(NoBankFile):
        bank.read(content.replace(b"12.34", text.encode()))
