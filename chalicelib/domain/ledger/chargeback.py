"""How does money that a bank took back stand in the books, until it is won or lost?

`disputed` holds what is gone from a sale and not decided. A loss moves it on: to the bearer's
account, or, where the CPO bears it, against the sale's own postings in proportion, to the cent;
what the driver has twice by it is the driver's debt. A partner's own top-up is no sale: what its
bank takes back leaves its balance at once.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import RAIL, Burden, rate_of, received
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Money


def disputed(partner_id: PartyId) -> Account:
    return Account(Purpose.DISPUTED, partner_id)


def moved_entry(
    owner: str,
    against: Account,
    money: Money,
    fee: Money,
    at: datetime,
    *,
    bears: Burden,
    name: str,
    converted: Converted | None = None,
    rail: str = RAIL,
    **refs: str,
) -> Entry:
    """The bank took money (negative) or gave it back, and the provider asked a fee for it.

    `against` is where it is missing meanwhile: `disputed`, or the balance that it had filled.
    """
    postings = (*received(money, fee, bears, rail, converted), (against, -money))
    return entry(owner, name, Event.CHARGEBACK, at, postings, **refs, **rate_of(converted))


def lost_entry(
    owner: str,
    partner_id: PartyId,
    shares: Iterable[tuple[Account, Money]],
    money: Money,
    at: datetime,
    *,
    name: str,
    **refs: str,
) -> Entry:
    """What is gone is gone: `shares` say whose loss or debt each part of `money` is."""
    postings = (*shares, (disputed(partner_id), -money))
    return entry(owner, name, Event.CHARGEBACK_LOST, at, postings, **refs)


def loss_account(bearer: Bearer, party: str, kind: str) -> Account:
    """Where a loss goes that leaves the sale as it is."""
    if bearer is Bearer.PLATFORM:
        return Account(Purpose.LOSS, jurisdiction=f"chargeback_{kind}")
    return Burden(bearer, party).account(Purpose.LOSS)
