"""Which requests are there? Each of the API's paths, its parameters' type and what it does."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sandbox.peers.provider import (
    cards,
    charges,
    connect,
    disputes,
    intents,
    money,
    payouts,
    setups,
)
from sandbox.peers.provider.books import Books
from sandbox.peers.provider.refusals import Thing, invalid
from sandbox.peers.provider.render import listed, page, shown

Act = Callable[[Books, str, Thing, str], Thing]  # (books, id in the path, parameters, account)


@dataclass(frozen=True, slots=True)
class Operation:
    """`name` is what faults call it. `whole`: the answer is a list or otherwise complete."""

    name: str
    params: str
    act: Act
    whole: bool = False
    ours_only: bool = True  # refused with a Stripe-Account header


def _get(kind: str) -> Act:
    return lambda books, id_, _params, account: books.get(kind, id_, account)


def _make(act: Callable[[Books, Thing], Thing]) -> Act:
    return lambda books, _id, params, _account: act(books, params)


def _change(act: Callable[[Books, str, Thing], Thing]) -> Act:
    return lambda books, id_, params, _account: act(books, id_, params)


def _list(kind: str, url: str, *filters: str) -> Act:
    def act(books: Books, _id: str, params: Thing, account: str) -> Thing:
        chosen = {name: params[name] for name in filters if name in params}
        things: Iterable[Thing] = books.newest(kind, account)
        group = params.get("transfer_group")
        if group is not None:  # indexed, as it is what look-ups use
            things = [] if account else reversed(books.groups[kind, group])
        return listed(books, url, things, params, chosen, account)

    return act


def _events(books: Books, _id: str, params: Thing, account: str) -> Thing:
    chosen: Thing = {name: params[name] for name in ("type",) if name in params}
    types = params.get("types")
    things = (e for e in books.newest("event", account) if not types or e["type"] in types)
    return listed(books, "/v1/events", things, params, chosen, account)


def _lines(books: Books, _id: str, params: Thing, account: str) -> Thing:
    names = {"type", "source", "currency"}
    chosen: Thing = {name: value for name, value in params.items() if name in names}
    things = books.newest("balance_transaction", account)
    return listed(books, "/v1/balance_transactions", things, params, chosen, account)


_QUERY = re.compile(r"""metadata\[["'](?P<name>[\w-]+)["']\]\s*:\s*["'](?P<value>[^"']+)["']""")


def _search(books: Books, _id: str, params: Thing, _account: str) -> Thing:
    """Search sees only what the index has taken in, and that lags behind."""
    asked = _QUERY.fullmatch(params.get("query", "").strip())
    if asked is None:
        raise invalid("We were unable to parse your search query.", param="query")
    indexed = books.now - books.config.search_lag_s
    found = [
        shown(books, intent)
        for intent in books.newest("payment_intent", "")
        if intent["metadata"].get(asked["name"]) == asked["value"] and intent["created"] <= indexed
    ]
    result = page("/v1/payment_intents/search", found[:100], more=False)
    return {**result, "object": "search_result", "next_page": None}


def _reversals(books: Books, id_: str, params: Thing, account: str) -> Thing:
    made = books.get("transfer", id_)["reversals"]["data"]
    return listed(books, f"/v1/transfers/{id_}/reversals", made, params, {}, account)


# Method and path, ids as *. The type is the SDK's TypedDict of the request's parameters.
OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "payment_intents"): Operation(
        "payment_intents.create",
        "PaymentIntentCreateParams",
        _make(intents.create),
    ),
    ("GET", "payment_intents"): Operation(
        "",
        "PaymentIntentListParams",
        _list("payment_intent", "/v1/payment_intents", "customer"),
        whole=True,
    ),
    ("GET", "payment_intents/search"): Operation(
        "", "PaymentIntentSearchParams", _search, whole=True
    ),
    ("GET", "payment_intents/*"): Operation(
        "", "PaymentIntentRetrieveParams", _get("payment_intent")
    ),
    ("POST", "payment_intents/*/confirm"): Operation(
        "payment_intents.confirm",
        "PaymentIntentConfirmParams",
        _change(intents.confirm),
    ),
    ("POST", "payment_intents/*/capture"): Operation(
        "payment_intents.capture",
        "PaymentIntentCaptureParams",
        _change(intents.capture),
    ),
    ("POST", "payment_intents/*/cancel"): Operation(
        "payment_intents.cancel",
        "PaymentIntentCancelParams",
        _change(intents.cancel),
    ),
    ("POST", "payment_intents/*/increment_authorization"): Operation(
        "payment_intents.increment_authorization",
        "PaymentIntentIncrementAuthorizationParams",
        _change(intents.increment),
    ),
    ("GET", "payment_methods/*"): Operation(
        "",
        "PaymentMethodRetrieveParams",
        lambda books, id_, _params, _account: cards.method_object(books, id_),
    ),
    ("POST", "payment_methods/*/detach"): Operation(
        "payment_methods.detach",
        "PaymentMethodDetachParams",
        lambda books, id_, _params, _account: setups.detach(books, id_),
    ),
    ("POST", "customers"): Operation(
        "customers.create",
        "CustomerCreateParams",
        _make(setups.customer),
    ),
    ("POST", "setup_intents"): Operation(
        "setup_intents.create",
        "SetupIntentCreateParams",
        _make(setups.create),
    ),
    ("GET", "setup_intents/*"): Operation("", "SetupIntentRetrieveParams", _get("setup_intent")),
    ("POST", "disputes/*"): Operation(
        "disputes.update",
        "DisputeUpdateParams",
        _change(disputes.update),
    ),
    ("GET", "disputes/*"): Operation("", "DisputeRetrieveParams", _get("dispute")),
    ("GET", "disputes"): Operation(
        "",
        "DisputeListParams",
        _list("dispute", "/v1/disputes", "charge", "payment_intent"),
        whole=True,
    ),
    ("GET", "charges"): Operation(
        "",
        "ChargeListParams",
        _list("charge", "/v1/charges", "payment_intent", "customer"),
        whole=True,
        ours_only=False,
    ),
    ("GET", "charges/*"): Operation("", "ChargeRetrieveParams", _get("charge"), ours_only=False),
    ("POST", "refunds"): Operation(
        "refunds.create",
        "RefundCreateParams",
        _make(charges.refund),
    ),
    ("GET", "refunds"): Operation(
        "",
        "RefundListParams",
        _list("refund", "/v1/refunds", "payment_intent", "charge"),
        whole=True,
        ours_only=False,
    ),
    ("GET", "refunds/*"): Operation("", "RefundRetrieveParams", _get("refund"), ours_only=False),
    ("GET", "balance"): Operation(
        "",
        "BalanceRetrieveParams",
        lambda books, _id, _params, account: money.balance(books, account),
        whole=True,
        ours_only=False,
    ),
    ("GET", "balance_transactions"): Operation(
        "", "BalanceTransactionListParams", _lines, whole=True, ours_only=False
    ),
    ("GET", "balance_transactions/*"): Operation(
        "", "BalanceTransactionRetrieveParams", _get("balance_transaction"), ours_only=False
    ),
    ("POST", "accounts"): Operation(
        "accounts.create",
        "AccountCreateParams",
        _make(connect.open_account),
    ),
    ("GET", "accounts"): Operation(
        "", "AccountListParams", _list("account", "/v1/accounts"), whole=True
    ),
    ("GET", "accounts/*"): Operation("", "AccountRetrieveParams", _get("account")),
    ("POST", "transfers"): Operation(
        "transfers.create",
        "TransferCreateParams",
        _make(connect.transfer),
    ),
    ("GET", "transfers"): Operation(
        "",
        "TransferListParams",
        _list("transfer", "/v1/transfers", "destination"),
        whole=True,
    ),
    ("GET", "transfers/*"): Operation("", "TransferRetrieveParams", _get("transfer")),
    ("POST", "transfers/*/reversals"): Operation(
        "transfers.reverse",
        "TransferCreateReversalParams",
        _change(connect.reverse),
    ),
    ("GET", "transfers/*/reversals"): Operation(
        "", "TransferListReversalsParams", _reversals, whole=True
    ),
    ("POST", "payouts"): Operation(
        "payouts.create",
        "PayoutCreateParams",
        lambda books, _id, params, account: payouts.pay(books, params, account),
        ours_only=False,
    ),
    ("GET", "payouts"): Operation(
        "",
        "PayoutListParams",
        _list("payout", "/v1/payouts", "status", "destination"),
        whole=True,
        ours_only=False,
    ),
    ("GET", "payouts/*"): Operation("", "PayoutRetrieveParams", _get("payout"), ours_only=False),
    ("POST", "payouts/*/cancel"): Operation(
        "payouts.cancel",
        "PayoutCancelParams",
        lambda books, id_, _params, account: payouts.cancel(books, id_, account),
        ours_only=False,
    ),
    ("POST", "topups"): Operation(
        "topups.create",
        "TopupCreateParams",
        _make(payouts.top_up),
    ),
    ("GET", "topups"): Operation(
        "", "TopupListParams", _list("topup", "/v1/topups", "status"), whole=True
    ),
    ("GET", "topups/*"): Operation("", "TopupRetrieveParams", _get("topup")),
    ("GET", "events"): Operation("", "EventListParams", _events, whole=True, ours_only=False),
    ("GET", "events/*"): Operation("", "EventRetrieveParams", _get("event"), ours_only=False),
}


def find(method: str, path: str) -> tuple[Operation, str]:
    """The operation and the id in its path."""
    parts = path.strip("/").split("/")[1:]
    plain = OPERATIONS.get((method, "/".join(parts)))
    if plain is not None:
        return plain, ""
    if len(parts) > 1:
        found = OPERATIONS.get((method, "/".join([parts[0], "*", *parts[2:]])))
        if found is not None:
            return found, parts[1]
    raise invalid(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we"
        " can help at https://support.stripe.com/.",
        status=404,
    )
