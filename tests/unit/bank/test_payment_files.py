"""Is every payment file what a bank takes? By the published schemas, which sepaxml ships."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mockbank import validate

from chalicelib.adapters.sepa.pain001 import Sender, Version, write
from chalicelib.domain.bank.details import BankDetails
from chalicelib.domain.bank.message import Instruction
from chalicelib.domain.money import Money, currency
from sandbox.memory.bank import OWN_BIC, OWN_IBAN
from sandbox.peers.bank.reading import read_orders, schema

EUR = currency("EUR")
OWN = BankDetails("Plugrail GmbH", OWN_IBAN, OWN_BIC)
AT = datetime(2026, 11, 17, 0, 15, tzinfo=UTC)
ID = "pay85d2a79c34efa90131fd2cc5ce31ea94"


def instruction(name: str = "Rheinstrom", minor: int = 1609, bic: str = "") -> Instruction:
    creditor = BankDetails(name, "DE89370400440532013000", bic)
    return Instruction(ID, creditor, Money(minor, EUR), AT, date(2026, 11, 17), "Payout")


def senders() -> st.SearchStrategy[Sender]:
    bics = st.sampled_from(["", OWN_BIC])
    accounts = bics.map(lambda bic: BankDetails("Plugrail GmbH", OWN_IBAN, bic))
    return st.builds(Sender, accounts, st.sampled_from(Version), st.booleans())


@given(
    st.text(min_size=1, max_size=70),
    st.integers(1, 99_999_999_999),
    st.sampled_from(["", "BYLADEMM"]),
    senders(),
)
def test_every_file_is_valid_in_both_versions(
    name: str, minor: int, bic: str, sender: Sender
) -> None:
    content = write(instruction(name, minor, bic), sender)
    schema(sender.version).validate(content.decode())


@given(st.integers(1, 99_999_999_999), senders())
def test_a_bank_reads_from_it_what_was_meant(minor: int, sender: Sender) -> None:
    (order,) = read_orders(write(instruction(minor=minor), sender))
    assert (order.message_id, order.end_to_end_id, order.instruction_id) == (ID, ID, ID)
    assert (order.minor, order.currency, order.instant) == (minor, "EUR", sender.instant)
    assert (order.debtor, order.creditor) == (OWN_IBAN, "DE89370400440532013000")


@pytest.mark.parametrize("version", Version)
def test_another_banks_validator_finds_nothing(version: Version) -> None:
    content = write(instruction(), Sender(OWN, version))
    found = validate.validate(content, today=date(2026, 11, 17))
    assert not validate.errors(found)


def test_the_same_instruction_is_the_same_file_byte_by_byte() -> None:
    assert write(instruction(), Sender(OWN)) == write(instruction(), Sender(OWN))


def test_names_come_in_the_letters_that_every_bank_takes() -> None:
    content = write(instruction("Überlandwerke Łódź & Söhne <GmbH>"), Sender(OWN)).decode()
    assert "<Nm>Ueberlandwerke Lodz + Soehne GmbH</Nm>" in content


def test_instant_is_asked_for_only_where_it_is_chosen() -> None:
    instant = write(instruction(), Sender(OWN, instant=True)).decode()
    assert "<LclInstrm>\n          <Cd>INST</Cd>" in instant
    assert "LclInstrm" not in write(instruction(), Sender(OWN)).decode()


def test_an_instant_transfer_is_made_on_a_day_on_which_banks_are_closed() -> None:
    saturday = datetime(2026, 11, 21, 6, tzinfo=UTC)
    ordered = replace(instruction(), made_at=saturday, execute_on=date(2026, 11, 23))
    for version in Version:
        instant = write(ordered, Sender(OWN, version, instant=True)).decode()
        plain = write(ordered, Sender(OWN, version)).decode()
        found = [
            file.partition("<ReqdExctnDt>")[2].partition("ReqdExctnDt>")[0]
            for file in (instant, plain)
        ]
        assert ["2026-11-21" in found[0], "2026-11-23" in found[1]] == [True, True]
