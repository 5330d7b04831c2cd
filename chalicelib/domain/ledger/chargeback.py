"""How does money that a driver's bank took back stand in the books, until it is won or lost?

`disputed` holds what is gone and not decided. A loss moves it on: to the bearer's account, or,
where the CPO bears it, against the sale's own postings in proportion, to the cent.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import RAIL, Burden, cash
from chalicelib.domain.ledger.entry import Entry, Event, Posting, entry
from chalicelib.domain.money import Money

_RECEIVABLES = frozenset({Purpose.DRIVER_RECEIVABLE, Purpose.PREPAID, Purpose.INVOICE_RECEIVABLE})


def disputed(partner_id: PartyId) -> Account:
    return Account(Purpose.DISPUTED, partner_id)


def moved_entry(
    owner: str,
    partner_id: PartyId,
    money: Money,
    fee: Money,
    at: datetime,
    *,
    bears: Burden,
    name: str,
    rail: str = RAIL,
    **refs: str,
) -> Entry:
    """The bank took money (negative) or gave it back, and the provider asked a fee for it."""
    postings = (
        (cash(rail), money - fee),
        (bears.account(Purpose.PSP_FEE), fee),
        (disputed(partner_id), -money),
    )
    return entry(owner, name, Event.CHARGEBACK, at, postings, **refs)


def lost_entry(
    owner: str,
    partner_id: PartyId,
    money: Money,
    at: datetime,
    *,
    account: Account,
    name: str,
    **refs: str,
) -> Entry:
    """The sale stands; the bearer's account, or the driver's debt, takes the loss."""
    postings = ((account, money), (disputed(partner_id), -money))
    return entry(owner, name, Event.CHARGEBACK_LOST, at, postings, **refs)


def undone_entry(
    owner: str,
    partner_id: PartyId,
    money: Money,
    at: datetime,
    *,
    sale: Entry,
    name: str,
    **refs: str,
) -> Entry:
    """The sale is undone as far as its money is lost: everybody's part of it in proportion."""
    earned = [p for p in sale.postings if p.account.purpose not in _RECEIVABLES]
    parts = _shares(money, earned)
    postings = (
        *((posting.account, part) for posting, part in zip(earned, parts, strict=True)),
        (disputed(partner_id), -money),
    )
    return entry(owner, name, Event.CHARGEBACK_LOST, at, postings, **refs)


def _shares(money: Money, postings: Iterable[Posting]) -> list[Money]:
    """`money` in the proportion of credits of both signs; the largest one takes what is left."""
    minors = [-posting.money.minor for posting in postings]
    gross = sum(minors)
    parts = [money.minor * minor // gross for minor in minors]
    largest = max(range(len(minors)), key=lambda n: minors[n])
    parts[largest] += money.minor - sum(parts)
    return [Money(part, money.currency) for part in parts]


def loss_account(bearer: Bearer, party: str, kind: str) -> Account:
    """Where a loss goes that leaves the sale as it is."""
    if bearer is Bearer.PLATFORM:
        return Account(Purpose.LOSS, jurisdiction=f"chargeback_{kind}")
    return Burden(bearer, party).account(Purpose.LOSS)
