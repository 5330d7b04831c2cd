"""What is about to be posted, and where? Derived from sessions and payouts: nothing is written.

Posted amounts are the journal's. A pending one is a promise of somebody's: a bank holds a driver's
money, a purse keeps a session's worst case, a rail has a payout on its way. It becomes an entry, or
goes away; available is what is posted together with what is pending against it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.ledger.account import Account
from chalicelib.domain.ledger.cash import cash
from chalicelib.domain.ledger.payout import connected, payable
from chalicelib.domain.ledger.sale import receivable
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.payout import INSTRUCTED, Payout, PayoutStage

HOLD, RESERVATION, CAPTURE, REFUND = "hold", "reservation", "capture", "refund"
PAYOUT, IN_FLIGHT = "payout", "in_flight"


@dataclass(frozen=True, slots=True)
class Pending:
    """A debit (or, negative, a credit) that waits; `owner` is the session or payout."""

    account: Account
    money: Money
    reason: str
    owner: str


def pending(sessions: Iterable[Session], payouts: Iterable[Payout]) -> tuple[Pending, ...]:
    """Everything that waits, by owner, in order."""
    found = [each for session in sessions for each in _of_session(session)]
    found += [each for payout in payouts for each in _of_payout(payout)]
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
    match payment.state:
        case PaymentState.AUTHORISED:
            yield Pending(account, payment.hold, HOLD if card else RESERVATION, owner)
        case PaymentState.CAPTURE_REQUESTED:
            taken = payment.hold if session.bill is None else min(session.bill.gross, payment.hold)
            yield Pending(cash(), taken, CAPTURE, owner)
            yield Pending(account, -taken, CAPTURE, owner)
        case PaymentState.REFUND_REQUESTED if session.bill and payment.captured:
            back = payment.captured - session.bill.gross
            yield Pending(account, back, REFUND, owner)
            yield Pending(cash(), -back, REFUND, owner)


def _of_payout(payout: Payout) -> Iterator[Pending]:
    """Accepted is posted, and is on its way until it is credited: a bank may send it back."""
    money = payout.money
    if money is None or not money.minor:
        return
    if payout.stage is PayoutStage.ACCEPTED:
        yield Pending(connected(payout.party_id), money, IN_FLIGHT, payout.owner)
    elif payout.stage in INSTRUCTED and not payout.has_booked("payout"):
        yield Pending(payable(payout.kind, payout.party_id), money, PAYOUT, payout.owner)
