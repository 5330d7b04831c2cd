"""How is a step of one payout written? State, entry and step journal in one transaction."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.codec import instant_text, to_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.account import Account
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.ledger.payout import payable
from chalicelib.domain.settlement.payout import SETTLED, Payout, PayoutEntry
from chalicelib.domain.settlement.window import instruct_by, window_id, zone_of
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.records import Record, load
from chalicelib.usecases.window.lease import Superseded, leased

POLLS_MAX = 12  # how often one payout is asked about again before the machine goes on without it


def fenced(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Record[Payout]:
    """The payout, if this attempt still holds its window and no later one has touched it."""
    leased(ports, window, attempt)
    record = load(ports.store, keys.payout(payout_id), Payout, "payout")
    assert record.value.window == window, f"{payout_id} is of {record.value.window}"
    if record.value.lease > attempt:
        raise Superseded(window, attempt, record.value.lease)
    return record


def settled(payout: Payout) -> bool:
    """Nothing is left for the machine to do."""
    return payout.stage in SETTLED


def saved(
    ports: Ports,
    record: Record[Payout],
    payout: Payout,
    step: str,
    attempt: int,
    *writes: Write,
) -> Record[Payout]:
    """Write the payout's new state, its entries and a line for people; the new record."""
    at = ports.clock.now()
    fresh = replace(payout, lease=max(payout.lease, attempt))
    note = _note(fresh, step, attempt, record.version, at)
    ports.store.write(record.put(fresh), note, *writes)
    return Record(record.key, fresh, record.version + 1)


def booked(payout: Payout, entry: Entry, name: str, at: datetime) -> tuple[Payout, Put]:
    """The payout that names the entry, and the entry's write into the window that is open now."""
    assert not payout.has_booked(name), f"{payout.id} has booked {name} already"
    window = window_id(at, zone_of(payout.window))
    named = PayoutEntry(name, entry.id, window, entry.hash)
    put = Put(keys.entry(window, entry.id), to_plain(entry))
    return replace(payout, booked=(*payout.booked, named)), put


def may_wait(payout: Payout, at: datetime) -> bool:
    """Whether there is time to ask again; the emulator shortens waits, so they are counted too."""
    return payout.polls < POLLS_MAX and at < instruct_by(payout.window)


def payable_of(payout: Payout) -> Account:
    return payable(payout.kind, payout.party_id)


def _note(payout: Payout, step: str, attempt: int, version: int, at: datetime) -> Put:
    body = {
        "step": step,
        "stage": payout.stage.value,
        "attempt": attempt,
        "at": instant_text(at),
        "reason": payout.reason,
    }
    return Put(keys.step(payout.id, f"{version:06d}#{step}"), body, expects=None)
