"""What must hold of a purse, whatever sessions reserve, settle, give back and top up?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.allotment import FundsTooLow, Reservation, new_purse

EUR = Currency("EUR")
amounts = st.integers(1, 5000)
firsts = st.integers(0, 3)


def euros(minor: int) -> Money:
    return Money(minor, EUR)


class PurseMachine(RuleBasedStateMachine):
    """The purse beside the plainest model of it: three sums."""

    reservations = Bundle("reservations")

    def __init__(self) -> None:
        super().__init__()
        self.purse = new_purse(PartyId("par_1"), PaymentMethod.PREPAID, EUR, 4)
        self.funded = self.used = self.reserved = 0

    @rule(minor=amounts)
    def top_up(self, minor: int) -> None:
        self.purse = self.purse.fund(euros(minor))
        self.funded += minor

    @rule(target=reservations, minor=amounts, first=firsts)
    def reserve(self, minor: int, first: int) -> Reservation:
        if minor > max(0, self.funded - self.used - self.reserved):
            with pytest.raises(FundsTooLow):
                self.purse.reserve(euros(minor), first)
            return Reservation(PaymentMethod.PREPAID, EUR, ())
        self.purse, reservation = self.purse.reserve(euros(minor), first)
        self.reserved += minor
        assert reservation.money == euros(minor)
        assert Reservation.read(str(reservation)) == reservation
        return reservation

    @rule(reservation=consumes(reservations))
    def give_back(self, reservation: Reservation) -> None:
        self.purse = self.purse.free(reservation)
        self.reserved -= reservation.money.minor

    @rule(reservation=consumes(reservations), share=st.integers(0, 100))
    def settle(self, reservation: Reservation, share: int) -> None:
        billed = reservation.money.minor * share // 100
        self.purse = self.purse.settle(reservation, euros(billed))
        self.reserved -= reservation.money.minor
        self.used += billed

    @rule(reservation=consumes(reservations), more=amounts)
    def settle_beyond(self, reservation: Reservation, more: int) -> None:
        billed = reservation.money.minor + more
        self.reserved -= reservation.money.minor
        self.purse = self.purse.settle(reservation, euros(billed))
        self.used += billed

    @invariant()
    def the_purse_agrees_with_its_model(self) -> None:
        parts = self.purse.allotments
        assert sum(part.funded for part in parts) == self.funded
        assert sum(part.used for part in parts) == self.used
        assert sum(part.reserved for part in parts) == self.reserved
        left = self.funded - self.used - self.reserved
        assert self.purse.available == euros(max(0, left))

    @invariant()
    def nothing_is_reserved_or_used_below_zero(self) -> None:
        for part in self.purse.allotments:
            assert part.reserved >= 0
            assert part.used >= 0


TestPurse = PurseMachine.TestCase


@given(st.lists(amounts, min_size=1, max_size=8), firsts)
def test_a_reservation_touches_one_allotment_whenever_one_suffices(
    paid: list[int], first: int
) -> None:
    purse = new_purse(PartyId("par_1"), PaymentMethod.PREPAID, EUR, 4)
    for minor in paid:
        purse = purse.fund(euros(minor))
    richest = max(part.available for part in purse.allotments)
    if richest:
        _, reservation = purse.reserve(euros(richest), first)
        assert len(reservation.parts) == 1
    everything, reservation = purse.reserve(purse.available, first)
    assert everything.available == euros(0)
    assert reservation.money == euros(sum(paid))
