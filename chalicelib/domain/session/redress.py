"""What does a session's driver owe after disputes, and how did it stand at an earlier sale?"""

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import Booked, Redress, Session, SessionState

# The outcome of what was asked of the provider is not known yet.
MOVING = frozenset(
    {PaymentState.CAPTURE_REQUESTED, PaymentState.COLLECTING, PaymentState.REFUND_REQUESTED}
)


def redress_of(session: Session) -> Redress:
    return session.redress or Redress()


def with_dispute(session: Session, dispute_id: str) -> Session:
    known = redress_of(session)
    if dispute_id in known.disputes:
        return session
    return replace(session, redress=replace(known, disputes=(*known.disputes, dispute_id)))


def owed(session: Session) -> Money | None:
    """What the driver has to pay in all; None while there is no bill to tell."""
    known, zero = redress_of(session), Money.zero(session.payment.hold.currency)
    if session.state is SessionState.CREDITED:
        return zero
    if session.bill is None:
        return None
    return session.bill.gross - (known.given_back or zero)


def paid_too_much(session: Session) -> Money:
    """What was taken, was not given back and is not owed. Zero where that cannot be said."""
    payment, due = session.payment, owed(session)
    zero = Money.zero(payment.hold.currency)
    if payment.captured is None or due is None:
        return zero
    return max(payment.captured - (payment.refunded or zero) - due, zero)


def present_sale(session: Session) -> Booked | None:
    """The entry of the sale that stands, which a bill of nothing does not have."""
    gone = {credited.sale for credited in redress_of(session).credited}
    sales = (b for b in session.booked if b.name == "sale" or b.name.startswith("sale_"))
    return next((booked for booked in sales if booked.entry_id not in gone), None)


def sale_name(session: Session) -> str:
    """The name of the next sale: one after a credit is another entry."""
    times = sum(b.name == "sale" or b.name.startswith("sale_") for b in session.booked)
    return f"sale_{times + 1}" if times else "sale"


def as_sold(session: Session, entry_id: str) -> Session:
    """The session as a sale billed it that was credited since; itself for the present sale."""
    for credited in redress_of(session).credited:
        if credited.sale == entry_id:
            bill, cdr_id = credited.bill, credited.cdr_id
            return replace(session, state=SessionState.BILLED, bill=bill, cdr_id=cdr_id)
    return session


def bills_of(session: Session) -> tuple[Session, ...]:
    """The session as each of its bills had it, those that were credited too, oldest first."""
    before = tuple(
        replace(session, bill=c.bill, cdr_id=c.cdr_id, energy_kwh=c.bill.energy_kwh)
        for c in redress_of(session).credited
    )
    return before if session.bill is None else (*before, session)


def sold(entries: Iterable[Entry], sessions: dict[str, Session]) -> list[Session]:
    """One session a sale among the entries, as that sale billed it."""
    found = []
    for entry in entries:
        session = sessions.get(entry.owner.removeprefix("session#"))
        if entry.event is Event.SALE and session is not None:
            found.append(as_sold(session, entry.id))
    return found
