"""Which holds secure a payment? The first one, and others where it was too small or too old.

A card's hold can be raised only where the provider's account allows it, and it lapses
(`capture_before`). So a payment may own several: a further one for more money, or a later one that
replaces all before it. In sum they are captured once; what is not needed is given back.

use      | becomes  | when
asked    | secures  | the provider holds it, and it is still needed
asked    | spare    | it is held (or waits for the bank) and is not needed
asked    | gone     | declined, or never made
secures  | spare    | a later hold replaced it; the session ended without it
secures  | taken    | captured
spare    | gone     | given back
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import OtherHold, OtherUse, Payment

_FIRST = 1


@dataclass(frozen=True, slots=True)
class Secured:
    """One hold that money can be taken from."""

    number: int
    reference: str
    money: Money


def secured(payment: Payment) -> tuple[Secured, ...]:
    """The holds that secure the payment, the first one first; in sum they are its `hold`."""
    further = tuple(
        Secured(other.number, other.reference, other.money)
        for other in payment.others or ()
        if other.use is OtherUse.SECURES
    )
    own = payment.hold.minor - sum(held.money.minor for held in further)
    first = Secured(payment.number or _FIRST, payment.reference, Money(own, payment.hold.currency))
    return (first, *further)


def taken(payment: Payment) -> tuple[Secured, ...]:
    """What was captured, by hold; in sum it is `captured`."""
    assert payment.captured is not None, "only what was captured was taken"
    further = tuple(
        Secured(other.number, other.reference, other.captured)
        for other in payment.others or ()
        if other.captured is not None
    )
    own = payment.captured.minor - sum(held.money.minor for held in further)
    first = Secured(
        payment.number or _FIRST, payment.reference, Money(own, payment.captured.currency)
    )
    return (first, *further)


def other(payment: Payment, number: int) -> OtherHold:
    return next(known for known in payment.others or () if known.number == number)


def waits(payment: Payment) -> bool:
    """Whether a hold was asked for and is not known yet."""
    return any(known.use is OtherUse.ASKED for known in payment.others or ())


def asked(payment: Payment, money: Money, *, replaces: bool = False) -> tuple[Payment, int]:
    """The payment that is about to ask for another hold, and that hold's number."""
    numbers = [payment.number or _FIRST, *(known.number for known in payment.others or ())]
    number = max(numbers) + 1
    added = OtherHold(number, money, OtherUse.ASKED, replaces=replaces or None)
    return replace(payment, others=(*(payment.others or ()), added)), number


def placed(payment: Payment, number: int, reference: str, before: datetime | None) -> Payment:
    """The provider holds it: it secures more, or it takes the place of all before it."""
    new = other(payment, number)
    if not new.replaces:
        known = changed(payment, number, OtherUse.SECURES, reference)
        earlier = [at for at in (payment.capture_before, before) if at is not None]
        return replace(
            known, hold=payment.hold + new.money, capture_before=min(earlier, default=None)
        )
    old = [
        OtherHold(held.number, held.money, OtherUse.SPARE, held.reference)
        for held in secured(payment)
    ]
    rest = [
        known
        for known in payment.others or ()
        if known.number != number and known.use is not OtherUse.SECURES
    ]
    return replace(
        payment,
        reference=reference,
        number=number,
        hold=new.money,
        capture_before=before,
        others=(*rest, *old),
    )


def changed(payment: Payment, number: int, use: OtherUse, reference: str = "") -> Payment:
    """The payment with another use of one of its other holds."""

    def after(known: OtherHold) -> OtherHold:
        if known.number != number:
            return known
        return replace(known, use=use, reference=reference or known.reference)

    others = tuple(after(known) for known in payment.others or ())
    used = replace(payment, others=others)
    left = _secures(others) - _secures(payment.others or ())
    if use is OtherUse.SECURES or not left:
        return used
    return replace(used, hold=Money(payment.hold.minor + left, payment.hold.currency))


def spared(payment: Payment) -> tuple[Payment, tuple[int, ...]]:
    """The payment whose further holds are not needed, and the numbers of those to give back."""
    numbers = tuple(known.number for known in payment.others or () if known.use is OtherUse.SECURES)
    for number in numbers:
        payment = changed(payment, number, OtherUse.SPARE)
    return payment, numbers


def captured(payment: Payment, parts: Iterable[tuple[int, Money]]) -> Payment:
    """The payment of which these holds were taken; `captured` is their sum."""
    money = dict(parts)
    total = Money(sum(part.minor for part in money.values()), payment.hold.currency)

    def after(known: OtherHold) -> OtherHold:
        if known.number not in money:
            return known
        return replace(known, use=OtherUse.TAKEN, captured=money[known.number])

    others = None if payment.others is None else tuple(after(known) for known in payment.others)
    return replace(payment, captured=total, others=others)


def _secures(others: Iterable[OtherHold]) -> int:
    return sum(known.money.minor for known in others if known.use is OtherUse.SECURES)
