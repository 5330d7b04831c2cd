"""How does the channel's own money get onto the rail, so that payouts are funded in time?"""

from datetime import datetime

from chalicelib.domain.ids import CHANNEL
from chalicelib.domain.ledger.cash import RAIL, float_entry
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Money
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.partner.receipt import Incoming, Receipt, receive


def add_float(ports: Ports, money: Money, reference: str, rail: str = RAIL) -> Receipt:
    """Book the channel's own top-up of its balance; once a provider's (or the bank's) reference."""
    paid = Incoming("float", reference, CHANNEL, money, Money.zero(money.currency))

    def entry_at(at: datetime) -> Entry:
        return float_entry(paid.owner, money, at, rail=rail, reference=reference)

    return receive(ports, paid, entry_at, tuple)
