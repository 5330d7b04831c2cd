"""How does a payee's debt stand in the books once it is invoiced, and when the claim is paid?

payable (in debit) --claim--> claim_receivable --claim_paid--> cash
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import RAIL, cash
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Money


def claim_receivable(party_id: PartyId) -> Account:
    return Account(Purpose.CLAIM_RECEIVABLE, party_id)


def claim_entry(
    owner: str, account: Account, sums: Iterable[Money], at: datetime, **refs: str
) -> Entry:
    """What `account`, the payee's payable, has in debit is now owed by invoice."""
    receivable = claim_receivable(PartyId(account.party))
    postings = [pair for money in sums for pair in ((receivable, money), (account, -money))]
    return entry(owner, "claim", Event.CLAIM, at, postings, **refs)


def claim_paid_entry(
    owner: str,
    party_id: PartyId,
    money: Money,
    at: datetime,
    *,
    rail: str = RAIL,
    name: str = "claim_paid",
    **refs: str,
) -> Entry:
    """The payee paid a claim, or part of it."""
    postings = ((cash(rail), money), (claim_receivable(party_id), -money))
    return entry(owner, name, Event.CLAIM_PAID, at, postings, **refs)
