"""How does money that moves outside sessions and payouts get into the books, once?

The provider's reference names the receipt: its item owns the entry, so that a repeated notice of
the same payment changes nothing. What leaves so is only the channel's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ids import CHANNEL, EntryId, PartyId, WindowId
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.window import window_id
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put, Write, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import channel
from chalicelib.usecases.records import create, find, write_rows_first

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    kind: str  # top_up, invoice_paid, claim_paid, or one of OwnMoney
    reference: str  # the provider's
    party_id: PartyId
    money: Money
    fee: Money
    at: datetime
    entry_id: EntryId
    entry_hash: str
    window: WindowId


class ReceiptDiffers(Conflict):
    code = "receipt_differs"

    def __init__(self, kind: str, reference: str) -> None:
        super().__init__(f"{kind} {reference} is already recorded with another amount or party")
        self.kind, self.reference = kind, reference


@dataclass(frozen=True, slots=True)
class Incoming:
    """What the provider tells: who paid how much, under which reference, for which fee."""

    kind: str
    reference: str
    party_id: PartyId
    money: Money
    fee: Money

    @property
    def owner(self) -> str:
        return keys.receipt(self.kind, self.reference).pk


def receive(
    ports: Ports,
    incoming: Incoming,
    entry_at: Callable[[datetime], Entry],
    change: Callable[[], tuple[Write, ...]],
) -> Receipt:
    """Book an incoming payment with its change of a purse; the same again is success. Invalid."""
    minor = incoming.money.minor
    if minor == 0 or (minor < 0 and incoming.party_id != CHANNEL):
        raise Invalid("money", f"{incoming.money} is not above zero")
    if not incoming.reference:
        raise Invalid("reference", "the provider's reference is missing")
    key = keys.receipt(incoming.kind, incoming.reference)
    for attempt in range(_TRIES):
        recorded = find(ports.store, key, Receipt)
        if recorded is not None:
            return _same(recorded.value, incoming)
        at = ports.clock.now()
        entry = entry_at(at)
        receipt = _receipt(incoming, entry, window_id(at, channel(ports).time_zone))
        place = keys.entry(receipt.window, entry.id)
        booked = Put(place, to_plain(entry), expects=ABSENT)
        try:
            write_rows_first(ports.store, create(key, receipt), booked, *change())
        except WriteConflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return receipt
    raise AssertionError("the last try returns or raises")


def _receipt(incoming: Incoming, entry: Entry, window: WindowId) -> Receipt:
    return Receipt(
        kind=incoming.kind,
        reference=incoming.reference,
        party_id=incoming.party_id,
        money=incoming.money,
        fee=incoming.fee,
        at=entry.at,
        entry_id=entry.id,
        entry_hash=entry.hash,
        window=window,
    )


def _same(receipt: Receipt, incoming: Incoming) -> Receipt:
    recorded = (receipt.party_id, receipt.money, receipt.fee)
    if recorded != (incoming.party_id, incoming.money, incoming.fee):
        raise ReceiptDiffers(incoming.kind, incoming.reference)
    return receipt
