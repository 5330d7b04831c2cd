"""Who bears a chargeback that is lost, and what if it is won after all?

The terms of the session's agreement decide. Where the CPO bears it the sale is undone in
proportion, so that share and commission follow the sale; where the platform or the partner does,
the sale stands. A returned direct debit, and money that was taken before any sale, is the driver's
debt.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.dispute.chargeback import (
    Chargeback,
    ChargebackKind,
    ChargebackState,
    bearer_of,
)
from chalicelib.domain.ledger.chargeback import loss_account, lost_entry, undone_entry
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.ledger.reversal import reversal_entry, reversal_name
from chalicelib.domain.ledger.sale import receivable
from chalicelib.domain.session.redress import present_sale
from chalicelib.domain.session.session import Booked, Session
from chalicelib.domain.settlement.window import window_to_book
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.session.terms import terms_of


def outcome_of(
    ports: Ports, chargeback: Chargeback, session: Session, at: datetime
) -> tuple[Chargeback, Put | None]:
    """Book a loss that is not booked, or undo one that is won after all."""
    if chargeback.state is ChargebackState.LOST:
        if chargeback.loss is not None or chargeback.taken.minor <= 0:
            return chargeback, None
        name = entry_name(chargeback)
        chargeback, entry = _lost(ports, chargeback, session, at)
    elif chargeback.loss is not None and chargeback.state in _GIVEN_BACK:
        original = _read(ports, chargeback.loss)
        booked = [known.name for known in chargeback.booked]
        name = reversal_name(original)
        entry = reversal_entry(
            original, at, booked=booked, session=session.id, dispute=chargeback.dispute_id
        )
        chargeback = replace(chargeback, bearer=None)
    else:
        return chargeback, None
    return book(chargeback, name, entry, session, at)


_GIVEN_BACK = frozenset({ChargebackState.WON, ChargebackState.CLOSED})


def entry_name(chargeback: Chargeback) -> str:
    """A bank may decide more than once."""
    return f"lost_{1 + sum(known.name.startswith('lost_') for known in chargeback.booked)}"


def book(
    chargeback: Chargeback, name: str, entry: Entry, session: Session, at: datetime
) -> tuple[Chargeback, Put]:
    """The chargeback that names the entry, and the entry's write in the CPO's window of today."""
    window = window_to_book(at, session.settlement_zone, at)
    booked = Booked(name, entry.id, window, entry.hash)
    named = replace(chargeback, booked=(*chargeback.booked, booked))
    return named, Put(keys.entry(window, entry.id), to_plain(entry))


def _lost(
    ports: Ports, chargeback: Chargeback, session: Session, at: datetime
) -> tuple[Chargeback, Entry]:
    owner, money = keys.chargeback(chargeback.id).pk, chargeback.taken
    name, partner_id = entry_name(chargeback), chargeback.partner_id
    refs = {"session": session.id, "reference": chargeback.id, "kind": chargeback.kind.value}
    refs["dispute"] = chargeback.dispute_id
    sale = present_sale(session)
    agreement = terms_of(ports, session).agreement
    bearer = bearer_of(chargeback.kind, agreement)
    if chargeback.kind is ChargebackKind.RETURNED or sale is None:
        debt = receivable(session.payment.method, partner_id)
        entry = lost_entry(owner, partner_id, money, at, account=debt, name=name, **refs)
        return chargeback, entry
    chargeback = replace(chargeback, bearer=bearer)
    if bearer is Bearer.CPO:
        read = _read(ports, sale)
        entry = undone_entry(
            owner, partner_id, money, at, sale=read, name=name, sale_entry=read.id, **refs
        )
        return chargeback, entry
    account = loss_account(bearer, partner_id, chargeback.kind.value)
    return chargeback, lost_entry(owner, partner_id, money, at, account=account, name=name, **refs)


def _read(ports: Ports, booked: Booked) -> Entry:
    item = ports.store.get(keys.entry(booked.window, booked.entry_id))
    assert item is not None, "an entry that its owner names is in the books"
    return from_plain(Entry, item.body)
