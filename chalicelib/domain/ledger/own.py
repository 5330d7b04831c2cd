"""How does the channel's own money on a rail stand in the books: put there, charged, or paid out?

`money` is what the rail's balance moved by: negative, it left.
"""

from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import RAIL, cash
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Money


class OwnMoney(StrEnum):
    FLOAT = "float"  # put on the rail to fund payouts, or taken off it
    RAIL_CHARGE = "rail_charge"  # what the bank or provider takes for itself, of no payment
    DRAW = "draw"  # revenue that the channel pays out to itself
    VAT_PAID = "vat_paid"  # to a country's tax office, or back from it


_AGAINST = {
    OwnMoney.FLOAT: (Event.FLOAT, Purpose.FLOAT),
    OwnMoney.RAIL_CHARGE: (Event.RAIL_CHARGE, Purpose.PSP_FEE),
    OwnMoney.DRAW: (Event.DRAW, Purpose.DRAWN),
    OwnMoney.VAT_PAID: (Event.VAT_PAID, Purpose.VAT),
}


def own_entry(
    owner: str,
    kind: OwnMoney,
    money: Money,
    at: datetime,
    *,
    rail: str = RAIL,
    country: str = "",
    **refs: str,
) -> Entry:
    """`country` is whose VAT was paid, and nothing else has one. Raises Invalid."""
    if bool(country) is not (kind is OwnMoney.VAT_PAID):
        raise Invalid("country", f"does not fit {kind.value}", "of VAT it says whose, e.g. DE")
    event, purpose = _AGAINST[kind]
    postings = ((cash(rail), money), (Account(purpose, jurisdiction=country), -money))
    return entry(owner, kind.value, event, at, postings, **refs)
