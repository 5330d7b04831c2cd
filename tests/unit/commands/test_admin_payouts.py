"""Can staff have a payout made again, returned or lost, and only two of them?"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.ports.payments import ProviderUnavailable
from chalicelib.usecases.payout.sweep import sweep_payouts
from sandbox.commands import admin
from sandbox.memory.machine import Killed, MemoryMachine
from sandbox.memory.settled import SettledWorld


class Desk:
    """Staff's terminal on a channel whose first window is due."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.settled = SettledWorld()
        self._capsys = capsys
        self.settled.charge()
        self.settled.close_of()

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
    """The one payout to the CPO came back."""
    desk = Desk(capsys)
    desk.settled.world.ports.payouts.fail_next_payout("account_closed")
    desk.settled.run()
    desk.settled.next_day(2)
    desk.sweep()
    return desk


@pytest.fixture(params=["transfer", "pay"])
def lost(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Desk:
    """No such call reached the rail, its callers died, and a day passed until the next attempt."""
    desk = Desk(capsys)
    settled, ports = desk.settled, desk.settled.world.ports

    def around(payload: Mapping[str, Any], call: Callable[[], Any]) -> Any:
        if payload["step"] != "pay":
            return call()
        ports.payouts.lose_next(request.param, after=False)
        try:
            return call()
        except ProviderUnavailable:
            raise Killed from None

    settled.machine = MemoryMachine(ports, around)
    settled.run()
    settled.machine = MemoryMachine(ports)
    ports.clock.forward(hours=24)
    settled.run()
    return desk


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


def test_a_call_of_unknown_outcome_is_made_again_once_two_people_looked(lost: Desk) -> None:
    listed = lost.type("unknown")[1]
    assert {payout["stage"] for payout in listed} <= {"transferring", "paying"}
    assert listed
    for payout in listed:
        assert lost.type("absent", payout["id"], "--person", "Ada Lovelace")[0] == 0
        assert lost.type("absent", payout["id"], "--person", "ada  lovelace")[0] == 0  # still one
    lost.settled.run()
    assert [payout["id"] for payout in lost.type("unknown")[1]] == [each["id"] for each in listed]
    for payout in listed:
        assert lost.type("absent", payout["id"], "--person", "Bob Hope")[0] == 0
    assert lost.type("unknown")[1] == []
    lost.settled.run()
    _assert_paid_once(lost.settled)


def test_a_word_about_a_call_is_no_word_about_what_comes_after_it(lost: Desk) -> None:
    """Or one more person's would do to pay a returned payout, or to make the next call, again."""
    rail = lost.settled.world.ports.payouts
    first = next(p for p in lost.settled.payouts() if p.stage is not PayoutStage.ACCEPTED)
    assert lost.type("absent", first.id, "--person", "Ada Lovelace")[1]["agreed"] == [
        "ada lovelace"
    ]
    assert first.money is not None
    made = rail.transfer if first.stage is PayoutStage.TRANSFERRING else rail.pay
    made(first.id, first.account, first.money, "late")
    lost.settled.run()
    (now,) = (payout for payout in lost.settled.payouts() if payout.id == first.id)
    assert (now.stage, now.agreed) == (PayoutStage.ACCEPTED, ())


def test_what_the_rail_shows_or_has_told_is_not_made_again(lost: Desk) -> None:
    rail = lost.settled.world.ports.payouts
    first = next(p for p in lost.settled.payouts() if p.stage is not PayoutStage.ACCEPTED)
    assert first.money is not None
    made = rail.transfer if first.stage is PayoutStage.TRANSFERRING else rail.pay
    made(first.id, first.account, first.money, "late")
    for person in ("Ada Lovelace", "Bob Hope"):
        status, refusal = lost.type("absent", first.id, "--person", person)
        assert (status, "the rail shows it" in refusal) == (1, True)
    lost.settled.run()
    status, refusal = lost.type("absent", first.id, "--person", "Ada Lovelace")
    assert (status, "is accepted" in refusal) == (1, True)


def _assert_paid_once(settled: SettledWorld) -> None:
    payouts = settled.payouts()
    assert {payout.stage for payout in payouts} == {PayoutStage.ACCEPTED}
    for payout in payouts:
        lines = settled.world.ports.payouts.balance_lines(payout.account)
        kinds = Counter(line.kind for line in lines if line.owner == payout.id)
        assert set(kinds.values()) == {1}, kinds
