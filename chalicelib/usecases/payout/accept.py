"""What does the rail's word on a payout change? Accepted, credited, finally failed: once each."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.codec import instant_text
from chalicelib.domain.ledger.payout import payout_entry, payout_returned_entry
from chalicelib.domain.settlement.payout import (
    PAID,
    Payout,
    PayoutEvent,
    PayoutStage,
    advance,
)
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import PayoutState, RailPayout
from chalicelib.ports.store import Delete, Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import booked, payable_of, saved
from chalicelib.usecases.payout.block import blocked
from chalicelib.usecases.records import Record

RETURNED = "returned"
# A bank sends back for days what it has credited, and the rail's word of that may get lost: when
# after the credit the rail is asked again (payout/sweep.py).
ASKED_AGAIN = (timedelta(days=1), timedelta(days=3), timedelta(days=6), timedelta(days=10))


def accepted(
    ports: Ports, record: Record[Payout], rail: RailPayout, attempt: int
) -> Record[Payout]:
    """The payout after what the rail says, with its entries; the same word again changes nothing.

    `record` is PAYING or later. A payout that failed before we recorded its acceptance was both.
    """
    at, payout = ports.clock.now(), record.value
    assert rail.money == payout.money, f"{rail.reference} is {rail.money}, not {payout.money}"
    writes: list[Write] = []
    if payout.stage is PayoutStage.PAYING:
        payout, put = _accept(payout, rail, at)
        writes += [put, Put(_uncredited(payout), {"since": instant_text(at)}, expects=None)]
    if rail.state is PayoutState.CREDITED and payout.stage is PayoutStage.ACCEPTED:
        payout = replace(advance(payout, PayoutEvent.CREDIT), credited_at=at)
        writes = [write for write in writes if write.key != _uncredited(payout)]
        writes += [Delete(_uncredited(payout)), ask_again(payout.id, at, 0)]
    if rail.state is PayoutState.FAILED and payout.stage in PAID:
        payout, put = _return(payout, rail, at)
        writes = [write for write in writes if write.key != _uncredited(payout)]
        waits = Put(Key(keys.returned(), payout.id), {}, expects=None)
        writes += [put, waits, blocked(payout.account, payout.reason, payout.id, at)]
        writes.append(Delete(_uncredited(payout)))
    if payout == record.value:
        return record
    return saved(ports, record, payout, f"rail_{rail.state.value}", attempt, *writes)


def ask_again(payout_id: str, credited_at: datetime, times: int) -> Put:
    """The row by which the sweep asks once more whether a credited payout has come back."""
    at = instant_text(credited_at + ASKED_AGAIN[times])
    body = {"credited_at": instant_text(credited_at), "times": times}
    return Put(Key(keys.returnable(), f"{at}#{payout_id}"), body, expects=None)


def _accept(payout: Payout, rail: RailPayout, at: datetime) -> tuple[Payout, Put]:
    done = replace(
        advance(payout, PayoutEvent.ACCEPT),
        reference=rail.reference,
        accepted_at=at,
        tried_at=None,
        polls=0,
    )
    account = payable_of(payout)
    entry = payout_entry(payout.owner, account, rail.money, at, reference=rail.reference)
    return booked(done, entry, "payout", at)


def _return(payout: Payout, rail: RailPayout, at: datetime) -> tuple[Payout, Put]:
    """The debt is open again. It is not paid again until two people agreed (payout/agree.py)."""
    done = replace(
        advance(payout, PayoutEvent.RETURN),
        returned_at=at,
        accepted_at=None,
        credited_at=None,
        reason=f"{RETURNED}_{rail.reason}" if rail.reason else RETURNED,
    )
    account = payable_of(payout)
    entry = payout_returned_entry(
        payout.owner, account, rail.money, at, reference=rail.reference, reason=rail.reason
    )
    return booked(done, entry, "payout_returned", at)


def _uncredited(payout: Payout) -> Key:
    return Key(keys.uncredited(), payout.id)
