"""How does the channel's own money get onto the rail, so that payouts are funded in time?"""

from chalicelib.domain.ledger.cash import RAIL
from chalicelib.domain.ledger.own import OwnMoney
from chalicelib.domain.money import Money
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.channel.own_money import book_own
from chalicelib.usecases.partner.receipt import Receipt


def add_float(ports: Ports, money: Money, reference: str, rail: str = RAIL) -> Receipt:
    """Book the channel's own top-up of its balance, or, negative, what it took off it; once."""
    return book_own(ports, OwnMoney.FLOAT, money, reference, rail)
