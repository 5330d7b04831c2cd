"""What goes wrong next, because the market wants it to? Faults wait for the call they are for."""

from collections.abc import Sequence

from sandbox.peers.provider.books import Books
from sandbox.peers.provider.refusals import Thing, invalid

# What may happen to a call: nothing comes back (before or after it took effect), a temporary
# answer, or a payout that is accepted and fails later.
TRANSPORT = ("timeout_before", "timeout_after", "error_500_after", "error_503", "rate_limited")
KINDS = (*TRANSPORT, "payout_fails", "payout_returned")
CALLS = (
    "payment_intents.create",
    "payment_intents.confirm",
    "payment_intents.capture",
    "payment_intents.cancel",
    "payment_intents.increment_authorization",
    "refunds.create",
    "disputes.update",
    "setup_intents.create",
    "payment_methods.detach",
    "transfers.create",
    "transfers.reverse",
    "payouts.create",
)


def plan(books: Books, said: Thing) -> Thing:
    """{"call", "kind", "match": text in the request, "times": 1, "failure_code", "after_days"}."""
    if said.get("call") not in CALLS or said.get("kind") not in KINDS:
        raise invalid(f"a fault needs a call of {CALLS} and a kind of {KINDS}")
    fault = {"times": 1, "match": "", **said}
    books.faults.append(fault)
    return fault


def taken(books: Books, call: str, kinds: Sequence[str], request: str) -> Thing | None:
    """The first fault that waits for this call, used up by it."""
    for fault in books.faults:
        fits = fault["call"] == call and fault["kind"] in kinds
        if fits and fault["match"] in request:
            fault["times"] -= 1
            if fault["times"] <= 0:
                books.faults.remove(fault)
            return fault
    return None
