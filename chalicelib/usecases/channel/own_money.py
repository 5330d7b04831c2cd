"""How does the channel's own money that came to a rail, or left it, get into the books? Once."""

from datetime import datetime

from chalicelib.domain.ids import CHANNEL
from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.ledger.own import OwnMoney, own_entry
from chalicelib.domain.money import Money
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.partner.receipt import Incoming, Receipt, ReceiptDiffers, receive


def book_own(
    ports: Ports,
    kind: OwnMoney,
    money: Money,
    reference: str,
    rail: str = RAIL,
    country: str = "",
    **refs: str,
) -> Receipt:
    """Book what a rail's balance moved by; once a provider's (or the bank's) reference."""
    moved = Incoming(kind.value, reference, CHANNEL, money, Money.zero(money.currency))

    def entry_at(at: datetime) -> Entry:
        named = {"reference": reference, **refs}
        return own_entry(moved.owner, kind, money, at, rail=rail, country=country, **named)

    receipt = receive(ports, moved, entry_at, tuple)
    if entry_at(receipt.at).hash != receipt.entry_hash:  # another rail or country
        raise ReceiptDiffers(kind.value, reference)
    return receipt
