"""Can staff pay again what the rail returned, and only two of them?"""

import argparse
import json
from typing import Any

import pytest

from chalicelib.usecases.payout.sweep import sweep_payouts
from sandbox.commands import admin
from sandbox.memory.settled import SettledWorld


class Desk:
    """Staff's terminal on a channel whose one payout to the CPO came back."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.settled = SettledWorld()
        self._capsys = capsys
        self.settled.charge()
        self.settled.close_of()
        self.settled.world.ports.payouts.fail_next_payout("account_closed")
        self.settled.run()
        self.settled.next_day(2)
        self.sweep()

    def sweep(self) -> int:
        return sweep_payouts(self.settled.world.ports)["reopened"]

    def type(self, *words: str) -> tuple[int, Any]:
        """The command's exit status, and what it printed: JSON, or the refusal."""
        parser = argparse.ArgumentParser()
        admin.register(parser.add_subparsers())
        arguments = parser.parse_args(["admin", "payout", *words])
        status = admin.run(arguments, self.settled.world.ports)
        printed = self._capsys.readouterr()
        return status, printed.err if status else json.loads(printed.out)

    def waiting(self) -> list[dict[str, Any]]:
        status, listed = self.type("list")
        assert status == 0
        found: list[dict[str, Any]] = listed
        return found


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def test_a_returned_payout_is_listed_until_two_people_agreed(desk: Desk) -> None:
    (returned,) = desk.waiting()
    assert (returned["reason"], returned["agreed"]) == ("returned_account_closed", [])
    assert desk.type("agree", returned["id"], "--person", "Ada Lovelace")[0] == 0
    assert desk.waiting()[0]["agreed"] == ["ada lovelace"]
    assert desk.sweep() == 0
    status, printed = desk.type("agree", returned["id"], "--person", "Bob Hope")
    assert (status, printed["stage"]) == (0, "reversing")
    assert desk.waiting() == []
    assert desk.sweep() == 1


def test_one_person_is_one_however_the_name_is_typed(desk: Desk) -> None:
    (returned,) = desk.waiting()
    for typed in ("Ada Lovelace", "ada  lovelace ", "ADA LOVELACE"):
        assert desk.type("agree", returned["id"], "--person", typed)[0] == 0
    assert desk.waiting()[0]["agreed"] == ["ada lovelace"]


@pytest.mark.parametrize(("person", "code"), [("  ", "invalid"), ("", "invalid")])
def test_nobody_agrees_without_a_name(desk: Desk, person: str, code: str) -> None:
    (returned,) = desk.waiting()
    status, refusal = desk.type("agree", returned["id"], "--person", person)
    assert (status, code in refusal) == (1, True)
    assert desk.waiting() == [returned]


def test_what_is_unknown_or_on_its_way_already_is_refused_by_name(desk: Desk) -> None:
    assert "not_found" in desk.type("agree", "pay_nothing", "--person", "Ada")[1]
    (returned,) = desk.waiting()
    for person in ("Ada", "Bob"):
        desk.type("agree", returned["id"], "--person", person)
    status, refusal = desk.type("agree", returned["id"], "--person", "Cy")
    assert status == 1
    assert "payout_not_returned" in refusal
