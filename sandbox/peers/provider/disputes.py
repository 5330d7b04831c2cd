"""What if a driver's bank takes money back? Disputes, from their opening to their outcome."""

from sandbox.peers.provider.books import DAY, Books
from sandbox.peers.provider.events import tell
from sandbox.peers.provider.money import post
from sandbox.peers.provider.refusals import Thing, invalid

FEE = 2000  # minor units; kept by the provider, whoever wins
_ANSWER_DAYS = 7
_CLOSED = ("won", "lost", "warning_closed")


def opened(books: Books, said: Thing) -> Thing:
    """{"payment_intent", "reason", "status": needs_response, warning_needs_response or lost}."""
    intent = books.get("payment_intent", said.get("payment_intent", ""))
    paid = books.get("charge", intent["latest_charge"] or "")
    if not paid["captured"]:
        raise invalid("only what was captured is disputed", param="payment_intent")
    dispute: Thing = {
        "id": books.new_id("dispute"),
        "object": "dispute",
        "amount": paid["amount_captured"],
        "balance_transactions": [],
        "charge": paid["id"],
        "created": books.now,
        "currency": paid["currency"],
        "evidence": {},
        "evidence_details": {
            "due_by": books.now + _ANSWER_DAYS * DAY,
            "has_evidence": False,
            "submission_count": 0,
        },
        "is_charge_refundable": _is_inquiry(said),
        "livemode": False,
        "metadata": {},
        "payment_intent": intent["id"],
        "reason": said.get("reason", "fraudulent"),
        "status": said.get("status", "needs_response"),
    }
    books.keep("dispute", "", dispute)
    paid["disputed"] = True
    tell(books, "charge.dispute.created", dispute)
    if not _is_inquiry(dispute):
        _withdraw(books, dispute)
    if dispute["status"] in _CLOSED:
        tell(books, "charge.dispute.closed", dispute)
    return dispute


def update(books: Books, id_: str, params: Thing) -> Thing:
    dispute = books.get("dispute", id_)
    if dispute["status"] in _CLOSED or dispute["status"] == "under_review":
        raise invalid("This dispute is already closed or under review.", saved=True)
    dispute["evidence"] = {**dispute["evidence"], **params.get("evidence", {})}
    if params.get("submit") == "true":
        dispute["status"] = "warning_under_review" if _is_inquiry(dispute) else "under_review"
        count = dispute["evidence_details"]["submission_count"] + 1
        dispute["evidence_details"] = {
            **dispute["evidence_details"],
            "has_evidence": True,
            "submission_count": count,
        }
    tell(books, "charge.dispute.updated", dispute)
    return dispute


def escalated(books: Books, said: Thing) -> Thing:
    """{"dispute"}: an inquiry becomes a chargeback; only now money is withdrawn, with a fee."""
    dispute = books.get("dispute", said.get("dispute", ""))
    if not _is_inquiry(dispute) or dispute["status"] in _CLOSED:
        raise invalid("only an open inquiry becomes a chargeback", param="dispute")
    paid = books.get("charge", dispute["charge"])
    if paid["amount_refunded"] > paid["amount"] - paid["amount_captured"]:  # that was never taken
        raise invalid("what was refunded is not taken back as well", param="dispute")
    dispute["status"], dispute["is_charge_refundable"] = "needs_response", False
    details = {**dispute["evidence_details"], "due_by": books.now + _ANSWER_DAYS * DAY}
    dispute["evidence_details"] = details
    tell(books, "charge.dispute.updated", dispute)
    _withdraw(books, dispute)
    return dispute


def closed(books: Books, said: Thing) -> Thing:
    """{"dispute", "status": won, lost or warning_closed}: the bank has decided."""
    dispute = books.get("dispute", said.get("dispute", ""))
    status = said.get("status", "lost")
    if _is_inquiry(dispute) is not (status == "warning_closed"):
        raise invalid("an inquiry ends as warning_closed, and nothing else does", param="status")
    dispute["status"] = status
    tell(books, "charge.dispute.closed", dispute)
    if dispute["status"] == "won" and dispute["balance_transactions"]:
        _move(books, dispute, dispute["amount"], 0)
        tell(books, "charge.dispute.funds_reinstated", dispute)
    return dispute


def _is_inquiry(dispute: Thing) -> bool:
    return bool(dispute.get("status", "").startswith("warning"))


def _withdraw(books: Books, dispute: Thing) -> None:
    _move(books, dispute, -dispute["amount"], FEE)
    tell(books, "charge.dispute.funds_withdrawn", dispute)


def _move(books: Books, dispute: Thing, amount: int, fee: int) -> None:
    line = post(books, "", "adjustment", dispute["id"], amount, dispute["currency"], fee=fee)
    made = books.get("balance_transaction", line)
    dispute["balance_transactions"] = [*dispute["balance_transactions"], dict(made)]
