"""Did disputes, chargebacks, top-ups, files of the bank and webhooks come to their end?"""

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain
from chalicelib.domain.dispute.chargeback import Chargeback
from chalicelib.domain.dispute.dispute import Dispute
from chalicelib.domain.payment.top_up import OPEN, TopUp, TopUpState
from chalicelib.ports.payments import DisputeState
from chalicelib.ports.store import Item
from chalicelib.usecases.bank import bank_keys
from sandbox.memory.world import PARTNERS
from sandbox.simulation.judging.found import Found, Lines, kept, taken_back

_APP = PARTNERS[PaymentMethod.CARD]


def disputes_end_as_was_decided(found: Found) -> Lines:
    for item in _all(found, "dispute#"):
        dispute = from_plain(Dispute, item.body)
        if not dispute.over and dispute.cause.value != "claim":
            yield f"{dispute.id} is left {dispute.state.value}"
        if dispute.over and not dispute.evidence and dispute.decision is not None:
            yield f"{dispute.id} has no page of evidence"
    recorded = {
        item.body["id"]: from_plain(Chargeback, item.body) for item in _all(found, "chargeback#")
    }
    for id_, at_bank in found.history.payments.disputes().items():
        known = recorded.get(id_)
        if known is None:
            nothing = at_bank.state is DisputeState.CLOSED and not at_bank.moves
            if not (nothing and found.history.payments.mute):  # nobody can have told of it
                yield f"{id_} is not recorded"
        elif at_bank.state in _CLOSED and known.state.value != at_bank.state.value:
            yield f"{id_} is {known.state.value}, the bank says {at_bank.state.value}"


def banks_that_ask_are_told(found: Found) -> Lines:
    """While they ask, which is a day here: of what nobody can have told us they cannot be."""
    if not found.history.payments.mute:
        for id_ in found.history.payments.unanswered():
            yield f"nobody has answered {id_}"


_CLOSED = frozenset({DisputeState.WON, DisputeState.LOST, DisputeState.CLOSED})


def top_ups_are_what_the_provider_took(found: Found) -> Lines:
    back = taken_back(found)
    for item in _all(found, "top-up#"):
        top_up = from_plain(TopUp, item.body)
        taken = [hold for hold in found.holds[top_up.id] if hold.captured is not None]
        if top_up.state in OPEN:
            yield f"{top_up.id} is left {top_up.state.value}"
        elif (top_up.state is TopUpState.PAID) != bool(taken) or len(taken) > 1:
            yield f"{top_up.id} is {top_up.state.value}, and was taken {len(taken)} times"
        elif taken and kept(taken[0]) - back[top_up.id] != top_up.left.minor:
            yield f"of {top_up.id} {top_up.left} is left, {kept(taken[0])} at the provider"
        given = taken[0].refunded.minor if taken and taken[0].refunded else 0
        if given > found.history.acts.asked_back[top_up.id]:
            yield f"{given} of {top_up.id} was given back, more than anybody asked for"


def the_banks_files_are_read(found: Found) -> Lines:
    table = found.history.table
    for item in table.query(bank_keys.unread()):
        yield f"{item.key.sk} is unread: {item.body['reason']}"
    for item in table.query(bank_keys.unmatched()):
        yield f"{item.key.sk} is explained by nobody: {item.body['why']}"
    for name in found.history.ports.mailbox.answers():
        record = table.get(bank_keys.file(name))
        if record is None or record.body["state"] != "done":
            yield f"{name} is not worked off"


_PING = "test.ping"


def partners_hear_by_webhook(found: Found) -> Lines:
    """Each event since the app's endpoint was made has a delivery, and none is left."""
    table, sent = found.history.table, found.history.ports.web.posted
    for item in _all(found, "delivery#"):
        state, id_ = item.body["state"], item.body["event_id"]
        if state not in {"delivered", "cancelled"}:
            yield f"the delivery of {id_} is {state}"
        if item.body["endpoint_id"].startswith("ocpi_"):  # what it was told of: judging/emsps.py
            continue
        posts = [headers for _, _, headers in sent if headers["webhook-id"] == id_]
        if state == "delivered" and not posts:
            yield f"{id_} is delivered, and nothing was posted"
    endpoints = table.query(f"partner#{_APP}", prefix="endpoint#")
    if not endpoints:
        return
    delivered = {item.body["event_id"] for item in _all(found, "delivery#")}
    told = [
        item.body
        for pk in table.partitions(f"events#{_APP}#")
        for item in table.query(pk, limit=1000)
        if item.body["at"] > endpoints[0].body["made_at"]
    ]
    # A ping whose request failed is asked for again: the last one is the one that was answered.
    pings = sorted(event["at"] for event in told if event["type"] == _PING)
    for event in told:
        asked_again = event["type"] == _PING and event["at"] != pings[-1]
        if not asked_again and event["id"] not in delivered:
            yield f"{event['id']} was never sent"


def _all(found: Found, prefix: str) -> list[Item]:
    table = found.history.table
    return [item for pk in table.partitions(prefix) for item in table.query(pk, limit=1000)]
