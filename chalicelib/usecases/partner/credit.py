"""How is a session secured by a partner's balance or credit limit?

Each function reads the purse and returns the writes for the caller's own transaction, with the
payment after them. The writes expect the versions that were read: on a WriteConflict the caller
reads and decides again.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.payment.allotment import FundsTooLow, Purse, Reservation
from chalicelib.domain.payment.payment import Payment, PaymentEvent, PaymentState, advance
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Write, WriteConflict
from chalicelib.usecases.keys import ALLOTMENTS
from chalicelib.usecases.partner.purse import Kept, places_of, purses_of, read_purse, writes_of

__all__ = ["Balance", "FundsTooLow", "Reserved", "balances_of", "extend_reservation"]
__all__ += ["give_back", "refund", "reserve", "settle"]


@dataclass(frozen=True, slots=True)
class Reserved:
    """The payment after a change of its reservation, and the writes that make it so."""

    payment: Payment
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """A purse in one sum. On invoice `funded` is the limit and `used` what is owed."""

    method: PaymentMethod
    funded: Money
    used: Money
    reserved: Money
    available: Money


def reserve(ports: Ports, agreement: Agreement, money: Money) -> Reserved:
    """Secure a session's worst case; FundsTooLow when the purse has less."""
    method = agreement.payment_method
    assert method is not PaymentMethod.CARD, "a card is held at the provider"
    kept = read_purse(ports, agreement.partner_id, method, money.currency)
    # A fresh id is as good as a die: sessions that start together begin at different allotments.
    first = int(ports.ids.new("turn")[-8:], 16) % ALLOTMENTS
    purse, reservation = kept.purse.reserve(money, first)
    payment = Payment(method, PaymentState.AUTHORISED, money, str(reservation))
    return Reserved(payment, writes_of(kept, purse))


def extend_reservation(
    ports: Ports, partner_id: PartyId, payment: Payment, wanted: Money
) -> Reserved | None:
    """Raise a reservation to `wanted` in all; None when the purse has too little."""
    more = wanted - payment.hold
    if more.minor <= 0:
        return Reserved(payment, ())
    held = Reservation.read(payment.source)
    kept = _kept(ports, partner_id, payment)
    try:
        purse, added = kept.purse.reserve(more, held.parts[0].number if held.parts else 0)
    except FundsTooLow:
        return None
    source = str(held.plus(added))
    return Reserved(replace(payment, hold=wanted, source=source), writes_of(kept, purse))


def give_back(ports: Ports, partner_id: PartyId, payment: Payment) -> Reserved:
    """Free a session's reservation: nothing was billed."""
    kept = _kept(ports, partner_id, payment)
    held = Reservation.read(payment.source)
    _still_reserved(kept, held)
    purse = kept.purse.free(held)
    released = advance(advance(payment, PaymentEvent.RELEASE), PaymentEvent.RELEASED)
    return Reserved(released, writes_of(kept, purse))


def settle(ports: Ports, partner_id: PartyId, payment: Payment, money: Money) -> Reserved:
    """Bill a session to the purse, all of it, and free the rest of its reservation.

    Beyond the reservation and what the purse has left, the partner owes the rest, in the purse as
    in the books: `reason` says so, and the next top-up fills it first.
    """
    kept = _kept(ports, partner_id, payment)
    held = Reservation.read(payment.source)
    if payment.state is not PaymentState.AUTHORISED:  # given back before the charger reported
        held = replace(held, parts=())
    _still_reserved(kept, held)
    most = held.money + kept.purse.available
    writes = writes_of(kept, kept.purse.settle(held, money))
    reason = "" if money <= most else FundsTooLow.code
    if payment.state is PaymentState.AUTHORISED:
        payment = advance(advance(payment, PaymentEvent.CAPTURE), PaymentEvent.CAPTURED)
    return Reserved(replace(payment, captured=money, reason=reason), writes)


def refund(ports: Ports, partner_id: PartyId, payment: Payment, money: Money) -> Reserved:
    """Give billed money back to the purse it was taken from."""
    assert payment.captured is not None, "only what was billed is given back"
    assert money <= payment.captured, "at most what was billed"
    kept = _kept(ports, partner_id, payment)
    refunded = advance(advance(payment, PaymentEvent.REFUND), PaymentEvent.REFUNDED)
    return Reserved(replace(refunded, refunded=money), writes_of(kept, kept.purse.repay(money)))


def balances_of(ports: Ports, partner_id: PartyId) -> list[Balance]:
    """The sums of a partner's purses, by method and currency; none for one that pays by card."""
    return [balance_of(purse) for purse in purses_of(ports, partner_id)]


def balance_of(purse: Purse) -> Balance:
    def money(minor: int) -> Money:
        return Money(minor, purse.currency)

    return Balance(
        method=purse.method,
        funded=money(sum(a.funded for a in purse.allotments)),
        used=money(sum(a.used for a in purse.allotments)),
        reserved=money(sum(a.reserved for a in purse.allotments)),
        available=purse.available,
    )


def _still_reserved(kept: Kept, held: Reservation) -> None:
    """The purse is read after the session: what is no longer in it, somebody freed in between.

    Then the session that we hold is outdated too. Read again and decide again.
    """
    reserved = {allotment.number: allotment.reserved for allotment in kept.purse.allotments}
    if any(part.minor > reserved.get(part.number, 0) for part in held.parts):
        raise WriteConflict(places_of(kept))


def _kept(ports: Ports, partner_id: PartyId, payment: Payment) -> Kept:
    return read_purse(ports, partner_id, payment.method, payment.hold.currency)
