"""Does the simulated provider answer with what the SDK's own types promise?"""

import json
from typing import Any, get_args, get_origin

import pytest
import stripe
import stripe.params

from chalicelib.adapters.stripe.client import API_VERSION
from sandbox.peers.provider.config import Config
from sandbox.peers.provider.events import API_VERSION as PROVIDERS_VERSION
from sandbox.peers.provider.journal import Journal
from sandbox.peers.provider.operations import OPERATIONS
from sandbox.peers.provider.provider import Provider, Request

NOW = 1_795_000_000
TYPES: dict[str, type[stripe.StripeObject]] = {
    "account": stripe.Account,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payout": stripe.Payout,
    "refund": stripe.Refund,
    "topup": stripe.Topup,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
}


def post(provider: Provider, path: str, text: str, account: str = "") -> dict[str, Any]:
    answer = provider.answer(Request("POST", f"/v1/{path}", text, account))
    said: dict[str, Any] = json.loads(answer.body)
    assert answer.status == 200, said
    return said


@pytest.fixture(scope="module")
def every() -> dict[str, list[dict[str, Any]]]:
    """One provider after each kind of call, and all that it then shows, by kind."""
    provider = Provider(Config(), Journal(None), "http://provider")
    provider.tell_time(NOW)
    provider.control("account", {"id": "acct_1"})
    card = "amount=5000&currency=eur&capture_method=manual&confirm=true&payment_method="
    held = post(provider, "payment_intents", f"{card}pm_card_visa&transfer_group=ses_1")
    post(provider, f"payment_intents/{held['id']}/capture", "amount_to_capture=1749")
    post(provider, "refunds", f"payment_intent={held['id']}&amount=100")
    asking = f"{card}pm_card_authenticationRequired&return_url=https://app.example"
    post(provider, "payment_intents", asking)
    provider.answer(Request("POST", "/v1/payment_intents", f"{card}pm_card_chargeDeclined"))
    post(provider, "topups", "amount=9000&currency=eur")
    sent = post(provider, "transfers", "amount=900&currency=eur&destination=acct_1")
    provider.control("fault", {"call": "payouts.create", "kind": "payout_fails"})
    post(provider, "payouts", "amount=900&currency=eur", "acct_1")
    provider.tell_time(NOW + 86_400 * 5)
    post(provider, f"transfers/{sent['id']}/reversals", "amount=100")
    found: dict[str, list[dict[str, Any]]] = {}
    for (kind, _), things in provider.books.things.items():
        found.setdefault(kind, []).extend(things.values())
    found["balance"] = [json.loads(provider.answer(Request("GET", "/v1/balance")).body)]
    return found


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_promised_field_is_there_and_no_other(
    kind: str, every: dict[str, list[dict[str, Any]]]
) -> None:
    hints = TYPES[kind].__annotations__
    promised = {name: str(hint) for name, hint in hints.items() if name != "OBJECT_NAME"}
    optional = {name for name, hint in promised.items() if "None" in hint or "Optional" in hint}
    things = [thing for thing in every[kind] if thing["object"] == kind]
    assert things
    for thing in things:
        fields = {name for name in thing if not name.startswith("_")}
        assert fields <= set(promised), f"{kind} has {fields - set(promised)}"
        assert set(promised) - optional <= fields, (
            f"{kind} lacks {set(promised) - optional - fields}"
        )


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_state_is_one_that_the_sdk_knows(
    kind: str, every: dict[str, list[dict[str, Any]]]
) -> None:
    for field in ("status", "type", "capture_method", "cancellation_reason", "balance_type"):
        known = _literals(TYPES[kind].__annotations__.get(field))
        if known:
            said = {thing.get(field) for thing in every[kind] if thing.get(field) is not None}
            assert said <= known, f"{kind}.{field}"


def _literals(hint: Any) -> set[Any]:
    """The values that a type spells out, however deep."""
    if get_origin(hint) is not None and str(get_origin(hint)) == "typing.Literal":
        return set(get_args(hint))
    return {value for part in get_args(hint) for value in _literals(part)}


def test_every_operation_has_the_sdks_parameters() -> None:
    for operation in OPERATIONS.values():
        assert hasattr(stripe.params, operation.params), operation.params


def test_adapter_provider_and_sdk_speak_the_same_version() -> None:
    assert API_VERSION == PROVIDERS_VERSION == stripe.api_version
