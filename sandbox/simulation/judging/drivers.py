"""Did each driver and partner pay what was billed, once, and is the rest named?"""

from collections import Counter
from datetime import date

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain
from chalicelib.domain.payment.allotment import Allotment
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.lifecycle import OPEN
from chalicelib.domain.session.redress import redress_of
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.payments import HoldState
from chalicelib.usecases import keys
from sandbox.memory.world import PARTNERS
from sandbox.simulation.judging.found import TOPPED_UP, Found, Lines, kept, taken_back

_DEBT = (PaymentState.CAPTURE_FAILED, PaymentState.RELEASED, PaymentState.RELEASE_REQUESTED)


def nobody_is_charged_twice(found: Found) -> Lines:
    """By the provider's own record: what each driver paid is the bill, or held, or a named debt."""
    for id_, holds in found.holds.items():
        if id_.startswith("top_"):  # a partner's own (purses_hold_what_runs)
            continue
        session = found.sessions.get(id_)
        taken = [hold for hold in holds if hold.captured is not None]
        if len(taken) > 1 and not _together(session):
            yield f"{id_} was captured {len(taken)} times"
        goes_on = session is not None and session.state in OPEN  # named stuck, for people
        if any(hold.state is HoldState.HELD for hold in holds) and not goes_on:
            yield f"a hold of {id_} is forgotten"
        if session is None:
            if taken:
                yield f"{id_} was captured and is no session"
            continue
        net = sum(kept(hold) for hold in taken)
        yield from _charged(found, session, net)


def _together(session: Session | None) -> bool:
    """A payment may own several holds (payment/holds.py): then what counts is their sum."""
    others = None if session is None else session.payment.others
    return any(other.captured is not None for other in others or ())


def _charged(found: Found, session: Session, net: int) -> Lines:
    bill = session.bill
    if bill is None:
        held = session.state is SessionState.ENDED and "provisional" in session.detail
        if net and not held:
            yield f"{session.id} is {session.state.value} and {net} was kept of its driver"
        return
    owed = found.billed(session)
    if net > owed:
        yield f"{session.id} is billed {bill.gross}, owes {owed}, its driver paid {net}"
    limit = min(owed, session.payment.hold.minor)
    provisional = any(booked.name == "provisional" for booked in session.booked)
    card = session.payment.method is PaymentMethod.CARD
    # A card that was paid back before the CDR in place of the credited one came: the driver's debt.
    paid_back = session.payment.state is PaymentState.REFUNDED and redress_of(session).credited
    debt = paid_back or session.payment.state in _DEBT
    if card and net < limit and not (provisional or debt):
        yield f"{session.id} is billed {bill.gross}, its driver paid only {net}"


def purses_hold_what_runs(found: Found) -> Lines:
    """When all is over nothing is reserved, and what is used is what was billed."""
    table = found.history.table
    for method in (PaymentMethod.PREPAID, PaymentMethod.INVOICE):
        parts = [
            from_plain(Allotment, item.body)
            for number in range(keys.ALLOTMENTS)
            if (item := table.get(keys.allotment(PARTNERS[method], number, f"{method.value}#EUR")))
        ]
        own = [s for s in found.sessions.values() if s.payment.method is method]
        running = sum(
            session.payment.hold.minor
            for session in own
            if session.payment.state is PaymentState.AUTHORISED
        )
        reserved, used = sum(p.reserved for p in parts), sum(p.used for p in parts)
        if reserved != running:
            yield f"{method.value}: {reserved} is reserved, {running} is running"
        billed = sum(found.billed(session) for session in own if session.bill is not None)
        paid = found.history.acts.invoices_paid * (method is PaymentMethod.INVOICE)
        if used != billed - paid:
            yield f"{method.value}: {used} is used, {billed} is billed, {paid} paid"
        funded = sum(p.funded for p in parts)
        if method is PaymentMethod.PREPAID and funded != TOPPED_UP + _topped_up(found):
            yield f"{funded} is on the balance, {TOPPED_UP + _topped_up(found)} was paid in"


def _topped_up(found: Found) -> int:
    """What came in through the provider and did not go back, by its own record."""
    return sum(
        kept(hold) for id_, holds in found.holds.items() if id_.startswith("top_") for hold in holds
    ) - sum(taken_back(found).values())


def nobody_spends_more_than_allowed(found: Found) -> Lines:
    """Of what was held for the drivers of a token, on each day, whatever began at once."""
    spent: Counter[tuple[str, date]] = Counter()
    for session in found.sessions.values() if found.history.acts.budgets else ():
        bill, hold = session.bill, session.payment.hold.minor
        if bill is not None:
            day = session.requested_at.date()
            spent[session.token_id, day] += min(bill.gross.minor, hold)
    for (token, day), minor in spent.items():
        most = found.history.acts.budgets.get(token)
        if most is not None and minor > most:
            yield f"{token} spent {minor} on {day}, of {most}"
