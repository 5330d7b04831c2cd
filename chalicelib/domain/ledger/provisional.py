"""What is booked when money is taken before the CDR came, and when it comes?"""

from datetime import datetime

from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.ledger.reversal import reversal_entry
from chalicelib.domain.money import Money

AWAITING_CDR = "awaiting_cdr"


def provisional_entry(
    owner: str,
    receivable: Account,
    cpo_id: PartyId,
    money: Money,
    at: datetime,
    *,
    reason: str = AWAITING_CDR,
    **refs: str,
) -> Entry:
    """A completed session is captured before its hold lapses; nobody earns it until the CDR.

    `receivable` is the account that the sale will be charged to (ledger.sale.receivable).
    """
    postings = (
        (receivable, money),
        (Account(Purpose.HELD, cpo_id, reason), -money),
    )
    return entry(owner, "provisional", Event.PROVISIONAL, at, postings, **refs)


def provisional_reversed_entry(original: Entry, at: datetime, **refs: str) -> Entry:
    """For a provisional entry whose CDR came, in one transaction with the sale.

    A gross below what was captured leaves the rest owing to the driver: refund it.
    """
    assert original.event is Event.PROVISIONAL, "only a provisional entry is settled by a sale"
    name, event = "provisional_reversed", Event.PROVISIONAL_REVERSED
    return reversal_entry(original, at, name=name, event=event, **refs)
