"""Do sessions that reserve at once ever take more than a partner has? Whatever their order."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.allotment import FundsTooLow, Reservation
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases.partner.purse import Kept, read_purse, writes_of
from sandbox.memory.ports import MemoryPorts

EUR, PARTNER = Currency("EUR"), PartyId("par_1")
PREPAID = PaymentMethod.PREPAID


def _kept(ports: MemoryPorts) -> Kept:
    return read_purse(ports, PARTNER, PREPAID, EUR)


def _funded(minor: int) -> MemoryPorts:
    ports = MemoryPorts()
    empty = _kept(ports)
    ports.store.write(*writes_of(empty, empty.purse.fund(Money(minor, EUR))))
    return ports


def _free(ports: MemoryPorts) -> int:
    """What is left of the purse as a whole, negative where bills took more than there was."""
    return sum(part.free_or_owed for part in _kept(ports).purse.allotments)


def _reserved(ports: MemoryPorts, minor: int, first: int) -> Reservation:
    kept = _kept(ports)
    purse, reservation = kept.purse.reserve(Money(minor, EUR), first)
    ports.store.write(*writes_of(kept, purse))
    return reservation


def _billed(bills: list[int]) -> MemoryPorts:
    """A purse of 40 cents after a session of each of its four allotments, which held 10 each."""
    ports = _funded(40)
    held = [_reserved(ports, 10, first) for first in range(4)]
    for reservation, bill in zip(held, bills, strict=True):
        kept = _kept(ports)
        ports.store.write(*writes_of(kept, kept.purse.settle(reservation, Money(bill, EUR))))
    return ports


def _session(ports: MemoryPorts, minor: int, first: int, bill: int) -> Iterator[bool]:
    """Reserves, then is billed, each time read again when another was faster; True: it reserved.

    Between reading and writing it is interrupted. Its bill may be above what it had reserved.
    """
    while True:
        kept = _kept(ports)
        yield False
        try:
            purse, reservation = kept.purse.reserve(Money(minor, EUR), first)
            ports.store.write(*writes_of(kept, purse))
        except FundsTooLow:
            return
        except WriteConflict:
            continue
        yield True
        break
    while True:
        kept = _kept(ports)
        yield False
        try:
            ports.store.write(*writes_of(kept, kept.purse.settle(reservation, Money(bill, EUR))))
        except WriteConflict:
            continue
        return


@given(
    st.lists(st.integers(0, 30), min_size=4, max_size=4),
    st.lists(
        st.tuples(st.integers(1, 10), st.integers(0, 3), st.integers(0, 30)),
        min_size=1,
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_what_is_reserved_is_never_more_than_what_is_left(
    bills: list[int], wishes: list[tuple[int, int, int]], random: Random
) -> None:
    ports = _billed(bills)
    running = [_session(ports, *wish) for wish in wishes]
    while running:
        session = random.choice(running)
        reserved = next(session, None)
        if reserved is None:
            running.remove(session)
        assert not reserved or _free(ports) >= 0, "more was reserved than there was"
        purse = _kept(ports).purse
        assert all(part.available >= 0 for part in purse.allotments)
    assert not any(part.reserved for part in _kept(ports).purse.allotments)


def test_starts_that_read_together_do_not_each_reserve_beside_a_debt() -> None:
    ports = _billed([20, 0, 0, 0])
    assert _free(ports) == 20
    together = [_kept(ports) for _ in range(3)]
    conflicts = 0
    for first, kept in enumerate(together, 1):
        purse, _ = kept.purse.reserve(Money(10, EUR), first)
        try:
            ports.store.write(*writes_of(kept, purse))
        except WriteConflict:
            conflicts += 1
    assert conflicts == 2
    _reserved(ports, 10, 2)
    with pytest.raises(FundsTooLow):
        _reserved(ports, 10, 3)


def test_a_start_that_read_one_allotment_before_a_bill_and_the_rest_after_it_reads_again() -> None:
    """A batch of reads is no snapshot: each allotment says itself whether any of them owes."""
    ports = _funded(40)
    held = [_reserved(ports, 10, first) for first in range(4)]
    before = _kept(ports)
    kept = before
    ports.store.write(*writes_of(kept, kept.purse.settle(held[0], Money(50, EUR))))
    kept = _kept(ports)
    ports.store.write(*writes_of(kept, kept.purse.free(held[1])))
    after = _kept(ports)
    parts = (before.purse.allotments[0], *after.purse.allotments[1:])
    versions = (before.versions[0], *after.versions[1:])
    torn = Kept(replace(after.purse, allotments=parts), versions)
    purse, _ = torn.purse.reserve(Money(10, EUR), 1)
    with pytest.raises(WriteConflict):
        ports.store.write(*writes_of(torn, purse))
    with pytest.raises(FundsTooLow):
        _reserved(ports, 10, 1)


def test_without_a_debt_sessions_do_not_wait_for_each_other() -> None:
    ports = _funded(40)
    together = [_kept(ports) for _ in range(4)]
    for first, kept in enumerate(together):
        purse, _ = kept.purse.reserve(Money(10, EUR), first)
        ports.store.write(*writes_of(kept, purse))
    assert _free(ports) == 0
    kept = _kept(ports)
    assert len(writes_of(kept, kept.purse.fund(Money(1, EUR)))) == 1


def test_once_a_debt_is_filled_sessions_do_not_wait_any_more() -> None:
    ports = _billed([20, 0, 0, 0])
    kept = _kept(ports)
    ports.store.write(*writes_of(kept, kept.purse.fund(Money(20, EUR))))
    kept = _kept(ports)
    assert not any(part.owing for part in kept.purse.allotments)
    assert len(writes_of(kept, kept.purse.reserve(Money(10, EUR), 0)[0])) == 1
