"""How is a partner's balance or credit limit shared out, so that sessions do not queue for it?

A purse (prepaid or invoice, one currency) is kept in N allotments. A session reserves from one of
them, or from several when no single one has enough. None is ever reserved beyond what it has: a
purse at zero refuses the next session. Only a bill may exceed it, since energy that was delivered
is owed: then its allotment stands below zero by exactly what the books say that the partner owes,
and the next top-up fills that first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency, Money


class FundsTooLow(Conflict):
    """Also when the partner has no purse in the currency at all: it has nothing available."""

    code = "funds_too_low"

    def __init__(
        self, partner_id: PartyId, method: PaymentMethod, needed: Money, left: Money
    ) -> None:
        what = "balance" if method is PaymentMethod.PREPAID else "credit"
        super().__init__(f"{needed} needed, {left} {what} left")
        self.partner_id, self.needed, self.left = partner_id, needed, left
        self.how_to_fix = (
            f"top up the prepaid balance in {needed.currency}"
            if method is PaymentMethod.PREPAID
            else f"pay open invoices or agree on a higher limit in {needed.currency}"
        )


@dataclass(frozen=True, slots=True)
class Allotment:
    """Minor units. `funded`: paid in (prepaid) or its part of the limit (invoice); `used`: billed
    and, on invoice, not paid yet; `reserved`: for sessions that run. `owing`: some allotment of the
    purse is below zero, so that what this one has left is not all free.
    """

    partner_id: PartyId
    number: int
    method: PaymentMethod
    currency: Currency
    funded: int = 0
    used: int = 0
    reserved: int = 0
    owing: bool = False

    @property
    def available(self) -> int:
        return max(0, self.free_or_owed)

    def reserve(self, minor: int) -> "Allotment":
        assert 0 <= minor <= self.available, "never below zero, never over the limit"
        return replace(self, reserved=self.reserved + minor)

    def free(self, minor: int) -> "Allotment":
        assert 0 <= minor <= self.reserved, "only what was reserved is freed"
        return replace(self, reserved=self.reserved - minor)

    def bill(self, reserved: int, used: int) -> "Allotment":
        """Turn a reservation into use. Allowed even where the limit was lowered meanwhile."""
        assert 0 <= used <= reserved <= self.reserved, "at most what was reserved"
        return replace(self, reserved=self.reserved - reserved, used=self.used + used)

    @property
    def free_or_owed(self) -> int:
        """What is left, negative where bills took more than there was."""
        return self.funded - self.used - self.reserved

    def use(self, minor: int) -> "Allotment":
        """What was delivered is owed, whether it is there or not."""
        assert minor >= 0, "a bill is not negative"
        return replace(self, used=self.used + minor)

    def withdraw(self, minor: int) -> "Allotment":
        """Funds that were reserved leave the purse: they were paid back to their source."""
        assert 0 <= minor <= self.reserved, "only what was reserved leaves"
        return replace(self, reserved=self.reserved - minor, funded=self.funded - minor)


@dataclass(frozen=True, slots=True)
class Part:
    number: int
    minor: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a session holds of a purse. Its text is kept as the payment's source."""

    method: PaymentMethod
    currency: Currency
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        parts = ",".join(f"{part.number}={part.minor}" for part in self.parts)
        return f"{self.method.value}:{self.currency}:{parts}"

    @classmethod
    def read(cls, text: str) -> "Reservation":
        method, code, listed = text.split(":")
        pairs = (pair.split("=") for pair in listed.split(",") if pair)
        parts = tuple(Part(int(number), int(minor)) for number, minor in pairs)
        return cls(PaymentMethod(method), Currency(code), parts)

    def plus(self, more: "Reservation") -> "Reservation":
        """Both reservations of one purse as one."""
        sums: dict[int, int] = {}
        for part in (*self.parts, *more.parts):
            sums[part.number] = sums.get(part.number, 0) + part.minor
        return replace(self, parts=tuple(Part(number, minor) for number, minor in sums.items()))

    @property
    def money(self) -> Money:
        return Money(sum(part.minor for part in self.parts), self.currency)


@dataclass(frozen=True, slots=True)
class Purse:
    """All allotments of one method and currency, in order of their numbers."""

    partner_id: PartyId
    method: PaymentMethod
    currency: Currency
    allotments: tuple[Allotment, ...]

    @property
    def available(self) -> Money:
        """What sessions may still reserve: one part's debt counts against the others."""
        free = sum(a.free_or_owed for a in self.allotments)
        return Money(max(0, free), self.currency)

    @property
    def owing(self) -> bool:
        return any(a.free_or_owed < 0 for a in self.allotments)

    def reserve(self, money: Money, first: int) -> tuple["Purse", Reservation]:
        """Reserve, beginning the search at allotment `first`; FundsTooLow when all have too little.

        Only the allotments that are touched change, so that other sessions are not disturbed.
        """
        parts = self._parts(money, first)
        taken = {part.number: part.minor for part in parts}
        changed = (a.reserve(taken.get(a.number, 0)) for a in self.allotments)
        reservation = Reservation(self.method, self.currency, parts)
        return replace(self, allotments=tuple(changed)), reservation

    def free(self, reservation: Reservation) -> "Purse":
        held = {part.number: part.minor for part in reservation.parts}
        changed = (a.free(held.get(a.number, 0)) for a in self.allotments)
        return replace(self, allotments=tuple(changed))

    def settle(self, reservation: Reservation, money: Money) -> "Purse":
        """Free what was reserved and use what was billed, all of it.

        Beyond the reservation the richest allotments pay; beyond the purse one of them owes.
        """
        allotments = list(self.allotments)
        left = money.minor
        for part in reservation.parts:  # where it was reserved: nothing else is touched
            used = min(part.minor, left)
            allotments[part.number] = allotments[part.number].bill(part.minor, used)
            left -= used
        billed = replace(self, allotments=tuple(allotments))
        home = reservation.parts[0].number if reservation.parts else 0
        return billed.use(Money(left, money.currency), home) if left else billed

    def use(self, money: Money, first: int) -> "Purse":
        """Bill what was not reserved; what is not there, allotment `first` owes."""
        there = min(money, Money(sum(a.available for a in self.allotments), self.currency))
        more = {part.number: part.minor for part in self._found(there, first)}
        more[first] = more.get(first, 0) + (money - there).minor
        changed = (a.use(more.get(a.number, 0)) for a in self.allotments)
        return replace(self, allotments=tuple(changed))

    def withdraw(self, reservation: Reservation) -> "Purse":
        """Let reserved funds leave the purse for good."""
        held = {part.number: part.minor for part in reservation.parts}
        changed = (a.withdraw(held.get(a.number, 0)) for a in self.allotments)
        return replace(self, allotments=tuple(changed))

    def fund(self, money: Money) -> "Purse":
        """Spread more funds (or, negative, less limit) over the allotments, to level them."""
        targets = self._levelled(money)
        changed = (
            replace(a, funded=a.funded + more)
            for a, more in zip(self.allotments, targets, strict=True)
        )
        return replace(self, allotments=tuple(changed))

    def repay(self, money: Money) -> "Purse":
        """Take back use: an invoice was paid, or a bill was corrected. Any excess is a credit."""
        left = money.minor
        changed = []
        for allotment in self.allotments:
            back = min(left, max(0, allotment.used))
            changed.append(replace(allotment, used=allotment.used - back))
            left -= back
        changed[0] = replace(changed[0], used=changed[0].used - left)
        return replace(self, allotments=tuple(changed))

    def _parts(self, money: Money, first: int) -> tuple[Part, ...]:
        if self.available < money:
            raise FundsTooLow(self.partner_id, self.method, money, self.available)
        return self._found(money, first)

    def _found(self, money: Money, first: int) -> tuple[Part, ...]:
        """One allotment that has enough, else as few as possible."""
        assert money.currency == self.currency, "a purse has one currency"
        count = len(self.allotments)
        turned = [self.allotments[(first + i) % count] for i in range(count)]
        for allotment in turned:
            if allotment.available >= money.minor:
                return (Part(allotment.number, money.minor),)
        return _fewest(turned, money.minor)

    def _levelled(self, money: Money) -> Sequence[int]:
        """The shares of `money` that bring the allotments' free funds as level as can be."""
        free = [a.free_or_owed for a in self.allotments]
        level = Money(sum(free) + money.minor, self.currency).split([1] * len(free))
        return [goal.minor - has for goal, has in zip(level, free, strict=True)]


def _fewest(allotments: Iterable[Allotment], minor: int) -> tuple[Part, ...]:
    """The richest allotments first: as few writes as the sum needs."""
    parts = []
    left = minor
    for allotment in sorted(allotments, key=lambda a: -a.available):
        if not left:
            break
        part = min(left, allotment.available)
        parts.append(Part(allotment.number, part))
        left -= part
    return tuple(parts)


def new_purse(partner_id: PartyId, method: PaymentMethod, code: Currency, count: int) -> Purse:
    """An empty purse of `count` allotments."""
    allotments = tuple(Allotment(partner_id, number, method, code) for number in range(count))
    return Purse(partner_id, method, code, allotments)
