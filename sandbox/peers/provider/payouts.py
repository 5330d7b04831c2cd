"""How does money leave for a bank, and arrive from one? Payouts with their fate, and top-ups."""

from functools import partial

from sandbox.peers.provider.amounts import amount_of, currency_of
from sandbox.peers.provider.books import Books
from sandbox.peers.provider.events import tell
from sandbox.peers.provider.faults import taken
from sandbox.peers.provider.money import available, post
from sandbox.peers.provider.refusals import Thing, insufficient, invalid

_SUBMITTED_AFTER = 3_600
# Fields that a payout like ours leaves empty, at least at first.
_UNUSED: Thing = dict.fromkeys(
    (
        "application_fee",
        "application_fee_amount",
        "failure_balance_transaction",
        "failure_code",
        "failure_message",
        "original_payout",
        "payout_method",
        "reversed_by",
        "trace_id",
    )
)
_REASONS = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "could_not_process": "The bank could not process this payout.",
    "invalid_account_number": "The routing number seems correct, but the number is invalid.",
    "no_account": "The bank account could not be located.",
}


def pay(books: Books, params: Thing, account: str) -> Thing:
    currency = currency_of(params)
    amount = amount_of(params, currency)
    owner = books.get("account", account, status=403) if account else None
    if owner is not None:
        _payable(owner, currency)
    if amount > available(books, account, currency):
        raise insufficient("You have insufficient funds in your Stripe account for this transfer.")
    id_ = books.new_id("payout")
    arrives = books.banking_day(books.config.payout_days)
    made: Thing = {
        "id": id_,
        "object": "payout",
        **_UNUSED,
        "amount": amount,
        "arrival_date": arrives,
        "automatic": False,
        "balance_transaction": post(books, account, "payout", id_, -amount, currency),
        "created": books.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": f"ba_{account.removeprefix('acct_')}_{currency}",
        "livemode": False,
        "metadata": dict(params.get("metadata", {})),
        "method": params.get("method", "standard"),
        "reconciliation_status": "not_applicable",
        "source_type": "card",
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "type": "bank_account",
    }
    books.keep("payout", account, made)
    tell(books, "payout.created", made, account)
    _plan(books, made, account)
    return made


def _payable(owner: Thing, currency: str) -> None:
    if not owner["payouts_enabled"]:
        raise invalid(
            "Payouts are not enabled on this account: information is missing.",
            "payouts_not_allowed",
            saved=True,
        )
    if currency not in owner["_currencies"]:
        raise invalid(
            f"Sorry, you don't have any external accounts in that currency ({currency}).",
            saved=True,
        )


def _plan(books: Books, made: Thing, account: str) -> None:
    """What becomes of it is decided now, by a fault that waits for it or by nothing."""
    fault = taken(books, "payouts.create", ("payout_fails", "payout_returned"), str(made))
    arrives = made["arrival_date"]
    books.at(books.now + _SUBMITTED_AFTER, partial(_submit, books, made, account))
    code = str(fault.get("failure_code", "account_closed")) if fault else ""
    if fault and fault["kind"] == "payout_fails":
        books.at(arrives, partial(_fail, books, made, account, code))
        return
    books.at(arrives, partial(_arrive, books, made, account))
    if fault:
        later = books.banking_day(int(fault.get("after_days", 1)), arrives)
        books.at(later, partial(_fail, books, made, account, code))


def _submit(books: Books, made: Thing, account: str) -> None:
    if made["status"] == "pending":
        made["status"] = "in_transit"
        tell(books, "payout.updated", made, account)


def _arrive(books: Books, made: Thing, account: str) -> None:
    if made["status"] in {"pending", "in_transit"}:
        made["status"] = "paid"
        made["trace_id"] = {"status": "supported", "value": f"SIM{made['id'][3:13]}"}
        tell(books, "payout.paid", made, account)


def _fail(books: Books, made: Thing, account: str, code: str) -> None:
    if made["status"] in {"failed", "canceled"}:
        return
    made["status"], made["failure_code"] = "failed", code
    made["failure_message"] = _REASONS.get(code, "The payout failed.")
    made["failure_balance_transaction"] = post(
        books, account, "payout_failure", made["id"], made["amount"], made["currency"]
    )
    tell(books, "payout.failed", made, account)


def cancel(books: Books, id_: str, account: str) -> Thing:
    made = books.get("payout", id_, account)
    if made["status"] != "pending":
        raise invalid("Only pending payouts can be canceled.", saved=True)
    made["status"] = "canceled"
    made["failure_balance_transaction"] = post(
        books, account, "payout_cancel", id_, made["amount"], made["currency"]
    )
    tell(books, "payout.canceled", made, account)
    return made


def top_up(books: Books, params: Thing) -> Thing:
    """Our own bank transfer to the provider arrives: on European accounts it is there at once."""
    currency = currency_of(params)
    amount = amount_of(params, currency)
    id_ = books.new_id("topup")
    made: Thing = {
        "id": id_,
        "object": "topup",
        "amount": amount,
        "balance_transaction": post(books, "", "topup", id_, amount, currency),
        "created": books.now,
        "currency": currency,
        "description": params.get("description"),
        "expected_availability_date": books.now,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(params.get("metadata", {})),
        "source": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "succeeded",
        "transfer_group": params.get("transfer_group"),
    }
    books.keep("topup", "", made)
    tell(books, "topup.succeeded", made)
    return made
