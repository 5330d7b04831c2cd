"""What staff type about chargebacks and about invoices of partners on credit."""

import argparse
import json
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases.cdr.accept import SessionAlreadyBilled, accept_cdr
from chalicelib.usecases.dispute.read import of_session
from chalicelib.usecases.payment.chargeback import follow_dispute
from sandbox.commands import admin
from sandbox.memory.world import PARTNERS, World


class Desk:
    def __init__(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        self._world, self._capsys = world, capsys
        self._parser = argparse.ArgumentParser()
        admin.register(self._parser.add_subparsers())

    def type(self, line: str, *more: str, refused: bool = False) -> Any:
        parsed = self._parser.parse_args(["admin", *line.split(), *more])
        assert admin.run(parsed, self._world.ports) == int(refused)
        said = self._capsys.readouterr()
        return said.err if refused else json.loads(said.out)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(world, capsys)


def test_staff_say_what_a_chargeback_is_about_until_it_is_decided(world: World, desk: Desk) -> None:
    session = world.bill(world.charge())
    payments = world.ports.payments
    reference = payments.open_dispute(session.payment.reference, "general")
    follow_dispute(world.ports, payments.read_dispute(reference))
    (open_now,) = desk.type("dispute list")["chargebacks"]
    assert (open_now["id"], open_now["kind"]) == (reference, "other")
    (dispute,) = of_session(world.ports, session.partner_id, session.id)
    line = f"dispute classify {dispute.id} --kind mispriced --person"
    named = desk.type(line, "Ada Lovelace")
    assert (named["kind"], named["classified_by"]) == ("mispriced", "Ada Lovelace")
    payments.close_dispute(reference, DisputeState.LOST)
    follow_dispute(world.ports, payments.read_dispute(reference))
    assert desk.type("dispute list")["chargebacks"] == []
    assert "chargeback_decided" in desk.type(line, "Ada Lovelace", refused=True)
    assert "not_found" in desk.type("dispute classify dp_no --kind fraud --person A", refused=True)


def test_staff_invoice_a_fleet_before_its_month_is_over(world: World, desk: Desk) -> None:
    world.bill(world.charge(PaymentMethod.INVOICE))
    fleet = PARTNERS[PaymentMethod.INVOICE]
    issued = desk.type(f"invoice issue {fleet} EUR")
    assert issued["money"] == {"minor": 1749, "currency": "EUR"}
    listed = desk.type(f"invoice list {fleet}")
    assert [(each["id"], each["level"]) for each in listed["open"]] == [(issued["id"], "issued")]
    assert listed["open"][0]["owed"] == issued["money"]
    assert desk.type(f"invoice issue {fleet} EUR") == issued
    assert "not_found" in desk.type("invoice issue par_none EUR", refused=True)


def test_staff_see_a_second_cdr_and_say_what_it_was(world: World, desk: Desk) -> None:
    session = world.bill(world.charge())
    with pytest.raises(SessionAlreadyBilled):
        accept_cdr(world.ports, world.connection, world.cdr(session, id="second"), "cdr/raw.json")
    (second,) = desk.type("dispute list")["second_cdrs"]
    assert (second["session_id"], second["cdr"]) == (session.id, "second")
    line = f"dispute explain-cdr {session.id} --words mistaken --person"
    assert desk.type(line, "Ada Lovelace")["by"] == "ada lovelace"
    assert desk.type("dispute list")["second_cdrs"] == []
