"""Do session, CDR, price, payment and journal say the same of a sale, to the cent?

A difference holds what the sale owes to anybody, with its type, until it is gone. Each kind names
which two records disagree.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.entry import Entry, Event
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.reconciliation.difference import Difference, DifferenceKind
from chalicelib.domain.session.session import Bill, Session, SessionState

_RECEIVED = frozenset({Purpose.DRIVER_RECEIVABLE, Purpose.PREPAID, Purpose.INVOICE_RECEIVABLE})


def journal_differences(entry: Entry, session: Session | None) -> tuple[Difference, ...]:
    """Journal ↔ session, for any entry that a session owns."""
    if session is None:
        return (Difference(DifferenceKind.SESSION_UNKNOWN, entry.owner),)
    if not any(b.entry_id == entry.id and b.hash == entry.hash for b in session.booked):
        return (Difference(DifferenceKind.ENTRY_NOT_NAMED, entry.id),)
    if entry.event is not Event.SALE:
        return ()
    if session.state is not SessionState.BILLED or session.bill is None:
        return (Difference(DifferenceKind.NOT_BILLED, session.state.value),)
    return tuple(_bill_differences(entry, session.bill))


def billing_differences(bill: Bill, again: Bill | None) -> tuple[Difference, ...]:
    """Session ↔ CDR ↔ price. `again` is the bill computed anew, None when there is no CDR."""
    if again is None:
        return (Difference(DifferenceKind.CDR_UNKNOWN),)
    if again != bill:
        detail = f"billed {bill.gross}, computed again {again.gross}"
        return (Difference(DifferenceKind.PRICE_DIFFERS, detail),)
    return ()


def payment_differences(session: Session) -> tuple[Difference, ...]:
    """Session ↔ payment. An open or failed capture is the channel's risk and holds nobody."""
    payment, bill = session.payment, session.bill
    if bill is None or payment.method is not PaymentMethod.CARD:
        return ()
    if payment.state is not PaymentState.CAPTURED or payment.captured is None:
        return ()
    most = min(bill.gross, payment.hold, key=lambda money: money.minor)  # above it: a debt
    if session.redress or any(booked.name == "provisional" for booked in session.booked):
        # Taken for another bill: what was too much goes back as a refund.
        fits = payment.captured >= most
    else:
        fits = payment.captured == most
    if fits:
        return ()
    detail = f"billed {bill.gross}, captured {payment.captured}"
    return (Difference(DifferenceKind.CAPTURE_DIFFERS, detail),)


def booking_differences(session: Session, journal: Mapping[str, Entry]) -> tuple[Difference, ...]:
    """Session ↔ journal, from the session's side: what it says was booked and taken is there.

    `journal` has the entries by id, at least all that the session owns.
    """
    own = {booked.name: journal.get(booked.entry_id) for booked in session.booked}
    found = [
        Difference(DifferenceKind.ENTRY_MISSING, name) for name, entry in own.items() if not entry
    ]
    if session.bill is not None and not session.bill.is_of_nothing and "sale" not in own:
        found.append(Difference(DifferenceKind.SALE_MISSING, str(session.bill.gross)))
    cash, captured = own.get("cash"), session.payment.captured
    if session.payment.method is PaymentMethod.CARD and captured is not None:
        booked = _received(cash)
        if booked != captured.minor:
            detail = f"session {captured}, journal {Money(booked, captured.currency)}"
            found.append(Difference(DifferenceKind.CAPTURE_NOT_BOOKED, detail))
    return tuple(found)


def _received(cash: Entry | None) -> int:
    """What a capture's entry takes off the driver's debt, in minor units."""
    if cash is None:
        return 0
    return -sum(p.money.minor for p in cash.postings if p.account.purpose in _RECEIVED)


def _bill_differences(entry: Entry, bill: Bill) -> Iterable[Difference]:
    booked: defaultdict[Account, int] = defaultdict(int)
    for posting in entry.postings:
        booked[_general(posting.account)] += posting.money.minor
    expected = {
        Account(Purpose.CPO_PAYABLE): -bill.cpo_due.minor,
        Account(Purpose.PARTNER_PAYABLE): -bill.partner_due.minor,
        Account(Purpose.PLATFORM): -bill.platform.minor,
        Account(Purpose.DRIVER_RECEIVABLE): bill.gross.minor,
        **{
            Account(Purpose.VAT, jurisdiction=country): -due.minor
            for country, due in bill.vat_due.items()
        },
    }
    for account in sorted(booked.keys() | expected.keys()):
        if booked.get(account, 0) != expected.get(account, 0):
            code = bill.gross.currency
            journal, session = Money(booked.get(account, 0), code), expected.get(account, 0)
            detail = f"{account}: journal {journal}, session {Money(session, code)}"
            yield Difference(DifferenceKind.BILL_DIFFERS, detail)


def _general(account: Account) -> Account:
    """The account without its party; all ways to receive the gross count as one."""
    if account.purpose in _RECEIVED:
        return Account(Purpose.DRIVER_RECEIVABLE)
    return Account(account.purpose, jurisdiction=account.jurisdiction)
