"""Which payouts are not made, and why? Held, until the zone's next window takes them over."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.codec import instant_text
from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.payout import INSTRUCTED, Payout, PayoutEvent, advance
from chalicelib.domain.settlement.window import zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import fenced, saved, settled
from chalicelib.usecases.window.lease import Outcome


def hold(ports: Ports, window: WindowId, attempt: int, payout_id: str, reason: str = "") -> Outcome:
    """`held`; `unresolved` when money may be on its way, so that holding it could pay it twice."""
    record = fenced(ports, window, attempt, payout_id)
    if settled(record.value):
        return {"outcome": "held"}
    if record.value.stage in INSTRUCTED:
        return {"outcome": "unresolved"}
    payout, row = held(record.value, reason, ports.clock.now())
    saved(ports, record, payout, "hold", attempt, row)
    return {"outcome": "held"}


def held(payout: Payout, reason: str, at: datetime) -> tuple[Payout, Put]:
    """The held payout, and the row by which the next window finds it; both in one transaction."""
    since = payout.waiting_since or at
    done = replace(advance(payout, PayoutEvent.HOLD), reason=reason, polls=0, waiting_since=since)
    return done, held_row(done, since)


def held_row(payout: Payout, since: datetime) -> Put:
    body = {"reason": payout.reason, "since": instant_text(since)}
    return Put(Key(keys.held_payouts(zone_of(payout.window)), payout.id), body, expects=None)
