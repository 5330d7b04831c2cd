"""What may the market ask of the provider? Cards, accounts, faults, bank steps, and its state."""

from collections import Counter, defaultdict
from collections.abc import Callable

from sandbox.peers.provider import (
    cards,
    charges,
    connect,
    disputes,
    faults,
    intents,
    payouts,
    setups,
)
from sandbox.peers.provider.books import Books
from sandbox.peers.provider.config import EVERYTHING, Webhook
from sandbox.peers.provider.refusals import Thing, invalid, missing
from sandbox.peers.provider.render import shown


def control(books: Books, name: str, said: Thing) -> Thing:
    act = _CONTROLS.get(name)
    if act is None:
        raise missing("control", name)
    return act(books, said)


def _complete_action(books: Books, said: Thing) -> Thing:
    """{"payment_intent": pi_ or "session_id": ses_, "outcome": "approve" or "decline"}."""
    name, outcome = said.get("payment_intent", ""), said.get("outcome", "approve")
    if outcome not in {"approve", "decline"}:
        raise invalid("outcome is approve or decline", param="outcome")
    if "session_id" in said:
        asked = (
            intent["id"]
            for intent in books.newest("payment_intent", "")
            if intent["metadata"].get("session_id") == said["session_id"]
        )
        name = next(asked, "")
    done = intents.complete_action(books, name, approve=outcome == "approve")
    return shown(books, done)


def _webhook(books: Books, said: Thing) -> Thing:
    """{"url", "secret", "events"}; an endpoint with the same address is replaced."""
    hook = Webhook(said["url"], said["secret"], tuple(said.get("events", EVERYTHING)))
    places = [n for n, known in enumerate(books.webhooks) if known.url == hook.url]
    if places:
        books.webhooks[places[0]] = hook
    else:
        books.webhooks.append(hook)
    return {"url": hook.url, "events": list(hook.events)}


def _redeliver(books: Books, said: Thing) -> Thing:
    """{"event": evt_} or {"last": n}: delivered once more at the next tick."""
    if "event" in said:
        chosen = [_event(books, said["event"])]
    else:
        every = [
            e for (kind, _), es in books.things.items() if kind == "event" for e in es.values()
        ]
        every.sort(key=lambda event: event["id"])
        chosen = every[-int(said.get("last", 1)) :]
    return {"queued": sum(books.put_out(event) for event in chosen)}


def _event(books: Books, id_: str) -> Thing:
    for (kind, _), events in books.things.items():
        if kind == "event" and id_ in events:
            return events[id_]
    raise missing("event", id_)


def state(books: Books) -> Thing:
    """Everything in sums: what the market's `balanced` compares with the channel's books."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (kind, account), things in books.things.items():
        if kind == "balance_transaction":
            for line in things.values():
                where = "channel" if not account else "accounts"
                sums[f"{where}.{line['type']}"][line["currency"].upper()] += line["amount"]
                sums[f"{where}.fee"][line["currency"].upper()] += line["fee"]
    return {
        "now": books.now,
        "next": books.next_due(),
        "counts": {
            f"{kind}.{status}": count for (kind, status), count in sorted(_statuses(books).items())
        },
        "balances": {
            account or "channel": {
                currency.upper(): {"available": purse[0], "pending": purse[1]}
                for currency, purse in sorted(purses.items())
            }
            for account, purses in sorted(books.balances.items())
        },
        "sums": {name: dict(sorted(by.items())) for name, by in sorted(sums.items())},
        "outbox": len(books.outbox),
        "faults": list(books.faults),
    }


def _statuses(books: Books) -> Counter[tuple[str, str]]:
    return Counter(
        (kind, thing["status"])
        for (kind, _), things in books.things.items()
        if kind in {"payment_intent", "payout"}
        for thing in things.values()
    )


def _account(books: Books, said: Thing) -> Thing:
    return shown(books, connect.open_account(books, said))


def _bank_transfer(books: Books, said: Thing) -> Thing:
    """{"amount", "currency", "metadata"}: money of ours arrives from our bank."""
    return payouts.top_up(books, {**said, "amount": str(said.get("amount", ""))})


def _no_balance(books: Books, said: Thing) -> Thing:
    """{"currency", "into", "rate", "account"}: ours, or a payee's, has none in it, and converts.

    Without `into` it has one again.
    """
    where = str(said.get("account", "")), said["currency"].lower()
    books.exchange.pop(where, None)
    if "into" in said:
        books.exchange[where] = said["into"].lower(), str(said["rate"])
    return said


def _fees_late(books: Books, said: Thing) -> Thing:
    """{"late": true}: balance transactions are not there yet, until this is taken back."""
    books.fees_late = bool(said.get("late", True))
    return {"late": books.fees_late}


_CONTROLS: dict[str, Callable[[Books, Thing], Thing]] = {
    "account": _account,
    "bank-transfer": _bank_transfer,
    "card": cards.issue,
    "close-dispute": disputes.closed,
    "confirm-setup": setups.confirmed,
    "complete-action": _complete_action,
    "escalate-dispute": disputes.escalated,
    "fail-refund": charges.fail_refund,
    "fault": faults.plan,
    "fees-late": _fees_late,
    "no-balance": _no_balance,
    "open-dispute": disputes.opened,
    "redeliver": _redeliver,
    "webhook": _webhook,
}
