"""Does the simulated provider refuse what Stripe refuses, and remember as Stripe remembers?"""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sandbox.peers.provider import sim
from sandbox.peers.provider.config import Config
from sandbox.peers.provider.journal import Journal
from sandbox.peers.provider.provider import Answer, Provider, Request

NOW = 1_795_000_000  # a Wednesday
CARD = "amount=5000&currency=eur&capture_method=manual&confirm=true&payment_method=pm_card_visa"


def made(config: Config | None = None, journal: Journal | None = None) -> Provider:
    provider = Provider(config or Config(), journal or Journal(None), "http://provider")
    provider.tell_time(NOW)
    return provider


def call(
    provider: Provider, method: str, path: str, text: str = "", *, account: str = "", key: str = ""
) -> Answer:
    return provider.answer(Request(method, f"/v1/{path}", text, account, key))


def said(answer: Answer) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.body)
    return body


def refused(answer: Answer) -> tuple[int, str, str]:
    error = said(answer)["error"]
    return answer.status, error.get("code", error["type"]), error.get("param", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("currency=eur", (400, "parameter_missing", "amount")),
        ("amount=5000", (400, "parameter_missing", "currency")),
        ("amount=50.5&currency=eur", (400, "parameter_invalid_integer", "amount")),
        ("amount=0&currency=eur", (400, "parameter_invalid_integer", "amount")),
        ("amount=49&currency=eur", (400, "amount_too_small", "amount")),
        ("amount=100000000&currency=eur", (400, "amount_too_large", "amount")),
        ("amount=5000&currency=xxx", (400, "invalid_request_error", "currency")),
        ("amount=5000&currency=eur&colour=red", (400, "parameter_unknown", "colour")),
        (
            "amount=5000&currency=eur&payment_method=pm_x",
            (400, "resource_missing", "payment_method"),
        ),
        (
            "amount=5000&currency=eur&confirm=true",
            (400, "payment_intent_unexpected_state", ""),
        ),
        (
            "amount=5000&currency=eur&return_url=https://a.example",
            (400, "invalid_request_error", "return_url"),
        ),
        ("amount=50050&currency=isk", (400, "invalid_request_error", "amount")),
    ],
)
def test_a_wrong_intent_is_refused_and_its_key_stays_free(
    text: str, expected: tuple[int, str, str]
) -> None:
    provider = made()
    assert refused(call(provider, "POST", "payment_intents", text, key="k1")) == expected
    assert call(provider, "POST", "payment_intents", CARD, key="k1").status == 200


def test_a_decline_is_remembered_by_its_key() -> None:
    provider = made()
    declined = CARD.replace("pm_card_visa", "pm_card_chargeDeclined")
    first = call(provider, "POST", "payment_intents", declined, key="k1")
    again = call(provider, "POST", "payment_intents", declined, key="k1")
    assert (first.status, again.replayed, again.body) == (402, True, first.body)
    assert said(first)["error"]["payment_intent"]["status"] == "requires_payment_method"


def test_a_key_of_one_account_is_free_for_another() -> None:
    provider = made()
    for account in ("acct_1", "acct_2"):
        provider.control("account", {"id": account})
        call(provider, "POST", "topups", "amount=500&currency=eur")
        text = f"amount=500&currency=eur&destination={account}"
        call(provider, "POST", "transfers", text)
    pay = "amount=500&currency=eur"
    ours = call(provider, "POST", "payouts", pay, account="acct_1", key="k1")
    other = call(provider, "POST", "payouts", pay, account="acct_2", key="k1")
    assert said(ours)["id"] != said(other)["id"]


def test_an_intent_is_captured_once_and_never_after_it_was_cancelled() -> None:
    provider = made()
    one = said(call(provider, "POST", "payment_intents", CARD))["id"]
    assert call(provider, "POST", f"payment_intents/{one}/capture").status == 200
    again = call(provider, "POST", f"payment_intents/{one}/capture")
    assert refused(again)[:2] == (400, "payment_intent_unexpected_state")
    two = said(call(provider, "POST", "payment_intents", CARD))["id"]
    call(provider, "POST", f"payment_intents/{two}/cancel")
    late = call(provider, "POST", f"payment_intents/{two}/capture")
    assert said(late)["error"]["payment_intent"]["status"] == "canceled"


def test_a_card_with_little_money_is_declined_until_a_hold_is_given_back() -> None:
    provider = made()
    provider.control("card", {"id": "pm_anna", "funds": {"eur": 6000}})
    card = CARD.replace("pm_card_visa", "pm_anna")
    first = said(call(provider, "POST", "payment_intents", card))["id"]
    poor = call(provider, "POST", "payment_intents", card)
    assert said(poor)["error"]["decline_code"] == "insufficient_funds"
    call(provider, "POST", f"payment_intents/{first}/capture", "amount_to_capture=1000")
    assert call(provider, "POST", "payment_intents", card).status == 200


def test_search_lags_and_lists_do_not() -> None:
    provider = made()
    text = f"{CARD}&metadata[session_id]=ses_1&transfer_group=ses_1"
    call(provider, "POST", "payment_intents", text)
    query = "query=metadata['session_id']:'ses_1'"
    assert said(call(provider, "GET", "payment_intents/search", query))["data"] == []
    assert said(call(provider, "GET", "charges", "transfer_group=ses_1"))["data"]
    provider.tell_time(NOW + 60)
    assert len(said(call(provider, "GET", "payment_intents/search", query))["data"]) == 1


def test_pages_go_on_after_the_last_one_seen() -> None:
    provider = made()
    for n in range(5):
        call(provider, "POST", "topups", f"amount={n + 1}&currency=eur")
    first = said(call(provider, "GET", "topups", "limit=3"))
    assert ([top["amount"] for top in first["data"]], first["has_more"]) == ([5, 4, 3], True)
    after = first["data"][-1]["id"]
    rest = said(call(provider, "GET", "topups", f"limit=3&starting_after={after}"))
    assert ([top["amount"] for top in rest["data"]], rest["has_more"]) == ([2, 1], False)
    assert refused(call(provider, "GET", "topups", "limit=101"))[2] == "limit"


def test_ids_become_objects_where_asked() -> None:
    provider = made()
    intent = said(call(provider, "POST", "payment_intents", f"{CARD}&transfer_group=ses_1"))["id"]
    call(provider, "POST", f"payment_intents/{intent}/capture", "amount_to_capture=1749")
    path, expand = f"payment_intents/{intent}", "expand[0]=latest_charge.balance_transaction"
    shown = said(call(provider, "GET", path, f"{expand}&expand[1]=latest_charge.refunds"))
    charge = shown["latest_charge"]
    assert charge["balance_transaction"]["fee"] == 51
    # The part of a hold that is never taken counts as refunded, and moves no money.
    assert (charge["amount"], charge["amount_captured"], charge["amount_refunded"]) == (
        5000,
        1749,
        3251,
    )
    assert [refund["balance_transaction"] for refund in charge["refunds"]["data"]] == [None]
    assert refused(call(provider, "GET", path, "expand[]=amount"))[2] == "expand"


@pytest.mark.parametrize(
    ("account", "code"),
    [("acct_unknown", "account_invalid"), ("acct_off", "payouts_not_allowed")],
)
def test_payouts_need_an_account_that_may_have_them(account: str, code: str) -> None:
    provider = made()
    provider.control("account", {"id": "acct_off", "payouts_enabled": False})
    answer = call(provider, "POST", "payouts", "amount=500&currency=eur", account=account)
    assert refused(answer)[1] == code


def test_an_account_without_the_capability_gets_no_transfer() -> None:
    provider = made()
    provider.control("account", {"id": "acct_1", "transfers": False})
    call(provider, "POST", "topups", "amount=500&currency=eur")
    answer = call(provider, "POST", "transfers", "amount=500&currency=eur&destination=acct_1")
    assert refused(answer)[1] == "insufficient_capabilities_for_transfer"


def test_a_pending_payout_can_be_cancelled_and_a_submitted_one_cannot() -> None:
    provider = made()
    provider.control("account", {"id": "acct_1"})
    call(provider, "POST", "topups", "amount=900&currency=eur")
    call(provider, "POST", "transfers", "amount=900&currency=eur&destination=acct_1")
    paid = said(call(provider, "POST", "payouts", "amount=400&currency=eur", account="acct_1"))
    gone = call(provider, "POST", f"payouts/{paid['id']}/cancel", account="acct_1")
    assert said(gone)["status"] == "canceled"
    late = said(call(provider, "POST", "payouts", "amount=500&currency=eur", account="acct_1"))
    provider.tell_time(NOW + 3600)
    assert call(provider, "POST", f"payouts/{late['id']}/cancel", account="acct_1").status == 400


@pytest.mark.parametrize("kind", ["error_503", "rate_limited", "timeout_before"])
def test_a_temporary_answer_leaves_the_key_free(kind: str) -> None:
    provider = made()
    provider.control("fault", {"call": "payment_intents.create", "kind": kind})
    first = call(provider, "POST", "payment_intents", CARD, key="k1")
    assert first.cut or first.status in {429, 503}
    assert call(provider, "POST", "payment_intents", CARD, key="k1").status == 200
    assert len(provider.books.things["payment_intent", ""]) == 1


def test_an_error_after_the_fact_is_repeated_by_its_key() -> None:
    provider = made()
    provider.control("fault", {"call": "payment_intents.create", "kind": "error_500_after"})
    assert call(provider, "POST", "payment_intents", CARD, key="k1").status == 500
    assert call(provider, "POST", "payment_intents", CARD, key="k1").status == 500
    assert len(provider.books.things["payment_intent", ""]) == 1


def test_a_fault_waits_for_the_request_it_is_for() -> None:
    provider = made()
    fault = {"call": "payment_intents.create", "kind": "error_503", "match": "ses_2"}
    provider.control("fault", fault)
    assert call(provider, "POST", "payment_intents", f"{CARD}&transfer_group=ses_1").status == 200
    assert call(provider, "POST", "payment_intents", f"{CARD}&transfer_group=ses_2").status == 503


@pytest.mark.parametrize("path", ["nothing", "payment_intents/pi_1/explode", ""])
def test_an_unknown_path_is_not_found(path: str) -> None:
    assert call(made(), "POST", path).status == 404


def test_balances_are_the_sum_of_their_lines() -> None:
    provider = _busy(made())
    state = sim.state(provider.books)
    for account, purses in state["balances"].items():
        own = "" if account == "channel" else account
        lines = provider.books.things["balance_transaction", own].values()
        for currency, purse in purses.items():
            nets = sum(line["net"] for line in lines if line["currency"].upper() == currency)
            assert nets == purse["available"] + purse["pending"], account


def test_a_restart_brings_everything_back(tmp_path: Path) -> None:
    path = tmp_path / "provider.jsonl"
    with closing(Journal(path)) as journal:
        before = _busy(made(journal=journal))
    with path.open("a") as file:
        file.write('["call","POST","/v1/topups","amount=')  # a kill cut this line short
    with closing(Journal(path)) as journal:
        after = Provider(Config(), journal, "http://provider")
        assert after.books.things == before.books.things
        assert sim.state(after.books) == sim.state(before.books)
        assert call(after, "POST", "topups", "amount=7&currency=eur", key="k2").replayed
        call(after, "POST", "topups", "amount=8&currency=eur")
    with closing(Journal(path)) as journal:
        third = Provider(Config(), journal, "http://provider")
        assert third.books.things == after.books.things


def _busy(provider: Provider) -> Provider:
    provider.control("account", {"id": "acct_1"})
    provider.control("webhook", {"url": "http://channel", "secret": "whsec_1"})
    intent = said(call(provider, "POST", "payment_intents", CARD, key="k1"))["id"]
    call(provider, "POST", f"payment_intents/{intent}/capture", "amount_to_capture=1749")
    call(provider, "POST", "payment_intents", CARD.replace("pm_card_visa", "pm_x"))
    call(provider, "POST", "topups", "amount=9000&currency=eur")
    call(provider, "POST", "transfers", "amount=900&currency=eur&destination=acct_1")
    provider.control("fault", {"call": "payouts.create", "kind": "payout_returned"})
    call(provider, "POST", "payouts", "amount=900&currency=eur", account="acct_1")
    provider.tell_time(NOW + 86_400 * 2)
    call(provider, "POST", "topups", "amount=7&currency=eur", key="k2")
    provider.told(min(provider.books.outbox), 200)
    return provider
