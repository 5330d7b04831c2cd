"""Can a partner dispute a session for its driver, and follow it down to its own statement?"""

import argparse
import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.access.key import Scope
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.window import after
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.commands import admin
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import World
from tests.unit.dispute.credits import credit_of, pass_time, sent, sums

BODY = {"reason": "not_delivered", "amount": 500, "text": "it stopped after a minute"}


def _billed(api: Any) -> Session:
    session = api.world.charge()
    api.world.bill(session)
    pass_time(api.world)
    billed: Session = api.world.session(session.id)
    return billed


def _dispute(api: Any, session: Session, key: str = "k", **body: Any) -> Any:
    return api.post(f"/v1/sessions/{session.id}/disputes", BODY | body, Idempotency_Key=key)


def _staff(ports: Any, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    parser = argparse.ArgumentParser()
    admin.register(parser.add_subparsers())
    status = admin.run(parser.parse_args(["admin", "dispute", *words]), ports)
    printed = capsys.readouterr()
    return json.loads(printed.out) if status == 0 else printed.err


def _differences(world: World) -> list[str]:
    """The small world books a top-up and a float that its provider never saw; nothing else."""
    return [each.difference.id for each in reconcile_books(world.ports, deep=True).differences]


def test_a_dispute_is_opened_once_listed_and_read(api: Any) -> None:
    session = _billed(api)
    made = _dispute(api, session)
    assert made.status == 201, made.text
    assert (made.json["state"], made.json["cause"]) == ("open", "driver")
    assert made.json["asked"] == {"minor": 500, "currency": "EUR"}
    assert _dispute(api, session).json["id"] == made.json["id"]
    assert api.get(made.headers["Location"]).json == made.json
    assert api.get(f"/v1/sessions/{session.id}/disputes").json["data"] == [made.json]


def test_what_is_wrong_with_it_is_said(api: Any) -> None:
    session = _billed(api)
    answers = [
        _dispute(api, session, amount=1750),
        _dispute(api, session, reason="because"),
        api.post(f"/v1/sessions/{session.id}/disputes", BODY),
        api.post("/v1/sessions/ses_none/disputes", BODY, Idempotency_Key="k"),
        api.get("/v1/disputes/dsp_none"),
    ]
    codes = [(answer.status, answer.json["code"]) for answer in answers]
    assert codes == [
        (422, "invalid"),
        (422, "invalid"),
        (400, "idempotency_key_missing"),
        (404, "not_found"),
        (404, "not_found"),
    ]
    _dispute(api, session)
    assert _dispute(api, session, key="other").json["code"] == "dispute_open"
    assert _dispute(api, session, amount=1).json["code"] == "idempotency_key_reused"
    running = api.world.start()
    assert _dispute(api, running).json["code"] == "nothing_to_dispute"


def test_each_scope_is_needed_and_others_see_nothing(api: Any) -> None:
    session = _billed(api)
    made = _dispute(api, session).json
    reader = api.as_partner(PaymentMethod.CARD, Scope.DISPUTES_READ)
    assert reader.get(f"/v1/disputes/{made['id']}").status == 200
    assert _dispute(reader, session, key="other").json["code"] == "scope_missing"
    other = api.as_partner(PaymentMethod.PREPAID)
    assert other.get(f"/v1/disputes/{made['id']}").status == 404
    assert other.get(f"/v1/sessions/{session.id}/disputes").status == 404
    assert _dispute(other, session).status == 404


def test_one_chain_leads_from_the_claim_to_the_next_settlement_of_all_parties(
    api: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settled on the first day, disputed on the second, and corrected in the second's window."""
    settled = SettledWorld()
    world = settled.world
    wiring.use(world.ports)
    api.world = world
    api = api.as_partner(PaymentMethod.CARD)
    session = settled.charge()
    settled.settle_day()
    known = _differences(world)
    world.ports.clock.at += timedelta(hours=8)
    made = _dispute(api, session).json
    listed = _staff(world.ports, capsys, "list")
    assert [each["id"] for each in listed["open"]] == [made["id"]]
    words = ("--grant", "3.00 EUR", "--reason", "it stopped", "--person", "Ada Lovelace")
    _staff(world.ports, capsys, "decide", made["id"], *words)
    pass_time(world)
    settled.charge(PaymentMethod.CARD)
    settled.settle_day(after(DAY))
    read = api.get(f"/v1/disputes/{made['id']}").json
    assert (read["state"], read["decision"]["granted"]["minor"]) == ("settled", 300)
    correction, refund = read["entries"]
    assert (correction["event"], correction["driver"]["minor"]) == ("correction", 300)
    assert (refund["event"], refund["driver"]["minor"]) == ("refund", -300)
    assert correction["partner_due"]["minor"] == -12
    (statement,) = correction["statements"]
    lines = api.get(f"/v1/statements/{statement}").json["lines"]
    (line,) = [line for line in lines if line["entry"] == correction["entry"]]
    assert (line["session"], line["amount"]["minor"]) == (session.id, -12)
    whole = _staff(world.ports, capsys, "show", made["id"])
    payees = {payout["payee"] for payout in whole["entries"][0]["payouts"]}
    assert payees == {"cpo_rhein", "par_app"}
    assert sums(world)
    assert _differences(world) == known


def test_a_credit_cdr_after_its_settlement_lands_in_the_next_window_with_its_history(
    api: Any,
) -> None:
    settled = SettledWorld()
    world = settled.world
    session = settled.charge()
    original = world.cdr(session)
    settled.settle_day()
    known = _differences(world)
    world.ports.clock.at += timedelta(hours=8)
    sent(world, credit_of(original))
    sent(world, world.cdr(session, kwh="20", excl="9.80", id="second"))
    pass_time(world)
    settled.settle_day(after(DAY))
    wiring.use(world.ports)
    api.world = world
    api = api.as_partner(PaymentMethod.CARD)
    (dispute,) = api.get(f"/v1/sessions/{session.id}/disputes").json["data"]
    assert (dispute["cause"], dispute["state"]) == ("credit", "settled")
    assert [entry["event"] for entry in dispute["entries"]] == ["reversal", "refund"]
    assert dispute["entries"][0]["statements"]
    bill = world.session(session.id).bill
    assert bill is not None
    paid = [p for p in settled.payouts() if p.party_id == "cpo_rhein"]
    assert len(paid) == 2
    assert _differences(world) == known
