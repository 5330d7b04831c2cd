"""Can staff see what a window did, hold, release, approve, and see debts and the float?"""

import argparse
import json
from typing import Any

import pytest

from chalicelib.usecases.payout.sweep import sweep_payouts
from sandbox.commands import admin
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO

WHY = ("--reason", "compared with the bank", "--person")


class Desk:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.settled = SettledWorld()
        self.settled.charge()
        self._capsys = capsys

    def type(self, *words: str) -> Any:
        """What the command printed; the refusal's code when it was refused."""
        parser = argparse.ArgumentParser()
        admin.register(parser.add_subparsers())
        status = admin.run(parser.parse_args(["admin", *words]), self.settled.world.ports)
        printed = self._capsys.readouterr()
        return (
            printed.err.partition("(")[2].partition(")")[0] if status else json.loads(printed.out)
        )


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def test_a_window_shows_its_payouts_and_each_payout_its_steps_in_order(desk: Desk) -> None:
    desk.settled.settle_day()
    shown = desk.type("window", "show", DAY)
    assert (shown["stage"], shown["lease"]) == ("closed", 1)
    (cpo,) = (payout for payout in shown["payouts"] if payout["party_id"] == CPO)
    steps = desk.type("window", "payout", cpo["id"])["steps"]
    assert [step["step"] for step in steps] == [
        "screen",
        "convert",
        "document",
        "fund",
        "transfer_asked",
        "transfer",
        "payout_asked",
        "rail_accepted",
    ]
    assert {step["attempt"] for step in steps} == {1}
    assert desk.type("window", "list") == []
    assert desk.type("window", "show", "2026-11-01.Europe-Berlin") == "not_found"


def test_a_party_is_held_and_released_by_command_and_the_words_are_kept(desk: Desk) -> None:
    assert desk.type("hold", CPO, *WHY, "Ada Lovelace")["held"]
    desk.settled.settle_day()
    assert not desk.type("release", CPO, *WHY, "Ada Lovelace")["held"]
    assert desk.type("release", CPO, *WHY, "Ada Lovelace") == "not_held"
    (hold,) = desk.type("holds")
    assert [word["what"] for word in hold["said"]] == ["hold", "release"]


def test_a_large_payout_is_proposed_by_one_and_approved_by_another(desk: Desk) -> None:
    desk.type("approval", "limit", "10.00 EUR", *WHY, "Ada Lovelace")
    desk.settled.settle_day()
    (form,) = desk.type("approval", "list")
    assert form["money"] == {"minor": 1609, "currency": "EUR"}
    payout = form["payout_id"]
    desk.type("approval", "propose", payout, *WHY, "Ada Lovelace")
    assert desk.type("approval", "approve", payout, *WHY, "Ada Lovelace") == "same_person"
    desk.type("approval", "approve", payout, *WHY, "Grace Hopper")
    sweep_payouts(desk.settled.world.ports)
    assert desk.type("window", "payout", payout)["stage"] == "accepted"


def test_debts_and_the_float_are_shown(desk: Desk) -> None:
    desk.settled.settle_day()
    assert desk.type("debt", "list") == desk.type("debt", "claims", CPO) == []
    (stripe,) = desk.type("float-forecast")["rails"]
    assert (stripe["rail"], stripe["short"]["minor"]) == ("stripe", 0)


def test_a_minimum_is_a_term_that_staff_set(desk: Desk) -> None:
    changed = desk.type("party", "change", CPO, "--payout-minimum", "20.00 EUR")
    assert changed["payout_minimum"] == {"minor": 2000, "currency": "EUR"}
