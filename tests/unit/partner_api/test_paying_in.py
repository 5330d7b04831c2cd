"""Does a partner pay in, save a driver's card and see its invoices with this API alone?"""

from typing import Any

import pytest

from chalicelib.domain.access.key import Scope
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Currency
from chalicelib.usecases import keys
from chalicelib.usecases.partner.invoice import issue
from chalicelib.usecases.records import create
from sandbox.memory.world import PARTNERS
from tests.unit.partner.own_methods import saved

INSURER = PARTNERS[PaymentMethod.PREPAID]


@pytest.fixture
def insurer(api: Any) -> Any:
    return api.as_partner(PaymentMethod.PREPAID)


@pytest.fixture
def wanted(insurer: Any) -> dict[str, Any]:
    """A top-up from the insurer's own card."""
    method = saved(insurer.world, INSURER, "pm_card_visa")
    return {"minor": 10000, "currency": "EUR", "method_id": method.id}


def test_a_partner_saves_its_own_card_with_this_api_alone(insurer: Any) -> None:
    answer = insurer.post("/v1/payment-methods", {"kind": "card"}, Idempotency_Key="k-1")
    insurer.world.settle()
    method = insurer.get(answer.headers["Location"]).json
    assert (method["state"], "token_id" in method) == ("offered", False)
    top_up = {"minor": 10000, "currency": "EUR", "method_id": method["id"]}
    refused = insurer.post("/v1/top-ups", top_up, Idempotency_Key="k-2")
    assert (refused.status, refused.json["code"]) == (422, "method_not_usable")
    assert refused.json["field"] == "method_id"


def test_a_top_up_is_accepted_and_then_stands_on_the_balance(
    insurer: Any, wanted: dict[str, Any]
) -> None:
    answer = insurer.post("/v1/top-ups", wanted, Idempotency_Key="k-1")
    assert (answer.status, answer.json["state"]) == (202, "asked")
    insurer.world.settle()
    paid = insurer.get(answer.headers["Location"]).json
    assert (paid["state"], paid["refundable"]["minor"]) == ("paid", 10000)
    (purse,) = insurer.get("/v1/balance").json["data"]
    assert purse["available"]["minor"] == 60_000


def test_a_top_up_needs_a_key_and_the_same_key_is_the_same_one(
    insurer: Any, wanted: dict[str, Any]
) -> None:
    assert insurer.post("/v1/top-ups", wanted).status == 400
    first = insurer.post("/v1/top-ups", wanted, Idempotency_Key="k-1")
    assert insurer.post("/v1/top-ups", wanted, Idempotency_Key="k-1").json == first.json
    other = insurer.post("/v1/top-ups", {**wanted, "minor": 1}, Idempotency_Key="k-1")
    assert (other.status, other.json["code"]) == (409, "top_up_differs")


def test_unused_balance_goes_back_to_its_source_and_not_more(
    insurer: Any, wanted: dict[str, Any]
) -> None:
    place = insurer.post("/v1/top-ups", wanted, Idempotency_Key="k-1").headers["Location"]
    insurer.world.settle()
    back = {"minor": 4000, "currency": "EUR"}
    assert insurer.post(f"{place}/refunds", back).json["code"] == "idempotency_key_missing"
    for _ in range(2):
        answer = insurer.post(f"{place}/refunds", back, Idempotency_Key="k-2")
        assert answer.json["refundable"]["minor"] == 6000
    too_much = insurer.post(f"{place}/refunds", {**back, "minor": 6001}, Idempotency_Key="k-3")
    assert (too_much.status, too_much.json["field"]) == (422, "money")


def test_another_partner_s_top_up_is_not_there(
    api: Any, insurer: Any, wanted: dict[str, Any]
) -> None:
    place = insurer.post("/v1/top-ups", wanted, Idempotency_Key="k-1").headers["Location"]
    insurer.world.settle()
    assert api.get(place).status == 404
    back = {"minor": 1, "currency": "EUR"}
    assert api.post(f"{place}/refunds", back, Idempotency_Key="k-2").status == 404


def test_a_driver_s_card_is_saved_shown_and_forgotten(api: Any) -> None:
    asked = {"token_id": "tok_card", "kind": "card"}
    answer = api.post("/v1/payment-methods", asked, Idempotency_Key="k-1")
    assert (answer.status, answer.json["state"]) == (202, "asked")
    place = answer.headers["Location"]
    api.world.settle()
    offered = api.get(place).json
    assert (offered["state"], offered["token_id"]) == ("offered", "tok_card")
    assert offered["form_secret"].startswith("seti_")
    reader = api.as_partner(PaymentMethod.CARD, Scope.TOKENS_READ)
    assert "form_secret" not in reader.get(place).json
    assert api.delete(place).json["code"] == "illegal_method_transition"
    assert api.as_partner(PaymentMethod.PREPAID).get(place).status == 404


def test_open_invoices_are_listed_with_their_level(api: Any) -> None:
    fleet, world = api.as_partner(PaymentMethod.INVOICE), api.world
    assert fleet.get("/v1/invoices").json["data"] == []
    world.bill(world.charge(PaymentMethod.INVOICE))
    issue(world.ports, PARTNERS[PaymentMethod.INVOICE], Currency("EUR"))
    world.ports.clock.forward(days=40)
    (invoice,) = fleet.get("/v1/invoices").json["data"]
    assert (invoice["owed"]["minor"], invoice["level"]) == (1749, "final")
    assert invoice["credit_notes"] == []


def test_a_start_on_stopped_credit_is_refused_and_says_why(api: Any) -> None:
    fleet, world = api.as_partner(PaymentMethod.INVOICE), api.world
    world.bill(world.charge(PaymentMethod.INVOICE))
    issue(world.ports, PARTNERS[PaymentMethod.INVOICE], Currency("EUR"))
    world.ports.clock.forward(days=40)
    quote = world._quote("quo_late", PaymentMethod.INVOICE, 3000, "E1")
    world.ports.store.write(create(keys.quote("quo_late"), quote))
    asked = {"quote_id": "quo_late", "token_id": "tok_invoice"}
    answer = fleet.post("/v1/sessions", asked, Idempotency_Key="k-2")
    assert (answer.status, answer.json["code"]) == (409, "credit_stopped")
    assert "Pay the overdue invoice" in answer.json["how_to_fix"]
