import argparse
import json
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.fx.rates import DailyRates
from chalicelib.usecases.access.authenticate import authenticate
from sandbox.commands import admin
from sandbox.commands.refusals import LISTED_BY
from sandbox.memory.ports import MemoryPorts

CHANNEL = "party add --id channel --kind channel --name Us --country DE --currency EUR"
PARTNER = (
    "party add --id par_app --kind partner --name App --country DE --currency EUR "
    "--vat DE:DE822222222:2024-01-01:reseller --kyc verified"
)
CPO = "party add --id cpo_nord --kind cpo --name Nord --country DE --currency EUR"
PREPAID = "agreement make --partner par_app --commission 8% --share 0.5 --pay prepaid"


class Desk:
    """Staff's terminal, against a table in memory."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.ports = MemoryPorts()
        self._capsys = capsys
        self._parser = argparse.ArgumentParser()
        admin.register(self._parser.add_subparsers())

    def parse(self, line: str, *more: str) -> argparse.Namespace:
        return self._parser.parse_args(["admin", *line.split(), *more])

    def type(self, line: str, *more: str) -> Any:
        assert admin.run(self.parse(line, *more), self.ports) == 0
        return json.loads(self._capsys.readouterr().out)

    def refused(self, line: str, *more: str) -> str:
        assert admin.run(self.parse(line, *more), self.ports) == 1
        return self._capsys.readouterr().err


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    desk = Desk(capsys)
    for line in (CHANNEL, PARTNER, CPO):
        desk.type(line)
    return desk


def test_staff_make_a_partner_that_can_charge_on_a_balance(desk: Desk) -> None:
    made = desk.type(f"{PREPAID} --since 2026-11-01")
    assert (made["commission"], made["cpo_id"]) == ("0.08", "*")
    desk.type("top-up par_app --reference tu_1", "500.00 EUR")
    (balance,) = desk.type("balance par_app")
    assert balance["available"] == {"minor": 50000, "currency": "EUR"}
    assert [found["id"] for found in desk.type("party list")] == ["channel", "cpo_nord", "par_app"]
    assert desk.type("party show par_app")["vat"][0]["reseller"] is True
    assert desk.type("agreement list par_app") == [made]


def test_a_key_is_printed_once_and_opens_the_api(desk: Desk) -> None:
    printed = desk.type("key issue par_app --scope sessions:read")
    text = printed["key"]
    assert text not in json.dumps(desk.ports.store.dump())
    caller = authenticate(desk.ports, text)
    assert (caller.partner_id, list(caller.scopes)) == ("par_app", ["sessions:read"])
    assert desk.type(f"key revoke par_app {printed['id']}")["revoked_at"]


def test_a_cpos_system_is_invited_with_a_token_that_is_printed_once(desk: Desk) -> None:
    invited = desk.type("connection invite cpo_nord DE*NRD")
    assert invited["versions_url"].endswith("/ocpi/versions")
    assert invited["token"] not in json.dumps(desk.ports.store.dump())


def test_facts_are_changed_and_others_stay(desk: Desk) -> None:
    changed = desk.type("party change cpo_nord --kyc verified --payout-minimum 5EUR")
    assert (changed["kyc"], changed["payout_minimum"]["minor"], changed["name"]) == (
        "verified",
        500,
        "Nord",
    )
    assert "payout_minimum" in desk.refused("party change cpo_nord --currency SEK")
    moved = desk.type("party change cpo_nord --currency SEK --payout-minimum 50SEK")
    assert (moved["settlement_currency"], moved["kyc"]) == ("SEK", "verified")
    assert "currency_ended" in desk.refused("party change cpo_nord --currency HRK")


def test_money_that_came_in_is_booked_by_its_reference(desk: Desk) -> None:
    desk.type(f"{PREPAID.replace('prepaid', 'invoice')} --since 2026-11-01 --credit-limit 100EUR")
    first = desk.type("invoice-paid par_app 20EUR --reference bank_1 --fee 0.10EUR")
    assert desk.type("invoice-paid par_app 20EUR --reference bank_1 --fee 0.10EUR") == first
    assert desk.type("float 1000EUR --reference tu_2")["kind"] == "float"
    assert "fx_feed_unavailable" in desk.refused("rates")
    desk.ports.rates.days.append(DailyRates(date(2026, 11, 13), {}, "ECB"))
    assert [desk.type("rates") for _ in range(2)] == [{"new_days": 1}, {"new_days": 0}]


def test_a_refusal_says_its_code_and_how_to_fix_it(desk: Desk) -> None:
    desk.type(f"{PREPAID} --since 2026-11-01")
    refused = desk.refused(f"{PREPAID.replace('8%', '9%')} --since 2026-11-01")
    assert "agreement_differs" in refused
    assert "later day" in refused
    unknown = desk.refused("key issue par_nobody")
    assert "not_found" in unknown
    assert "to fix it: see `python -m sandbox admin party list`" in unknown


def test_what_a_refusal_sends_people_to_is_a_command(desk: Desk) -> None:
    for listing in LISTED_BY.values():
        words = listing.replace("PARTNER", "par_app").replace("PARTY", "par_app")
        desk.type(words)


@pytest.mark.parametrize(
    "line",
    [
        "top-up par_app 5.001EUR --reference tu_1",
        "top-up par_app fiveEUR --reference tu_1",
        "top-up par_app 5EURO --reference tu_1",
        "top-up par_app 5EUR",
        f"{PREPAID} --since yesterday",
        f"{PREPAID.replace('8%', 'much')} --since 2026-11-01",
        f"{PREPAID.replace('8%', 'NaN')} --since 2026-11-01",
        "party change cpo_nord --vat DE:1",
        "party change cpo_nord --vat DE:1:2024-01-01:resseller",
        "party change cpo_nord --kyc maybe",
    ],
)
def test_a_slip_of_the_pen_is_refused_before_anything_is_read(desk: Desk, line: str) -> None:
    with pytest.raises(SystemExit):
        desk.parse(line)


def test_terms_are_proposed_for_one_side_and_countersigned_for_the_other(desk: Desk) -> None:
    line = "agreement propose --partner par_app --cpo cpo_nord --commission 8% --share 0.5"
    fees = "EUR:kwh=0.015:most=3:tier=10000/6%/0.01"
    terms = (
        f"--pay prepaid --since 2026-11-01 --commission-terms {fees} --rebate 5% --rebate-by cpo"
    )
    made = desk.type(f"{line} {terms} --signed-by", "Nina Nord")
    assert made["state"] == "proposed"
    assert made["commission_terms"]["tiers"][0]["fraction"] == "0.06"
    assert made["driver_rebate"]["paid_by"] == "cpo"
    sign = f"agreement countersign par_app {made['id']} --hash {made['hash']} --signed-by"
    assert "same_side" in desk.refused(sign, "Bert")
    done = desk.type(f"{sign} Ada --side partner")
    assert done["state"] == "countersigned"
    assert desk.type("agreement list par_app") == [done]


def test_a_fee_that_cannot_be_read_is_refused_with_its_form(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in ("EUR:km=1", "EUR:kwh=x", "EUR:tier=1", "XYZ:kwh=1"):
        with pytest.raises(SystemExit):
            desk.parse(f"{PREPAID} --since 2026-11-01 --commission-terms {wrong}")
        assert "is not like" in capsys.readouterr().err


def test_an_exchange_of_a_payout_that_is_not_there_is_refused(desk: Desk) -> None:
    line = "exchange --reference fx_1"
    assert "not_found" in desk.refused(line, "100.00 EUR", "94.00 CHF", "pay_1")
