"""Can staff move a party to SEPA, two of them, and place what the bank brought?"""

import argparse
import json
from typing import Any

import pytest

from chalicelib.usecases.party.read import party
from sandbox.commands import admin
from sandbox.memory.banked import RHEIN_IBAN, BankedPorts
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import CPO, World


class Desk:
    """Staff's terminal on a channel whose bank has just received some float."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.ports: MemoryPorts = World().ports
        self._capsys = capsys
        BankedPorts(self.ports).fund(5000)

    def type(self, *words: str) -> tuple[int, Any]:
        """The command's exit status, and what it printed: JSON, or the refusal."""
        parser = argparse.ArgumentParser()
        admin.register(parser.add_subparsers())
        status = admin.run(parser.parse_args(["admin", *words]), self.ports)
        printed = self._capsys.readouterr()
        return status, printed.err if status else json.loads(printed.out)


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def test_two_people_move_a_party_to_its_bank_account(desk: Desk) -> None:
    details = ("--iban", RHEIN_IBAN, "--name", "Rheinstrom")
    status, made = desk.type("destination", "propose", CPO, *details, "--person", "Ada")
    assert status == 0
    assert RHEIN_IBAN not in json.dumps(made)
    status, refused = desk.type("destination", "approve", CPO, made["account"], "--person", "ada")
    assert status == 1
    assert "same_person" in refused
    status, _ = desk.type("destination", "approve", CPO, made["account"], "--person", "Bob")
    assert status == 0
    assert party(desk.ports, CPO).payout_account == made["account"]
    _, listed = desk.type("destination", "list", CPO)
    assert [found["approved_by"] for found in listed] == ["bob"]


def test_a_wrong_iban_is_refused_with_words(desk: Desk) -> None:
    wrong = ("--iban", "DE00370400440532013000", "--name", "Rheinstrom")
    status, refused = desk.type("destination", "propose", CPO, *wrong, "--person", "Ada")
    assert status == 1
    assert "check digits" in refused


def test_an_account_that_is_not_blocked_is_not_unblocked(desk: Desk) -> None:
    status, refused = desk.type("destination", "unblock", "acct_rhein", "--person", "Ada")
    assert status == 1
    assert "account_not_blocked" in refused


def test_money_that_we_paid_in_is_booked_as_float(desk: Desk) -> None:
    _, listed = desk.type("bank", "list")
    (line,) = listed["lines"]
    status, said = desk.type("bank", "float", line["line"], "--person", "Ada")
    assert status == 0
    assert said["words"] == "float"
    _, listed = desk.type("bank", "list")
    assert listed == {"lines": [], "files": [], "refused": []}
