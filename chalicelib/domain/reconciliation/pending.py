"""What is about to be posted, and where? Derived from its owners: nothing is written.

Posted amounts are the journal's. A pending one is a promise of somebody's: a bank holds a driver's
money, a purse keeps a session's worst case, a bank is asked for a debit or a refund, a rail has a
payout on its way. It becomes an entry, or goes away; available is what is posted together with
what is pending against it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.effect import EffectKind
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import cash
from chalicelib.domain.ledger.payout import connected, payable
from chalicelib.domain.ledger.sale import receivable
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.payment import PaymentEvent, PaymentState, can
from chalicelib.domain.payment.top_up import OPEN, TopUp
from chalicelib.domain.session.effects import has
from chalicelib.domain.session.redress import paid_too_much
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.payout import INSTRUCTED, Payout, PayoutStage

HOLD, RESERVATION, CAPTURE, REFUND = "hold", "reservation", "capture", "refund"
TOP_UP, TOP_UP_REFUND = "top_up", "top_up_refund"
PAYOUT, IN_FLIGHT = "payout", "in_flight"


@dataclass(frozen=True, slots=True)
class Pending:
    """A debit (or, negative, a credit) that waits; `owner` is the session, payout or top-up."""

    account: Account
    money: Money
    reason: str
    owner: str


def pending(
    sessions: Iterable[Session], payouts: Iterable[Payout], top_ups: Iterable[TopUp] = ()
) -> tuple[Pending, ...]:
    """Everything that waits, by owner, in order."""
    found = [each for session in sessions for each in _of_session(session)]
    found += [each for payout in payouts for each in _of_payout(payout)]
    found += [each for top_up in top_ups for each in _of_top_up(top_up)]
    return tuple(sorted(found, key=lambda each: (each.account, each.owner, each.reason)))


def pending_sums(found: Iterable[Pending]) -> dict[tuple[Account, Currency], int]:
    """Minor units by account and currency; debit positive."""
    sums: dict[tuple[Account, Currency], int] = {}
    for each in found:
        key = (each.account, each.money.currency)
        sums[key] = sums.get(key, 0) + each.money.minor
    return sums


def _of_session(session: Session) -> Iterator[Pending]:
    payment, owner = session.payment, f"session#{session.id}"
    account = receivable(payment.method, PartyId(session.partner_id))
    card = payment.method is PaymentMethod.CARD
    if payment.state is PaymentState.AUTHORISED and not payment.is_debit:  # which secures nothing
        yield Pending(account, payment.hold, HOLD if card else RESERVATION, owner)
    if payment.state in {PaymentState.CAPTURE_REQUESTED, PaymentState.COLLECTING}:
        yield from _moving(account, _asked(session), CAPTURE, owner)
    evened = has(session, EffectKind.EVEN_OUT) and can(payment, PaymentEvent.REFUND)
    if evened or payment.state is PaymentState.REFUND_REQUESTED:
        yield from _moving(account, -paid_too_much(session), REFUND, owner)


def _asked(session: Session) -> Money:
    """What the provider is asked to take, or was and has not decided yet (a direct debit)."""
    hold = session.payment.hold
    asked = [e.detail["minor"] for e in session.effects if e.kind is EffectKind.CAPTURE]
    if asked:
        return Money(int(asked[0]), hold.currency)
    provisional = any(booked.name == "provisional" for booked in session.booked)
    due = session.running_cost if provisional or not session.bill else session.bill.gross
    return hold if due is None else min(due, hold)


def _moving(account: Account, money: Money, reason: str, owner: str) -> Iterator[Pending]:
    """`money` on its way from an account to our cash or, negative, back."""
    if money.minor:
        yield Pending(cash(), money, reason, owner)
        yield Pending(account, -money, reason, owner)


def _of_top_up(top_up: TopUp) -> Iterator[Pending]:
    account, owner = Account(Purpose.PREPAID, top_up.partner_id), f"top-up#{top_up.id}"
    if top_up.state in OPEN:
        yield from _moving(account, top_up.money, TOP_UP, owner)
    for part in top_up.refunds:
        if not part.is_decided:
            yield from _moving(account, -part.money, TOP_UP_REFUND, owner)


def _of_payout(payout: Payout) -> Iterator[Pending]:
    """Accepted is posted, and is on its way until it is credited: a bank may send it back."""
    money = payout.money
    if money is None or not money.minor:
        return
    if payout.stage is PayoutStage.ACCEPTED:
        yield Pending(connected(payout.party_id), money, IN_FLIGHT, payout.owner)
    elif payout.stage in INSTRUCTED and not payout.has_booked("payout"):
        yield Pending(payable(payout.kind, payout.party_id), money, PAYOUT, payout.owner)
