"""How does money reach a payee? Connected accounts, transfers to them, and reversals."""

from sandbox.peers.provider.amounts import amount_of, currency_of, required
from sandbox.peers.provider.books import Books
from sandbox.peers.provider.events import tell
from sandbox.peers.provider.money import available, post, settled
from sandbox.peers.provider.refusals import Thing, insufficient, invalid, missing
from sandbox.peers.provider.render import page

_POOR = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to"
    " your available balance."
)


def open_account(books: Books, params: Thing) -> Thing:
    """A payee's account, verified at once; the market may name it and switch parts off."""
    id_ = str(params.get("id") or books.new_id("account"))
    currency = str(params.get("default_currency", "eur")).lower()
    currencies = [c.lower() for c in params.get("currencies", [currency])]
    banks = [_bank_account(id_, each) for each in currencies]
    transfers = "active" if params.get("transfers", True) else "inactive"
    account: Thing = {
        "id": id_,
        "object": "account",
        "business_profile": None,
        "capabilities": {"transfers": transfers},
        "charges_enabled": True,
        "country": params.get("country", "DE"),
        "created": books.now,
        "default_currency": currency,
        "details_submitted": True,
        "email": params.get("email"),
        "external_accounts": page(f"/v1/accounts/{id_}/external_accounts", banks, more=False),
        "metadata": dict(params.get("metadata", {})),
        "payouts_enabled": bool(params.get("payouts_enabled", True)),
        "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        "type": params.get("type", "custom"),
        "_currencies": currencies,
    }
    return books.keep("account", "", account)


def _bank_account(account: str, currency: str) -> Thing:
    return {
        "id": f"ba_{account.removeprefix('acct_')}_{currency}",
        "object": "bank_account",
        "account": account,
        "currency": currency,
        "default_for_currency": True,
        "status": "new",
    }


def transfer(books: Books, params: Thing) -> Thing:
    currency = currency_of(params)
    amount = amount_of(params, currency)
    to = required(params, "destination")
    _check_destination(books, to)
    if amount > available(books, "", currency):
        raise insufficient(_POOR)
    id_, metadata = books.new_id("transfer"), dict(params.get("metadata", {}))
    group = params.get("transfer_group")
    arrived = _destination_payment(books, to, amount, currency, id_, group)
    made: Thing = {
        "id": id_,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": post(books, "", "transfer", id_, -amount, currency),
        "created": books.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": to,
        "destination_payment": arrived["id"],
        "livemode": False,
        "metadata": metadata,
        "reversals": page(f"/v1/transfers/{id_}/reversals", [], more=False),
        "reversed": False,
        "source_transaction": None,
        "source_type": "card",
        "transfer_group": group or f"group_{id_}",
    }
    books.keep("transfer", "", made)
    books.groups["transfer", made["transfer_group"]].append(made)
    tell(books, "transfer.created", made)
    return made


def _check_destination(books: Books, to: str) -> None:
    account = books.things["account", ""].get(to)
    if account is None:
        raise missing("destination", to, "destination", status=400)
    if account["capabilities"]["transfers"] != "active":
        raise invalid(
            "Your destination account needs to have at least one of the following capabilities"
            " enabled: transfers, legacy_payments",
            "insufficient_capabilities_for_transfer",
            saved=True,
        )


def _destination_payment(
    books: Books, to: str, amount: int, currency: str, transfer_id: str, group: str | None
) -> Thing:
    """The payee's side of a transfer: a charge on its own balance, available at once."""
    id_ = books.new_id("payment")
    billing = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    payment: Thing = {
        "id": id_,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "balance_transaction": post(books, to, "payment", id_, amount, currency),
        "billing_details": billing,
        "captured": True,
        "created": books.now,
        "currency": currency,
        "disputed": False,
        "livemode": False,
        "metadata": {},  # the platform's metadata stays on the platform's side
        "paid": True,
        "payment_intent": None,
        "refunded": False,
        "source_transfer": transfer_id,
        "status": "succeeded",
        "transfer_group": group,
    }
    return books.keep("charge", to, payment)


def reverse(books: Books, id_: str, params: Thing) -> Thing:
    made = books.get("transfer", id_)
    currency, to = made["currency"], made["destination"]
    left = made["amount"] - made["amount_reversed"]
    amount = amount_of(params, currency) if "amount" in params else left
    if amount > left or left == 0:
        raise invalid(
            f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left})",
            param="amount",
            saved=True,
        )
    owed, into, _ = settled(books, amount, currency, to)
    if owed > available(books, to, into):
        raise insufficient("The destination account has insufficient funds for this reversal.")
    reversal_id, refund_id = books.new_id("transfer_reversal"), books.new_id("refund")
    paid = books.get("charge", made["destination_payment"], to)
    paid["amount_refunded"] += amount
    paid["refunded"] = paid["amount_refunded"] == paid["amount"]
    reversal: Thing = {
        "id": reversal_id,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": post(books, "", "transfer_refund", reversal_id, amount, currency),
        "created": books.now,
        "currency": currency,
        "destination_payment_refund": refund_id,
        "metadata": dict(params.get("metadata", {})),
        "source_refund": None,
        "transfer": id_,
    }
    books.keep("transfer_reversal", "", reversal)
    back = post(books, to, "payment_refund", refund_id, -amount, currency)
    books.keep("refund", to, _payee_refund(refund_id, reversal, paid, back))
    made["amount_reversed"] += amount
    made["reversed"] = made["amount_reversed"] == made["amount"]
    every = [reversal, *made["reversals"]["data"]]
    made["reversals"] = page(f"/v1/transfers/{id_}/reversals", every, more=False)
    tell(books, "transfer.reversed", made)
    return reversal


def _payee_refund(id_: str, reversal: Thing, paid: Thing, line: str) -> Thing:
    return {
        "id": id_,
        "object": "refund",
        "amount": reversal["amount"],
        "balance_transaction": line,
        "charge": paid["id"],
        "created": reversal["created"],
        "currency": reversal["currency"],
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": reversal["id"],
        "status": "succeeded",
        "transfer_reversal": None,
    }
