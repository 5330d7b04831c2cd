"""How is a dispute written? With the row by which people and the sweeper find it."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.codec import to_plain
from chalicelib.domain.dispute.dispute import Cause, Dispute, DisputeState, Reason
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Money
from chalicelib.domain.session.session import Booked, Session
from chalicelib.domain.settlement.window import window_to_book
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Delete, Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.effect.waiting import rows_of
from chalicelib.usecases.payment.booking import book
from chalicelib.usecases.records import Record, load


def loaded(ports: Ports, dispute_id: str) -> Record[Dispute]:
    return load(ports.store, keys.dispute(dispute_id), Dispute, "dispute")


def about(
    session: Session, id_: str, cause: Cause, reason: Reason, money: Money, at: datetime
) -> Dispute:
    """A dispute of a session before its first step."""
    return Dispute(
        id=id_,
        partner_id=PartyId(session.partner_id),
        session_id=session.id,
        cpo_id=session.cpo_id,
        cause=cause,
        reason=reason,
        state=DisputeState.OPEN,
        money=money,
        opened_at=at,
    )


def writes_of(dispute: Dispute, version: int | None, at: datetime) -> tuple[Write, ...]:
    """For one transaction, rows first; `version` is None for a new one."""
    key = keys.dispute(dispute.id)
    listed = Key(keys.disputes_open(), dispute.id)
    put = Put(
        key,
        to_plain(dispute),
        expects=ABSENT if version is None else version,
        pending=len(dispute.due(at)),
    )
    row: Write = Delete(listed) if dispute.over else Put(listed, {}, expects=None)
    rows = rows_of(dispute, key.pk)
    return (*rows, row, put) if version is None or dispute.over else (*rows, put)


def booked_for(
    session: Session, dispute: Dispute, name: str, entry: Entry, at: datetime
) -> tuple[Session, Dispute, Put]:
    """The entry is the session's, so that it is settled with it; the dispute names it too."""
    session, write = book(session, name, entry, at)
    window = window_to_book(session.ended_at or at, session.settlement_zone, at)
    booked = Booked(name, entry.id, window, entry.hash)
    return session, replace(dispute, booked=(*dispute.booked, booked)), write
