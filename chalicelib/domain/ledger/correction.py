"""How is a sale corrected by a decision about it? Part of it is undone, or somebody bears the part.

Undone is everybody's leg in proportion. Corrections of one sale are figured from their sum so far,
so that they never drift: once they reach the whole sale, every leg is back to the cent.
"""

from datetime import datetime

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.ids import EntryId, PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import Burden
from chalicelib.domain.ledger.entry import Entry, Event, Posting, entry
from chalicelib.domain.money import Money

RECEIVABLES = frozenset({Purpose.DRIVER_RECEIVABLE, Purpose.PREPAID, Purpose.INVOICE_RECEIVABLE})


def correction_entry(
    sale: Entry, before: Money, money: Money, at: datetime, *, name: str, **refs: str
) -> Entry:
    """`money` more of a sale is undone, of which `before` was undone already."""
    owed = next(p.account for p in sale.postings if p.account.purpose in RECEIVABLES)
    postings = ((owed, -money), *undone_shares(sale, before, money))
    return entry(sale.owner, name, Event.CORRECTION, at, postings, sale=sale.id, **refs)


def undone_shares(sale: Entry, before: Money, money: Money) -> tuple[tuple[Account, Money], ...]:
    """Everybody's debit when `money` more of a sale is undone, of which `before` was already."""
    gross, legs = _legs(sale)
    assert 0 < money.minor <= gross - before.minor, "at most what is left of the sale"
    until, done = _shares(before + money, legs, gross), _shares(before, legs, gross)
    return tuple(
        (leg.account, Money(now - then, money.currency))
        for leg, now, then in zip(legs, until, done, strict=True)
    )


def borne_entry(
    sale: Entry, burden: Burden, why: str, money: Money, at: datetime, *, name: str, **refs: str
) -> Entry:
    """The sale stands, and its VAT; `burden` gives the driver `money` back."""
    owed = next(p.account for p in sale.postings if p.account.purpose in RECEIVABLES)
    postings = ((_loss(burden, why), money), (owed, -money))
    return entry(sale.owner, name, Event.CORRECTION, at, postings, sale=sale.id, **refs)


def conceded_entry(
    owner: str, cpo_id: PartyId, money: Money, at: datetime, *, name: str, **refs: str
) -> Entry:
    """The CPO was right after all; the driver has the agreed price, so the platform pays.

    `refs` name the `sale`, where there is one: a bill of nothing has none.
    """
    loss = _loss(Burden(), "price_difference")
    postings = ((loss, money), (Account(Purpose.CPO_PAYABLE, cpo_id), -money))
    return entry(owner, name, Event.CORRECTION, at, postings, **refs)


def corrects(correction: Entry) -> EntryId | None:
    """The sale of which this entry undoes a part, or about which it decides."""
    named = correction.refs.get("sale") or correction.refs.get("sale_entry")
    return None if named is None else EntryId(named)


def _loss(burden: Burden, why: str) -> Account:
    if burden.bearer is Bearer.PLATFORM:
        return Account(Purpose.LOSS, jurisdiction=why)
    return burden.account(Purpose.LOSS)


def _legs(sale: Entry) -> tuple[int, tuple[Posting, ...]]:
    """What the driver owed by the sale, and what everybody earned."""
    legs = tuple(p for p in sale.postings if p.account.purpose not in RECEIVABLES)
    return -sum(leg.money.minor for leg in legs), legs


def _shares(money: Money, legs: tuple[Posting, ...], gross: int) -> list[int]:
    """`money` in the legs' proportion, as debits; the largest leg takes what rounding leaves."""
    earned = [-leg.money.minor for leg in legs]
    parts = [(2 * money.minor * each + gross) // (2 * gross) for each in earned]  # half up
    parts[max(range(len(earned)), key=lambda n: earned[n])] += money.minor - sum(parts)
    return parts
